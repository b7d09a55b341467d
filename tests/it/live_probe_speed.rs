//! What asking a large fleet costs. In a release build: ten thousand endpoints in a few seconds and little memory.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::support::live_server::good;
use crate::support::{folder, plimsoll, write};

/// Loopback addresses, for a host has sixteen requests at once. Linux has all of 127.0.0.0/8.
const HOSTS: usize = if cfg!(target_os = "linux") { 20 } else { 1 };
/// Endpoints, and the longest time for all of them.
const SIZE: (usize, Duration) = match cfg!(debug_assertions) {
    true => (10_000, Duration::from_secs(20)),
    false => (10_000, Duration::from_secs(10)),
};
/// Most memory with 64 threads, in kB.
const MOST_KB: u64 = 64 << 10;

/// Answers every connection on the same few threads.
fn serve(host: usize) -> u16 {
    let listener = TcpListener::bind(format!("127.0.0.{}:0", host + 1)).unwrap();
    let port = listener.local_addr().unwrap().port();
    for _ in 0..2 {
        let listener = listener.try_clone().unwrap();
        std::thread::spawn(move || {
            let answer = good();
            for mut stream in listener.incoming().map_while(Result::ok) {
                drop(reply(&mut stream, &answer));
            }
        });
    }
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
    let (count, longest) = SIZE;
    let folder = folder("live-speed");
    let mut plan = "[health]\npath = \"/health\"\nexpect = { status = \"ok\" }\n".to_owned();
    let ports: Vec<u16> = (0..HOSTS).map(serve).collect();
    for host in 0..HOSTS {
        write!(plan, "\n[machines.m{host}]\nhost = \"127.0.0.{}\"\n", host + 1).unwrap();
    }
    plan.push_str("\n[services.rows]\n");
    for at in 0..count {
        let (host, port) = (at % HOSTS, ports[at % HOSTS]);
        writeln!(
            plan,
            "service-{at} = {{ on = [\"m{host}\"], ports = \"{}/{port}\", contracts = {{ health = {{ path = \"/{at}\" }} }} }}",
            1 + at
        )
        .unwrap();
    }
    write(&folder.join("plimsoll.toml"), plan);
    for threads in ["64", "16"] {
        let start = Instant::now();
        let run = plimsoll(&folder, &["validate-fleet", "--concurrency", threads, "--format", "json"]);
        let took = start.elapsed();
        println!("{count} endpoints, {threads} threads: {took:?}, {:?} CPU, {} kB", run.cpu, run.peak_kb);
        assert_eq!(run.code, Some(0), "{}{}", run.stdout.chars().take(2_000).collect::<String>(), run.stderr);
        assert_eq!(run.json()["checked"]["files"]["endpoint"], count);
        assert!(took < longest, "{took:?}");
        assert!(run.peak_kb < MOST_KB, "{} kB", run.peak_kb);
    }
}
