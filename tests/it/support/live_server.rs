//! A server on loopback addresses that plays services, right and wrong: each case of `testdata/live/behaviours.cases` on a
//! port of its own, one thread per connection.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::repository;

/// Longer than any test asks.
const PATIENCE: Duration = Duration::from_secs(30);

/// One way to answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Behaviour {
    pub(crate) name: String,
    pub(crate) is_good: bool,
    /// What the probe engine makes of it.
    pub(crate) answer: String,
    /// What a finding about it says.
    pub(crate) says: String,
    /// Where it is asked, when nobody plays it.
    pub(crate) url: Option<String>,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Send(Vec<u8>),
    Endless(Vec<u8>),
    Drip(u64, Vec<u8>),
    Wait(u64),
    Hang,
    Reset,
}

/// Every case of the file.
pub(crate) fn behaviours() -> Vec<Behaviour> {
    let text = fs::read_to_string(repository("testdata/live/behaviours.cases")).unwrap();
    text.split("\n=== ").skip(1).map(Behaviour::of).collect()
}

/// The case of a name.
pub(crate) fn behaviour(name: &str) -> Behaviour {
    let found = behaviours().into_iter().find(|case| case.name == name);
    found.unwrap_or_else(|| panic!("no case is named {name}"))
}

impl Behaviour {
    fn of(text: &str) -> Self {
        let mut lines = text.lines();
        let mut case = Self { name: lines.next().unwrap().to_owned(), ..Self::default() };
        for line in lines.filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once(' ').unwrap_or((line, ""));
            let number = || value.split_once(' ').unwrap_or((value, ""));
            match key {
                "kind" => case.is_good = value == "good",
                "answer" => case.answer = value.to_owned(),
                "says" => case.says = value.to_owned(),
                "url" => case.url = Some(value.to_owned()),
                "send" => case.steps.push(Step::Send(bytes(value))),
                "head" => case.steps.push(Step::Send(head(value))),
                "gzip" => case.steps.push(Step::Send(gzip(value.parse().unwrap()))),
                "times" => {
                    let (count, text) = number();
                    let (count, text) = (count.parse::<usize>().unwrap(), bytes(text));
                    // In pieces, for it may be long.
                    let piece = 1 + count / 100;
                    let pieces = (0..count).step_by(piece).map(|at| text.repeat(piece.min(count - at)));
                    case.steps.extend(pieces.map(Step::Send));
                }
                "endless" => case.steps.push(Step::Endless(bytes(value))),
                "drip" => {
                    let (millis, text) = number();
                    case.steps.push(Step::Drip(millis.parse().unwrap(), bytes(text)));
                }
                "wait" => case.steps.push(Step::Wait(value.parse().unwrap())),
                "hang" => case.steps.push(Step::Hang),
                "reset" => case.steps.push(Step::Reset),
                _ => panic!("{}: {line}", case.name),
            }
        }
        case
    }

    /// A body that stops before its end and is not closed.
    pub(crate) fn long_and_hanging(count: usize) -> Self {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", count + 1).into_bytes();
        Self { steps: vec![Step::Send(head), Step::Send(vec![b'x'; count]), Step::Hang], ..Self::default() }
    }

    /// Whether it is over well before a timeout of two seconds.
    pub(crate) fn is_quick(&self) -> bool {
        !self.answer.contains("timed out") && !self.answer.contains("2 s") && !self.name.contains("140 MB")
    }

    /// Plays it on one connection; the error is that of a client that went.
    fn play(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        let is_reset = self.steps.iter().any(|step| matches!(step, Step::Reset));
        // A connection that is closed while bytes of the request are unread is reset.
        match is_reset {
            true => stream.read_exact(&mut [0])?,
            false => drop(request(stream)?),
        }
        for step in &self.steps {
            match step {
                Step::Send(bytes) => stream.write_all(bytes)?,
                Step::Endless(bytes) => {
                    let block = bytes.repeat(1 + 8_192 / bytes.len());
                    loop {
                        stream.write_all(&block)?;
                    }
                }
                Step::Drip(millis, bytes) => {
                    for byte in bytes {
                        std::thread::sleep(Duration::from_millis(*millis));
                        stream.write_all(&[*byte])?;
                    }
                }
                Step::Wait(millis) => std::thread::sleep(Duration::from_millis(*millis)),
                Step::Hang => while stream.read(&mut [0; 64])? > 0 {},
                Step::Reset => return Ok(()),
            }
        }
        Ok(())
    }
}

