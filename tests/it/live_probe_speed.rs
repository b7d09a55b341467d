//! What asking a large fleet costs. In a release build: ten thousand endpoints in a few seconds and little memory.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::support::live_server::good;
use crate::support::{folder, plimsoll, write};

/// Loopback addresses, for a host has sixteen requests at once. Linux has all of 127.0.0.0/8.
const HOSTS: usize = if cfg!(target_os = "linux") { 20 } else { 1 };
/// Services, each on a port of its own, and the endpoints of each.
const SIZE: (usize, usize) = (500, 20);
/// Longest time for all of them, on a machine that has other work too.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 10 });
/// Most memory with 64 threads, in kB.
const MOST_KB: u64 = 64 << 10;

/// A port that answers one connection after the other.
fn serve(host: &str) -> u16 {
    let listener = TcpListener::bind((host, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let answer = good();
        for mut stream in listener.incoming().map_while(Result::ok) {
            drop(reply(&mut stream, &answer));
        }
    };
    // There are many of them.
    std::thread::Builder::new().stack_size(64 << 10).spawn(serve).unwrap();
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

#[test]
fn a_large_fleet_is_asked_in_a_few_seconds() {
    let (services, endpoints) = SIZE;
    let count = services * endpoints;
    let folder = folder("live-speed");
    let mut plan = "[health]\npath = \"/health\"\nexpect = { status = \"ok\" }\n".to_owned();
    for at in 1..endpoints {
        write!(plan, "\n[services.contracts.c{at}]\npath = \"/{at}\"\nport = \"health\"\nexpect = {{ status = \"ok\" }}\n")
            .unwrap();
    }
    for host in 1..=HOSTS {
        write!(plan, "\n[machines.m{host}]\nhost = \"127.0.0.{host}\"\n").unwrap();
    }
    plan.push_str("\n[services.rows]\n");
    for at in 0..services {
        let host = 1 + at % HOSTS;
        let port = serve(&format!("127.0.0.{host}"));
        writeln!(plan, "service-{at} = {{ on = [\"m{host}\"], ports = \"{}/{port}\" }}", 1 + at).unwrap();
    }
    write(&folder.join("plimsoll.toml"), plan);
    for threads in ["64", "16"] {
        let start = Instant::now();
        let run = plimsoll(&folder, &["validate-fleet", "--concurrency", threads, "--format", "json"]);
        let took = start.elapsed();
        println!("{count} endpoints, {threads} threads: {took:?}, {:?} CPU, {} kB", run.cpu, run.peak_kb);
        assert_eq!(run.code, Some(0), "{}{}", run.stdout.chars().take(2_000).collect::<String>(), run.stderr);
        assert_eq!(run.json()["checked"]["files"]["endpoint"], count);
        assert!(took < LONGEST, "{took:?}");
        assert!(run.peak_kb < MOST_KB, "{} kB", run.peak_kb);
    }
}
