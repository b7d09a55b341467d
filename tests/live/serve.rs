//! The service that runs in the containers of tests/live: a program of its own, for images that hold nothing else.
//!
//!     serve ADDRESS:PORT...           answers GET /health
//!     serve as ID ADDRESS:PORT...     the same, as another user and group
//!     serve check                     ends with 0 when $HEALTH (ADDRESS:PORT) is healthy
//!     serve end CODE                  ends
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["check"] => check(&std::env::var("HEALTH").unwrap_or_default()),
        ["end", code] => std::process::exit(code.parse().unwrap()),
        ["as", id, ref addresses @ ..] => {
            let id = id.parse().unwrap();
            let failed = Command::new("/bin/serve").args(addresses).gid(id).uid(id).exec();
            panic!("{failed}");
        }
        _ => {}
    }
    let listeners = words.into_iter().map(|address| TcpListener::bind(address).unwrap());
    let threads: Vec<_> = listeners.map(|listener| std::thread::spawn(move || serve(listener))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn serve(listener: TcpListener) {
    for stream in listener.incoming().map_while(Result::ok) {
        std::thread::spawn(|| answer(stream));
    }
}

fn answer(mut stream: TcpStream) {
    let mut seen = Vec::new();
    let mut buffer = [0; 1024];
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") && seen.len() < 16_384 {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    let (status, body) = match seen.starts_with(b"GET /health ") {
        true => ("200 OK", "{\"status\":\"ok\"}"),
        false => ("404 Not Found", "{}"),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close");
    // Whoever asked may be gone.
    let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
}

fn check(address: &str) {
    let is_healthy = is_healthy(address);
    if !is_healthy {
        println!("nobody healthy at {address}");
    }
    std::process::exit(i32::from(!is_healthy));
}

fn is_healthy(address: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut text = String::new();
    stream.set_read_timeout(Some(Duration::from_secs(1))).is_ok()
        && stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").is_ok()
        && stream.read_to_string(&mut text).is_ok()
        && text.contains("\"ok\"")
}
