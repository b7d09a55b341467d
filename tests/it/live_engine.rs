//! Engines that are played: as they should be, and with every fault.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::engine_server::{Containers, EngineServer, Play};
use crate::support::{Run, folder, plimsoll, write};

const PLAN: &str = "[user]\nuid = 10001\ngid = 10001\n\n[services.rows]\nweb = { ports = \"7212/8212\" }\n";

/// A folder with a plan; socket paths are short, so that a socket fits there.
fn place(name: &str) -> PathBuf {
    let place = folder(name);
    write(&place.join("plimsoll.toml"), PLAN);
    place
}

fn judge(place: &Path, engine: &str, arguments: &[&str]) -> (Run, Duration) {
    let start = Instant::now();
    let fixed = ["validate-fleet", "--format", "json", "--engine", engine];
    let run = plimsoll(place, &[&fixed[..], arguments].concat());
    let took = start.elapsed();
    println!("{arguments:?}: exit {:?}, {took:?}, {:?} of CPU, {} kB", run.code, run.cpu, run.peak_kb);
    (run, took)
}

fn web() -> Containers {
    let mut containers = Containers::default();
    containers.add("web", &json!({}));
    containers
}

#[test]
fn only_get_is_asked() {
    let place = place("le_get");
    let containers = web();
    let server = EngineServer::start(&place, move |_, path| containers.answer(path));
    let (run, _) = judge(&place, &server.url(), &["--select", "live-user"]);
    assert!(matches!(run.code, Some(0 | 1)), "{run:?}");
    assert_eq!(run.json()["checked"]["files"]["container"], 1);
    let seen = server.seen();
    assert!(seen.iter().all(|request| request.starts_with("GET ")), "{seen:?}");
    for path in [
        "/containers/json?all=true",
        "/top?ps_args=-eo%20pid%2Cppid%2Cuid%2Cgid%2Ccomm",
        "/archive?path=/usr/local/cuda/version.json",
    ] {
        assert!(seen.iter().any(|request| request.ends_with(path)), "{path}: {seen:?}");
    }
}

/// What nothing else tells is asked inside, when the user allows it, and only then.
#[test]
fn programs_are_started_only_when_allowed() {
    let place = place("le_exec");
    let mut containers = Containers::default();
    containers.add(
        "web",
        &json!({
            "HostConfig": {"NetworkMode": "one"},
            "NetworkSettings": {"Networks": {"one": {"IPAddress": "127.0.0.1"}}, "Ports": {}},
        }),
    );
    let table =
        ["1C2C", "2014"].map(|port| format!(" 0: 00000000:{port} 00000000:0000 0A 0 0 0 1 0 7\n")).concat();
    let mut stream = vec![1, 0, 0, 0, 0, 0, 0, u8::try_from(table.len()).unwrap()];
    stream.extend(table.as_bytes());
    let server = EngineServer::start(&place, move |method, path| match (method, path) {
        ("POST", path) if path.ends_with("/exec") => {
            Play::Answer(201, json!({"Id": "e1"}).to_string().into())
        }
        ("POST", "/exec/e1/start") => Play::Answer(200, stream.clone()),
        ("GET", "/exec/e1/json") => Play::json(&json!({"ExitCode": 0})),
        ("GET", path) => containers.answer(path),
        _ => Play::Hang,
    });
    for (arguments, posts, open) in [(&[][..], 0, 1), (&["--allow-exec"], 2, 0)] {
        let before = server.seen().len();
        let (run, _) = judge(&place, &server.url(), &[&["--select", "live-port"], arguments].concat());
        let report = run.json();
        assert!(run.findings().is_empty(), "{arguments:?}: {run:?}");
        assert_eq!(report["open"].as_array().map(Vec::len), Some(open), "{arguments:?}: {}", report["open"]);
        let asked = server.seen()[before..].iter().filter(|request| request.starts_with("POST ")).count();
        assert_eq!(asked, posts, "{arguments:?}: {:?}", server.seen());
    }
}

