//! Registries that answer too much, too late, or not at all.

use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{
    Client, ClientOptions, Dead, ImageAddress, Kind, Reply, Repository, Sent, Server, Shelf, client,
    manifest, refusal, sha256, web,
};

#[test]
fn hostile_answers_end_with_a_reason() {
    let head = |filler: &str| {
        format!("HTTP/1.1 200 x\r\nx-y: {filler}\r\ncontent-length: 2\r\n\r\n{{}}").into_bytes()
    };
    let many = format!("HTTP/1.1 200 x\r\n{}\r\n", "a: b\r\n".repeat(100_000));
    for (name, body, kinds) in [
        ("endless", Sent::Endless, [Kind::Refused; 2]),
        ("five megabytes", Sent::Bytes(vec![b' '; 5 << 20]), [Kind::Refused; 2]),
        ("head of a megabyte", Sent::Raw(head(&"x".repeat(1 << 20))), [Kind::Refused, Kind::Protocol]),
        ("many headers", Sent::Raw(many.into_bytes()), [Kind::Refused, Kind::Protocol]),
        ("garbage", Sent::Raw(b"\0\xff garbage\r\n\r\n".to_vec()), [Kind::Protocol, Kind::Unreachable]),
        ("nothing", Sent::Raw(Vec::new()), [Kind::Unreachable; 2]),
        (
            "cut off",
            Sent::Raw(b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\n{}".to_vec()),
            [Kind::Unreachable; 2],
        ),
    ] {
        let server = Server::start(move |_| Reply::sent(body.clone()));
        let start = Instant::now();
        let error = refusal(&server);
        assert!(kinds.contains(&error.kind), "{name}: {:?} {error}", error.kind);
        assert!(start.elapsed() < Duration::from_secs(10), "{name}");
    }
    let schema1 = Server::start(|_| {
        Reply::new(200, r#"{"schemaVersion":1}"#)
            .header("content-type", "application/vnd.docker.distribution.manifest.v1+prettyjws")
    });
    let error = refusal(&schema1);
    assert!(error.kind == Kind::Refused && error.message.contains("schema 1"), "{error}");
}

#[test]
fn time_is_bounded_for_one_request_and_for_all() {
    let quick = |timeout: u64, deadline: u64| {
        let (timeout, deadline) = (Duration::from_millis(timeout), Duration::from_millis(deadline));
        Client::new(ClientOptions { timeout, deadline, ..ClientOptions::default() })
    };
    let dead = Dead::new();
    let at = |address: &str| Repository::new(Some(address), "org/web").unwrap();
    let start = Instant::now();
    let client = quick(300, 60_000);
    let error = client.manifest(&at(&dead.address), "1").unwrap_err();
    assert!(error.kind == Kind::Unreachable && error.message.contains("300ms"), "{error}");
    let drip = Server::start(|_| Reply::sent(Sent::Drip));
    assert_eq!(quick(300, 60_000).manifest(&at(&drip.address), "1").unwrap_err().kind, Kind::Unreachable);
    let silent = Server::start(|_| Reply::sent(Sent::Nothing));
    assert_eq!(quick(300, 60_000).manifest(&at(&silent.address), "1").unwrap_err().kind, Kind::Unreachable);
    let error = quick(60_000, 300).manifest(&at(&silent.address), "1").unwrap_err();
    assert!(error.kind == Kind::Deadline && error.message.contains("deadline of 300ms passed"), "{error}");
    // A layer may take longer than one request, but not stop.
    let stopping =
        Server::start(|_| Reply::sent(Sent::Raw(b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nab".to_vec())));
    let mut broken = quick(300, 60_000).blob(&at(&stopping.address), &sha256(b""), 9).unwrap();
    assert!(broken.read_to_end(&mut Vec::new()).is_err());
    let mut dripping = quick(300, 1_000).blob(&at(&drip.address), &sha256(b""), 100_000).unwrap();
    let (mut bytes, began) = (Vec::new(), Instant::now());
    let error = dripping.read_to_end(&mut bytes).unwrap_err();
    assert!(bytes.len() > 8 && began.elapsed() > Duration::from_millis(500), "{}", bytes.len());
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (std::io::ErrorKind::TimedOut, "no more of it came in time")
    );
    // Twice without an answer is enough.
    assert_eq!(client.manifest(&at(&dead.address), "1").unwrap_err().kind, Kind::Unreachable);
    let before = Instant::now();
    let error = client.manifest(&at(&dead.address), "1").unwrap_err();
    assert!(
        error.message.contains("not asked again") && before.elapsed() < Duration::from_millis(200),
        "{error}"
    );
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn faults_that_pass_are_tried_once_more() {
    type Fault = fn() -> Reply;
    let cases: [(&str, Fault, bool); 5] = [
        ("503", || Reply::new(503, ""), true),
        ("reset", || Reply::sent(Sent::Raw(Vec::new())), true),
        ("429 with a short wait", || Reply::new(429, "").header("retry-after", "1"), true),
        ("429 with a long wait", || Reply::new(429, "").header("retry-after", "3600"), false),
        (
            "429 with a date",
            || Reply::new(429, "").header("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"),
            false,
        ),
    ];
    for (name, fault, passes) in cases {
        let (shelf, count) = (Shelf::of(&[web("org/web:1")]), AtomicUsize::new(0));
        let server = Server::start(move |seen| match count.fetch_add(1, Ordering::SeqCst) {
            0 => fault(),
            _ => shelf.answer(seen),
        });
        assert_eq!(manifest(&server).is_ok(), passes, "{name}");
    }
    let always = Server::start(|_| Reply::new(503, ""));
    assert_eq!(refusal(&always).kind, Kind::Unreachable);
    assert_eq!(always.seen().len(), 2);
}

#[test]
fn one_host_has_eight_connections_at_most() {
    let (now, most) = (AtomicUsize::new(0), std::sync::Arc::new(AtomicUsize::new(0)));
    let (shelf, of_server) = (Shelf::of(&[web("org/web:1")]), std::sync::Arc::clone(&most));
    let server = Server::start(move |seen| {
        of_server.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        now.fetch_sub(1, Ordering::SeqCst);
        shelf.answer(seen)
    });
    let client = client();
    let address = ImageAddress::parse(&format!("{}/org/web:1", server.address)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| client.manifest(&address.repository, address.wanted()).unwrap());
        }
    });
    assert!((2..=8).contains(&most.load(Ordering::SeqCst)), "{most:?}");
    assert!(server.connections() <= 8, "{}", server.connections());
}
