//! What asking a large fleet costs. In a release build: ten thousand endpoints in a few seconds and little memory.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::live_server::good;
use crate::support::{Run, folder, plimsoll, write};

/// Loopback addresses, for a host has sixteen requests at once. Linux has all of 127.0.0.0/8.
const HOSTS: usize = if cfg!(target_os = "linux") { 20 } else { 1 };
/// Services, each on a port of its own, and the endpoints of each.
const SIZES: [(usize, usize); 3] = [(66, 1), (50, 20), (500, 20)];
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

/// A port that takes every connection and says nothing.
fn hang(host: &str) -> u16 {
    let listener = TcpListener::bind((host, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).collect::<Vec<_>>());
    port
}

/// A fleet of so many services with so many endpoints each; of ten services the last one hangs, if any do.
fn fleet(name: &str, (services, endpoints): (usize, usize), hangs: bool) -> PathBuf {
    let folder = folder(name);
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
        let address = format!("127.0.0.{host}");
        let port = if hangs && at % 10 == 9 { hang(&address) } else { serve(&address) };
        writeln!(plan, "service-{at} = {{ on = [\"m{host}\"], ports = \"{}/{port}\" }}", 1 + at).unwrap();
    }
    write(&folder.join("plimsoll.toml"), plan);
    folder
}

/// Asks it, prints what that costs, and returns the time.
fn measure(folder: &Path, count: usize, threads: &str, arguments: &[&str]) -> (Run, Duration) {
    let start = Instant::now();
    let fixed = ["validate-fleet", "--concurrency", threads, "--format", "json"];
    let run = plimsoll(folder, &[&fixed[..], arguments].concat());
    let took = start.elapsed();
    println!(
        "{count} endpoints, {threads} threads {}: {took:.2?}, {:.2?} CPU, {} kB",
        arguments.join(" "),
        run.cpu,
        run.peak_kb
    );
    assert_eq!(run.json()["checked"]["files"]["endpoint"], count);
    assert!(run.peak_kb < MOST_KB, "{} kB", run.peak_kb);
    (run, took)
}

#[test]
fn a_large_fleet_is_asked_in_a_few_seconds() {
    let size = SIZES[2];
    let folder = fleet("live-speed", size, false);
    for threads in ["64", "16"] {
        let (run, took) = measure(&folder, size.0 * size.1, threads, &[]);
        assert_eq!(run.code, Some(0), "{}{}", run.stdout.chars().take(2_000).collect::<String>(), run.stderr);
        assert!(took < LONGEST, "{took:?}");
    }
}

/// What hangs costs its timeout, shared by all threads, and nothing else.
#[test]
#[ignore = "takes half a minute: benches/probe.sh runs it"]
fn fleets_of_every_size_with_endpoints_that_hang() {
    for size in SIZES {
        let count = size.0 * size.1;
        let hanging = size.0 / 10 * size.1;
        let name = format!("live-speed-{count}");
        let (good, _) = measure(&fleet(&name, size, false), count, "64", &[]);
        assert_eq!(good.code, Some(0), "{}", good.stderr);
        let folder = fleet(&format!("{name}-hang"), size, true);
        let (run, took) = measure(&folder, count, "64", &["--timeout", "1s"]);
        assert_eq!(run.findings().len(), hanging);
        let rounds = u32::try_from(hanging.div_ceil(64)).unwrap();
        assert!(took < LONGEST + rounds * Duration::from_secs(1), "{took:?}");
    }
}
