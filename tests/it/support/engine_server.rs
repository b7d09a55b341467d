//! A Docker Engine that is played on a Unix socket, right and wrong. One thread per connection.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::registry_server::read_request;

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) enum Play {
    /// A status with a body in chunks, as Docker sends it.
    Answer(u16, Vec<u8>),
    /// Nothing, until the caller is gone.
    Hang,
    /// A head, then a byte now and then.
    Drip,
    /// A body without an end.
    Endless,
    /// These bytes instead of an answer, then the end of the connection.
    Raw(Vec<u8>),
}

impl Play {
    pub(crate) fn json(value: &Value) -> Self {
        Self::Answer(200, value.to_string().into_bytes())
    }

    pub(crate) fn no(message: &str) -> Self {
        Self::Answer(404, json!({"message": message}).to_string().into_bytes())
    }
}

/// An engine that is played; whoever asks after its end finds a socket that nobody serves.
pub(crate) struct EngineServer {
    pub(crate) socket: PathBuf,
    seen: Arc<Mutex<Vec<String>>>,
}

impl EngineServer {
    /// `answer` says what comes back for a method and a path with its query.
    pub(crate) fn start(folder: &Path, answer: impl Fn(&str, &str) -> Play + Send + Sync + 'static) -> Self {
        let socket = folder.join("s.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, all) = (Arc::new(answer), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, all) = (Arc::clone(&answer), Arc::clone(&all));
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(&stream);
                    let Some(request) = read_request(&mut reader) else { return };
                    let length = request.header("content-length").and_then(|length| length.parse().ok());
                    let mut body = vec![0; length.unwrap_or(0)];
                    let _ = reader.read_exact(&mut body);
                    all.lock().unwrap().push(format!("{} {}", request.method, request.path));
                    play(stream, answer(&request.method, &request.path));
                });
            }
        });
        Self { socket, seen }
    }

    /// `--engine`
    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Methods and paths of all requests until now.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn play(mut stream: UnixStream, play: Play) {
    const HEAD: &[u8] =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    // The client may be gone at any time.
    let _ = match play {
        Play::Answer(status, body) => {
            let mut sent = format!("HTTP/1.1 {status} x\r\ntransfer-encoding: chunked\r\n\r\n").into_bytes();
            for chunk in body.chunks(8192) {
                sent.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
                sent.extend(chunk);
                sent.extend(b"\r\n");
            }
            sent.extend(b"0\r\n\r\n");
            stream.write_all(&sent)
        }
        Play::Hang => stream.read(&mut [0]).map(drop),
        Play::Drip => stream.write_all(HEAD).and_then(|()| {
            loop {
                stream.write_all(b"1\r\n \r\n")?;
                std::thread::sleep(Duration::from_millis(50));
            }
        }),
        Play::Endless => stream.write_all(HEAD).and_then(|()| {
            let chunk = [b"2000\r\n[".as_slice(), &[b' '; 8191], b"\r\n"].concat();
            loop {
                stream.write_all(&chunk)?;
            }
        }),
        Play::Raw(bytes) => stream.write_all(&bytes),
    };
}

/// An engine that has containers: what `docker inspect` prints of each, by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Containers {
    pub(crate) inspected: BTreeMap<String, Value>,
    /// What `docker image inspect` prints, by id.
    pub(crate) images: BTreeMap<String, Value>,
}

impl Containers {
    /// A container that runs, one image for all of them.
    pub(crate) fn add(&mut self, name: &str, more: &Value) -> String {
        let id = format!("{:064x}", self.inspected.len() + 1);
        let image = format!("sha256:{}", "a".repeat(64));
        let tag = "live.example.com/fleet/web:20260101-abcdef0";
        let mut inspect = json!({
            "Id": id, "Name": format!("/{name}"), "RestartCount": 0, "Image": image,
            "State": {"Status": "running", "Running": true, "Pid": 4_000_000 + self.inspected.len()},
            "HostConfig": {"NetworkMode": "none"},
            "NetworkSettings": {"Networks": {"none": {"IPAddress": ""}}, "Ports": {}},
            "Config": {"Image": tag, "Labels": {}, "Env": [], "User": "10001:10001"},
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            inspect[key] = value.clone();
        }
        self.images.insert(image.clone(), json!({"Id": image, "RepoTags": [tag], "Config": {}}));
        self.inspected.insert(id.clone(), inspect);
        id
    }

    /// As a good engine answers.
    pub(crate) fn answer(&self, path: &str) -> Play {
        if path == "/containers/json?all=true" {
            let list = self.inspected.iter().map(|(id, it)| json!({"Id": id, "Names": [it["Name"]]}));
            return Play::json(&list.collect());
        }
        let split = |prefix: &str| path.strip_prefix(prefix).and_then(|rest| rest.split_once('/'));
        if let Some((id, _)) = split("/images/") {
            return self.images.get(id).map_or_else(|| Play::no("No such image"), Play::json);
        }
        let Some((id, what)) = split("/containers/") else { return Play::no("page not found") };
        let Some(inspect) = self.inspected.get(id) else { return Play::no("No such container") };
        match what.split('?').next() {
            Some("json") => Play::json(inspect),
            Some("top") => Play::json(&json!({
                "Titles": ["PID", "PPID", "UID", "GID", "COMMAND"],
                "Processes": [[inspect["State"]["Pid"].to_string(), "1", "10001", "10001", "tini"]],
            })),
            _ => Play::no(&format!("Could not find the file in container {id}")),
        }
    }
}