/// The text of a request: head and, by its length, body.
fn request(stream: &mut TcpStream) -> std::io::Result<String> {
    let (mut text, mut buffer) = (Vec::new(), [0; 4_096]);
    loop {
        if let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&text[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if text.len() >= end + 4 + length.map_or(0, |length| length.trim().parse().unwrap()) {
                return Ok(String::from_utf8_lossy(&text).into_owned());
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => text.extend(&buffer[..count]),
        }
    }
}

/// A text with escapes as bytes.
fn bytes(text: &str) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'\\' => match rest.next().unwrap() {
                b'r' => b'\r',
                b'n' => b'\n',
                b't' => b'\t',
                b'0' => 0,
                b'x' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            },
            byte => byte,
        });
    }
    out
}

fn head(length: &str) -> Vec<u8> {
    let length = match length {
        "-" => String::new(),
        length => format!("Content-Length: {length}\r\n"),
    };
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n").into_bytes()
}

fn gzip(count: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; count]).unwrap();
    let body = encoder.finish().unwrap();
    let mut out = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    out.extend(body);
    out
}

/// What a server saw.
#[derive(Debug, Default)]
struct Counts {
    connections: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

/// One port; it ends when dropped.
pub(crate) struct LiveServer {
    pub(crate) port: u16,
    counts: Arc<Counts>,
    over: Arc<AtomicBool>,
}

impl LiveServer {
    /// A port that plays a case.
    pub(crate) fn of(case: &Behaviour) -> Self {
        let case = case.clone();
        Self::start(move |stream, _, _| drop(case.play(stream)))
    }

    /// A port that answers with bytes, by the number of the request (from 0).
    pub(crate) fn answering(answer: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start(move |stream, at, counts| {
            let Ok(request) = request(stream) else { return };
            counts.requests.lock().unwrap().push(request);
            drop(stream.write_all(&answer(at)));
        })
    }

    /// A port that gives the good answer.
    pub(crate) fn good() -> Self {
        Self::answering(|_| good())
    }

    fn start(serve: impl Fn(&mut TcpStream, usize, &Counts) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (counts, over) = (Arc::<Counts>::default(), Arc::<AtomicBool>::default());
        let (of_thread, is_over, serve) = (counts.clone(), over.clone(), Arc::new(serve));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let at = of_thread.connections.fetch_add(1, Ordering::SeqCst);
                let (counts, serve) = (of_thread.clone(), serve.clone());
                std::thread::spawn(move || {
                    let open = counts.open.fetch_add(1, Ordering::SeqCst) + 1;
                    counts.most_open.fetch_max(open, Ordering::SeqCst);
                    stream.set_read_timeout(Some(PATIENCE)).unwrap();
                    stream.set_write_timeout(Some(PATIENCE)).unwrap();
                    serve(&mut stream, at, &counts);
                    counts.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { port, counts, over }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/health", self.port)
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// Most connections that were open at once.
    pub(crate) fn most_open(&self) -> usize {
        self.counts.most_open.load(Ordering::SeqCst)
    }

    /// The requests that were read.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.counts.requests.lock().unwrap().clone()
    }
}

impl Drop for LiveServer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

/// The answer that keeps the contract.
pub(crate) fn good() -> Vec<u8> {
    with_status("200 OK")
}

/// The same body under another status.
pub(crate) fn with_status(status: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{{\"status\":\"ok\"}}"
    )
    .into_bytes()
}
