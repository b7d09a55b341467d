//! Images of an engine, played by a server on a Unix socket.
#![cfg(unix)]

use std::io::{BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;

use serde_json::json;

use crate::support::registry_server::read_request;
use crate::support::{folder, plimsoll_with_env, write};

/// Answers every request with what `answer` says of its path, in chunks as Docker does.
fn start(socket: &Path, answer: impl Fn(&str) -> (u16, String) + Send + 'static) {
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let Some(seen) = read_request(&mut BufReader::new(&stream)) else { continue };
            assert_eq!(seen.method, "GET");
            let (status, body) = answer(&seen.path);
            let (first, second) = body.split_at(body.len() / 2);
            let chunk = |text: &str| match text.is_empty() {
                true => String::new(),
                false => format!("{:x}\r\n{text}\r\n", text.len()),
            };
            let text = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{}{}0\r\n\r\n",
                chunk(first),
                chunk(second)
            );
            // The client may be gone.
            let _ = stream.write_all(text.as_bytes());
        }
    });
}

#[test]
fn an_image_of_an_engine_is_judged() {
    let place = folder("engine");
    write(&place.join("plimsoll.toml"), "[user]\nuid = 10001\ngid = 10001\n");
    let socket = place.join("s.sock");
    let id = format!("sha256:{}", "ab".repeat(32));
    let inspected = json!({
        "Id": id, "RepoTags": ["org/web:1"], "Created": "2025-08-12T00:00:00Z", "Architecture": "amd64", "Os": "linux",
        "Config": {"User": "0", "Cmd": ["/app"], "Env": ["PATH=/bin"]}, "Size": 5,
        "RootFS": {"Type": "layers", "Layers": [format!("sha256:{}", "cd".repeat(32))]},
    });
    let history = json!([
        {"Id": "<missing>", "Created": 1_754_956_800, "CreatedBy": "USER 0", "Size": 0, "Comment": ""},
        {"Id": id, "Created": 1_754_956_800, "CreatedBy": "COPY app /app", "Size": 5, "Comment": ""},
    ]);
    start(&socket, move |path| match path {
        "/images/org/web:1/json" => (200, inspected.to_string()),
        "/images/org/web:1/history" => (200, history.to_string()),
        "/images/odd/json" => (200, "[1".to_owned()),
        _ => (404, json!({"message": "No such image"}).to_string()),
    });
    let call = |name: &str, host: &str| {
        let arguments = ["image", name, "--select", "runtime-user", "--format", "json"];
        plimsoll_with_env(&place, &arguments, &[("DOCKER_HOST", host)])
    };
    let host = format!("unix://{}", socket.display());
    let run = call("docker-daemon:org/web:1", &host);
    assert_eq!((run.code, run.findings().len()), (Some(1), 1), "{run:?}");
    for (name, host, words) in [
        ("docker-daemon:none:1", host.as_str(), "has no image `none:1`"),
        ("docker-daemon:odd", &host, "is not that of a Docker Engine"),
        ("docker-daemon:org/web:1", "unix:///nowhere/docker.sock", "/nowhere/docker.sock"),
        ("docker-daemon:org/web:1", "tcp://127.0.0.1:2375", "only unix:// sockets"),
    ] {
        let run = call(name, host);
        assert!(run.code == Some(2) && run.stderr.contains(words), "{name} {host}: {run:?}");
    }
}
