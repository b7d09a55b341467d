//! A little HTTP/1.1 server on a loopback address that plays registries, right and wrong. One thread per connection.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::image_fixture::{Blob, Fixture};

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Sent,
}

/// How a body is sent.
#[derive(Debug, Clone)]
pub(crate) enum Sent {
    /// Whole, with its length.
    Bytes(Vec<u8>),
    /// Nothing, not even a head, until the server ends.
    Nothing,
    /// A head, then a byte now and then.
    Drip,
    /// Chunks without an end.
    Endless,
    /// These bytes instead of an answer, then the end of the connection.
    Raw(Vec<u8>),
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: Sent::Bytes(body.into()) }
    }

    pub(crate) fn sent(body: Sent) -> Self {
        Self { status: 200, headers: Vec::new(), body }
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// A server; it ends when dropped.
pub(crate) struct Server {
    /// `127.0.0.1:PORT`
    pub(crate) address: String,
    shared: Arc<Shared>,
}

struct Shared {
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    over: AtomicBool,
    handler: Box<dyn Fn(&Seen) -> Reply + Send + Sync>,
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            handler: Box::new(handler),
        });
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if of_thread.over.load(Ordering::SeqCst) {
                    return;
                }
                of_thread.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&of_thread);
                std::thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// A registry with these images, each under repository and tag of its name.
    pub(crate) fn of(images: &[Fixture]) -> Self {
        let shelf = Shelf::of(images);
        Self::start(move |seen| shelf.answer(seen))
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the listener up.
        let _ = TcpStream::connect(&self.address);
    }
}

/// A port that accepts connections, and never reads or answers.
pub(crate) struct Dead {
    pub(crate) address: String,
    _listener: TcpListener,
}

impl Dead {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { address: listener.local_addr().unwrap().to_string(), _listener: listener }
    }
}

fn serve(stream: &TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    while let Some(seen) = read_request(&mut reader) {
        let reply = (shared.handler)(&seen);
        shared.seen.lock().unwrap().push(seen);
        if !send(stream, &reply, shared) {
            return;
        }
    }
}

/// Reads the head of a request; `None` at the end of the connection. Bodies are not read: nobody sends one.
pub(crate) fn read_request(reader: &mut impl BufRead) -> Option<Seen> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => return Some(Seen { method, path, headers }),
        }
    }
}

/// Sends a reply; whether the connection goes on.
fn send(mut stream: &TcpStream, reply: &Reply, shared: &Shared) -> bool {
    let mut head = format!("HTTP/1.1 {} x\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let over = || shared.over.load(Ordering::SeqCst);
    match &reply.body {
        Sent::Bytes(bytes) => {
            head.push_str(&format!("content-length: {}\r\n\r\n", bytes.len()));
            let whole = [head.as_bytes(), bytes].concat();
            stream.write_all(&whole).is_ok()
        }
        Sent::Raw(bytes) => {
            let _ = stream.write_all(bytes);
            false
        }
        Sent::Nothing => {
            while !over() {
                std::thread::sleep(Duration::from_millis(20));
            }
            false
        }
        Sent::Drip => {
            let _ = stream.write_all(format!("{head}content-length: 100000\r\n\r\n").as_bytes());
            while !over() && stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
            false
        }
        Sent::Endless => {
            let _ = stream.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes());
            let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
            while !over() && stream.write_all(chunk.as_bytes()).is_ok() {}
            false
        }
    }
}

/// Images as a registry keeps them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    repositories: BTreeMap<String, Kept>,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    /// Digests by tag.
    tags: BTreeMap<String, String>,
    /// Media type and bytes by digest.
    manifests: BTreeMap<String, (String, Vec<u8>)>,
    blobs: BTreeMap<String, Vec<u8>>,
}

impl Shelf {
    pub(crate) fn of(images: &[Fixture]) -> Self {
        let mut shelf = Self::default();
        for image in images {
            shelf.put(image);
        }
        shelf
    }

    /// Keeps an image under its name, `org/web:1.0`; gives its manifest.
    pub(crate) fn put(&mut self, image: &Fixture) -> Blob {
        let (repository, tag) = image.tag.rsplit_once(':').unwrap();
        let blobs = image.blobs();
        let kept = self.repositories.entry(repository.to_owned()).or_default();
        kept.blobs.insert(blobs.config.digest(), blobs.config.bytes);
        for layer in blobs.layers {
            kept.blobs.insert(layer.digest(), layer.bytes);
        }
        self.put_manifest(repository, tag, &blobs.manifest);
        blobs.manifest
    }

    /// Keeps a manifest or an index under a tag.
    pub(crate) fn put_manifest(&mut self, repository: &str, tag: &str, manifest: &Blob) {
        let kept = self.repositories.entry(repository.to_owned()).or_default();
        kept.tags.insert(tag.to_owned(), manifest.digest());
        kept.manifests.insert(manifest.digest(), (manifest.media_type.clone(), manifest.bytes.clone()));
    }

    pub(crate) fn answer(&self, seen: &Seen) -> Reply {
        let unknown = |code: &str| Reply::new(404, format!("{{\"errors\":[{{\"code\":\"{code}\"}}]}}"));
        let path = seen.path.split('?').next().unwrap_or_default();
        let Some(rest) = path.strip_prefix("/v2/") else { return Reply::new(404, "") };
        let parts: Vec<&str> = rest.rsplitn(3, '/').collect();
        let [last, kind, repository] = parts[..] else { return Reply::new(200, "{}") };
        let Some(kept) = self.repositories.get(repository) else { return unknown("NAME_UNKNOWN") };
        match (kind, last) {
            ("manifests", wanted) => {
                let digest = kept.tags.get(wanted).map_or(wanted, String::as_str);
                match kept.manifests.get(digest) {
                    Some((media_type, bytes)) => Reply::new(200, bytes.clone())
                        .header("content-type", media_type)
                        .header("docker-content-digest", digest),
                    None => unknown("MANIFEST_UNKNOWN"),
                }
            }
            ("blobs", digest) => match kept.blobs.get(digest) {
                Some(bytes) => Reply::new(200, bytes.clone()),
                None => unknown("BLOB_UNKNOWN"),
            },
            ("tags", "list") => {
                let tags: Vec<&String> = kept.tags.keys().collect();
                Reply::new(200, serde_json::json!({"name": repository, "tags": tags}).to_string())
            }
            _ => Reply::new(404, ""),
        }
    }
}

/// Reads to the end of a stream that a test holds.
pub(crate) fn read_all(mut reader: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    bytes
}
