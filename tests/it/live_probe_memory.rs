//! What a fleet may cost whatever it sends: memory does not grow with its answers.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use crate::support::{Run, folder, plimsoll, write};

/// Loopback addresses. Linux has all of 127.0.0.0/8.
const HOSTS: usize = if cfg!(target_os = "linux") { 20 } else { 1 };
/// Endpoints, each at a port with nine others.
const ENDPOINTS: usize = 200;
/// Most memory, in kB, with as much as is read of metrics at every endpoint.
const MOST_KB: u64 = 128 << 10;
/// Longest body of metrics that is read, in bytes.
const LONGEST: usize = 8 << 20;

/// A port that gives one answer to every request, one thread per connection.
fn serve(host: &str, answer: Arc<Vec<u8>>) -> u16 {
    let listener = TcpListener::bind((host, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || drop(reply(&mut stream, &answer)));
        }
    });
    port
}

fn reply(stream: &mut TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let (mut buffer, mut filled) = ([0; 1_024], 0);
    while !buffer[..filled].ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer[filled..])? {
            0 => return Ok(()),
            count => filled += count,
        }
    }
    stream.write_all(answer)
}

/// A fleet whose endpoints all have this contract and this answer.
fn ask(name: &str, contract: &str, media: &str, body: &[u8], arguments: &[&str]) -> Run {
    let folder = folder(name);
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n", body.len())
            .into_bytes();
    answer.extend(body);
    let answer = Arc::new(answer);
    let mut plan = String::new();
    for at in 0..10 {
        write!(plan, "[services.contracts.c{at}]\npath = \"/{at}\"\nport = \"health\"\n{contract}\n\n")
            .unwrap();
    }
    for host in 1..=HOSTS {
        write!(plan, "[machines.m{host}]\nhost = \"127.0.0.{host}\"\n\n").unwrap();
    }
    plan.push_str("[services.rows]\n");
    for at in 0..ENDPOINTS / 10 {
        let host = 1 + at % HOSTS;
        let port = serve(&format!("127.0.0.{host}"), Arc::clone(&answer));
        writeln!(plan, "service-{at} = {{ on = [\"m{host}\"], ports = \"{}/{port}\" }}", 1 + at).unwrap();
    }
    write(&folder.join("plimsoll.toml"), plan);
    let start = Instant::now();
    let fixed = ["validate-fleet", "--format", "json", "--timeout", "30s"];
    let run = plimsoll(&folder, &[&fixed[..], arguments].concat());
    println!(
        "{name}: {ENDPOINTS} endpoints, {} kB each: {:?}, {:?} CPU, {} kB",
        body.len() >> 10,
        start.elapsed(),
        run.cpu,
        run.peak_kb
    );
    assert_eq!(run.json()["checked"]["files"]["endpoint"], ENDPOINTS);
    run
}

/// As many lines as the cap takes.
fn lines(line: impl Fn(usize) -> String) -> Vec<u8> {
    let mut body = String::with_capacity(LONGEST);
    for at in 0.. {
        let line = line(at);
        if body.len() + line.len() > LONGEST {
            break;
        }
        body.push_str(&line);
    }
    body.into_bytes()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes too long without optimisations")]
fn long_bodies_are_held_a_few_at_a_time() {
    let contract = "format = \"prometheus\"";
    let short = lines(|at| format!("http_requests_total{{code=\"{at:07}\"}} 1\n"));
    let wide = lines(|at| {
        format!(
            "http_requests_total{{code=\"200\",method=\"get\",path=\"/items/with/a/long/name/{at:07}\"}} 1\n"
        )
    });
    for (name, body) in [("memory-short", short), ("memory-wide", wide)] {
        let run = ask(name, contract, "text/plain; version=0.0.4", &body, &[]);
        assert_eq!(run.code, Some(0), "{}", run.stdout.chars().take(2_000).collect::<String>());
        assert!(run.peak_kb < MOST_KB, "{} kB", run.peak_kb);
    }
}

/// How fast bodies as long as they may be are read, of the shapes that exporters write.
#[test]
#[cfg_attr(debug_assertions, ignore = "takes too long without optimisations")]
fn metrics_are_read_fast() {
    let gauges = lines(|at| format!("node_cpu_seconds{{cpu=\"{}\",mode=\"idle\"}} {at}.25\n", at));
    let buckets = lines(|at| match at % 12 {
        0 => format!("# HELP http_{at} Requests.\n# TYPE http_{at} histogram\n"),
        of => format!("http_{}_bucket{{path=\"/items\",le=\"{of}\"}} {of}\n", at - of),
    });
    let names = lines(|at| format!("# TYPE process_{at}_total counter\nprocess_{at}_total {at}\n"));
    for (name, body) in [("samples", gauges), ("histograms", buckets), ("families", names)] {
        let start = Instant::now();
        let read = plimsoll::syntax::metrics::parse(&body, false);
        let took = start.elapsed();
        let speed = body.len() as f64 / 1e6 / took.as_secs_f64();
        println!("metrics of {} kB, {name}: {took:.2?}, {speed:.0} MB/s", body.len() >> 10);
        assert!(!read.families.is_empty() && speed > 5.0, "{speed}");
    }
}