/// What is wrong with an engine itself ends the call with its reason, in time, and without a report of nothing.
#[test]
fn broken_engines_end_the_call() {
    let id = format!("{:064x}", 1);
    let many: Value = (0..10_001).map(|at| json!({"Id": format!("{at:064x}")})).collect();
    let error =
        |status| Play::Answer(status, json!({"message": "something \u{1b}[2J broke"}).to_string().into());
    let cases: Vec<(&str, &str, Play, &str)> = vec![
        ("list hangs", "/containers/json", Play::Hang, "no answer within 0.5s"),
        ("list drips", "/containers/json", Play::Drip, "no answer within 0.5s"),
        ("list is endless", "/containers/json", Play::Endless, "more than 16777216 bytes"),
        ("list is garbage", "/containers/json", Play::Raw(b"SSH-2.0-OpenSSH\r\n".to_vec()), "no HTTP"),
        ("list closes", "/containers/json", Play::Raw(Vec::new()), "no Docker Engine can be asked"),
        (
            "list is no JSON",
            "/containers/json",
            Play::Answer(200, b"<html>".to_vec()),
            "not that of a Docker Engine",
        ),
        ("list is an object", "/containers/json", Play::json(&json!({})), "not that of a Docker Engine"),
        ("list has no ids", "/containers/json", Play::json(&json!([{"Names": ["/a"]}])), "without an id"),
        ("list of texts", "/containers/json", Play::json(&json!(["a"])), "without an id"),
        ("list is huge", "/containers/json", Play::json(&many), "more than 10000 containers"),
        (
            "ids lead elsewhere",
            "/containers/json",
            Play::json(&json!([{"Id": "../images/x"}])),
            "an id that is none",
        ),
        ("list fails", "/containers/json", error(500), "status 500: something"),
        ("list is empty", "/containers/json", Play::json(&json!([])), "no containers"),
        ("list is missing", "/containers/json", Play::no("page not found"), "not that of a Docker Engine"),
        ("deep", "/containers/json", Play::Answer(200, vec![b'['; 1 << 20]), "not that of a Docker Engine"),
        ("inspect hangs", "/json", Play::Hang, "no answer within 0.5s"),
        ("inspect fails", "/json", error(500), "status 500: something"),
        ("inspect is a list", "/json", Play::json(&json!([])), "not that of a Docker Engine"),
        ("inspect is endless", "/json", Play::Endless, "more than 2097152 bytes"),
        ("image hangs", "/images/", Play::Hang, "no answer within 0.5s"),
    ];
    let place = place("le_broken");
    for (at, (name, part, play, words)) in cases.into_iter().enumerate() {
        let (containers, id) = (web(), id.clone());
        let sub = place.join(at.to_string());
        std::fs::create_dir_all(&sub).unwrap();
        let part = if part == "/json" { format!("/containers/{id}/json") } else { part.to_owned() };
        let server = EngineServer::start(&sub, move |_, path| match path.starts_with(&part) {
            true => play.clone(),
            false => containers.answer(path),
        });
        let (run, took) = judge(&place, &server.url(), &["--timeout", "500ms"]);
        assert_eq!(run.code, Some(2), "{name}: {run:?}");
        assert!(run.stderr.contains(words), "{name}: {}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "{name}: {}", run.stderr);
        assert!(took < Duration::from_secs(6), "{name}: {took:?}");
        assert!(run.peak_kb < 160 * 1024, "{name}: {} kB", run.peak_kb);
    }
}

#[test]
fn nobody_at_the_socket() {
    let place = place("le_nobody");
    drop(std::os::unix::net::UnixListener::bind(place.join("dead.sock")).unwrap());
    write(&place.join("file"), "");
    for (path, words) in [("absent.sock", "No such file"), ("dead.sock", "refused"), ("file", "refused")] {
        let path = place.join(path);
        let (run, _) = judge(&place, &format!("unix://{}", path.display()), &[]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(
            run.stderr.contains(&*path.to_string_lossy()) && run.stderr.contains(words),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("--engine unix:///PATH"), "{}", run.stderr);
    }
}

/// A queue of connections that nobody takes blocks a caller without a limit of its own.
#[test]
fn an_engine_that_takes_no_connections() {
    let place = place("le_queue");
    let socket = place.join("s.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let fill = socket.clone();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for _ in 0..5_000 {
            held.extend(std::os::unix::net::UnixStream::connect(&fill));
        }
    });
    std::thread::sleep(Duration::from_millis(300));
    let (run, took) = judge(&place, &format!("unix://{}", socket.display()), &["--timeout", "500ms"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("no answer within 0.5s"), "{}", run.stderr);
    assert!(took < Duration::from_secs(3), "{took:?}");
}

/// What only one answer about a container is worth never ends the call.
#[test]
fn faults_of_one_container_are_its_own() {
    let place = place("le_parts");
    let plays = [
        ("top", Play::Hang),
        ("top", Play::Answer(500, b"x".to_vec())),
        ("top", Play::json(&json!({"Titles": 7, "Processes": {}}))),
        ("archive", Play::Hang),
        ("archive", Play::Answer(500, Vec::new())),
        ("archive", Play::Endless),
        ("archive", Play::Answer(200, b"no archive".repeat(600))),
        ("archive", Play::Raw(vec![0xff; 40_000])),
    ];
    for (at, (part, play)) in plays.into_iter().enumerate() {
        let containers = web();
        let sub = place.join(at.to_string());
        std::fs::create_dir_all(&sub).unwrap();
        let server = EngineServer::start(&sub, move |_, path| match path.contains(&format!("/{part}?")) {
            true => play.clone(),
            false => containers.answer(path),
        });
        let (run, took) = judge(&place, &server.url(), &["--timeout", "300ms", "--select", "live-user"]);
        assert!(matches!(run.code, Some(0 | 1)), "{part} {at}: {run:?}");
        assert_eq!(run.json()["checked"]["files"]["container"], 1, "{part} {at}");
        let open = run.json()["open"].to_string();
        assert_eq!(open.contains("live-user"), part == "top", "{part} {at}: {open}");
        assert!(took < Duration::from_secs(5), "{part} {at}: {took:?}");
    }
}

/// What was listed and is gone when it is asked for is no container any more.
#[test]
fn containers_that_vanish() {
    let place = place("le_vanish");
    let mut containers = web();
    let gone = containers.add("gone", &json!({}));
    let server = EngineServer::start(&place, move |_, path| match path.contains(&gone) {
        true => Play::no(&format!("No such container: {gone}")),
        false => containers.answer(path),
    });
    let (run, _) = judge(&place, &server.url(), &["--select", "live-user"]);
    assert_eq!(run.json()["checked"]["files"]["container"], 1, "{run:?}");
}

#[test]
fn all_at_once_in_little_memory() {
    let place = place("le_many");
    let mut containers = Containers::default();
    for at in 0..500 {
        containers.add(&format!("web-{at}"), &json!({}));
    }
    let server = EngineServer::start(&place, move |_, path| {
        std::thread::sleep(Duration::from_millis(10));
        containers.answer(path)
    });
    let (run, took) = judge(&place, &server.url(), &["--select", "live-user"]);
    assert_eq!(run.json()["checked"]["files"]["container"], 500, "{run:?}");
    // One after the other would take 25 s.
    assert!(took < Duration::from_secs(12), "{took:?}");
    assert!(run.peak_kb < 96 * 1024, "{} kB", run.peak_kb);
    assert_eq!(server.seen().iter().filter(|request| request.contains("/images/")).count(), 1);
}

/// A deadline holds for all answers together, however good each of them is.
#[test]
fn the_deadline_holds() {
    let place = place("le_deadline");
    let mut containers = Containers::default();
    for at in 0..200 {
        containers.add(&format!("web-{at}"), &json!({}));
    }
    let server = EngineServer::start(&place, move |_, path| {
        std::thread::sleep(Duration::from_millis(200));
        containers.answer(path)
    });
    let (run, took) = judge(&place, &server.url(), &["--deadline", "1s", "--select", "live-user"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("the deadline of 1s passed"), "{}", run.stderr);
    assert!(took < Duration::from_secs(4), "{took:?}");
}
