//! A read-only client of a local Docker Engine: questions go over its Unix socket, capped JSON and streams come back.
//!
//! Only GET requests are made. What the answers mean is not known here.

mod unix;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;

/// Longest answer, in bytes: a config with its history.
const MAX_ANSWER: u64 = 16 << 20;
/// Where an engine listens when nobody says (Docker, `client.DefaultDockerHost`).
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// Why an engine gives no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineError {
    /// One sentence without a full stop that names the socket.
    pub message: String,
    /// What to do, one sentence, when there is something.
    pub help: Option<String>,
}

impl EngineError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }
}

/// How long an engine may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Longest time for one answer; of an archive the longest time without a byte of it.
    pub timeout: Duration,
    /// Longest time for all answers, from now on.
    pub deadline: Duration,
}

/// An engine that listens on a Unix socket.
#[derive(Debug)]
pub struct Engine {
    agent: Agent,
    socket: PathBuf,
    times: Times,
    until: Instant,
}

impl Engine {
    /// The engine that `DOCKER_HOST` names, else the one on the usual socket; nothing is asked yet.
    ///
    /// # Errors
    /// When `DOCKER_HOST` names anything but a Unix socket.
    pub fn from_environment(times: Times) -> Result<Self, EngineError> {
        let socket = match std::env::var("DOCKER_HOST") {
            Ok(host) if !host.is_empty() => match host.strip_prefix("unix://") {
                Some(path) if !path.is_empty() => PathBuf::from(path),
                _ => return Err(foreign(&host)),
            },
            _ => PathBuf::from(DEFAULT_SOCKET),
        };
        Ok(Self::at(&socket, times))
    }

    /// The engine on a socket.
    #[must_use]
    pub fn at(socket: &Path, times: Times) -> Self {
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(32 << 10)
            .input_buffer_size(64 << 10)
            .output_buffer_size(8 << 10)
            .build();
        let start = Instant::now();
        let until = start.checked_add(times.deadline).unwrap_or(start);
        Self { agent: unix::agent(config, socket), socket: socket.to_owned(), times, until }
    }

    /// What `docker image inspect` prints of an image.
    ///
    /// # Errors
    /// When the engine cannot be asked, or has no such image.
    pub fn image(&self, reference: &str) -> Result<Value, EngineError> {
        let answer = self.get(reference, "json")?;
        match answer.is_object() {
            true => Ok(answer),
            false => Err(self.odd()),
        }
    }

    /// The steps of an image's history, oldest first.
    ///
    /// # Errors
    /// The same.
    pub fn history(&self, reference: &str) -> Result<Vec<Value>, EngineError> {
        match self.get(reference, "history")? {
            Value::Array(mut steps) => {
                steps.reverse();
                Ok(steps)
            }
            _ => Err(self.odd()),
        }
    }

    /// What `docker save` writes of an image, as it comes. Engines pack it up before they send the first byte, so that this
    /// may take all the time there is; later on no wait for a byte is longer than one answer may take.
    ///
    /// # Errors
    /// When the engine cannot be asked, or has no such image. Reading fails when the engine stops, or time is over.
    pub fn archive(&self, reference: &str) -> Result<impl Read + use<>, EngineError> {
        let answer = self.ask(reference, "get", true)?;
        let body = answer.into_body().into_reader();
        Ok(Archive { body, times: self.times, until: self.until })
    }

    fn get(&self, reference: &str, what: &str) -> Result<Value, EngineError> {
        let mut answer = self.ask(reference, what, false)?;
        let mut bytes = Vec::new();
        let read = answer.body_mut().as_reader().take(MAX_ANSWER + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.unreachable(&self.reason(error.into())))?;
        match bytes.len() as u64 > MAX_ANSWER {
            true => Err(self.unreachable(&format!("it answers with more than {MAX_ANSWER} bytes"))),
            false => serde_json::from_slice(&bytes).map_err(|_| self.odd()),
        }
    }

    fn ask(
        &self,
        reference: &str,
        what: &str,
        is_stream: bool,
    ) -> Result<ureq::http::Response<ureq::Body>, EngineError> {
        if !is_reference(reference) {
            return Err(EngineError::new(format!("`{reference}` is no name of an image in an engine")));
        }
        // No time at all would be no limit.
        let rest = self.until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let Times { timeout, .. } = self.times;
        let call = self.agent.get(format!("http://engine/images/{reference}/{what}")).config();
        let call = match is_stream {
            true => call.timeout_global(Some(rest)).timeout_per_read(Some(timeout)),
            false => call.timeout_global(Some(rest.min(timeout))),
        };
        let answer = call.build().call().map_err(|error| self.unreachable(&self.reason(error)))?;
        match answer.status().as_u16() {
            200 => Ok(answer),
            404 => {
                let socket = self.socket.display();
                Err(EngineError::new(format!("the engine at {socket} has no image `{reference}`")))
            }
            status => Err(self.unreachable(&format!("it answers with status {status}"))),
        }
    }

    fn unreachable(&self, why: &str) -> EngineError {
        EngineError {
            message: format!("no Docker Engine can be asked at {}: {why}", self.socket.display()),
            help: Some("DOCKER_HOST=unix://PATH names another socket".to_owned()),
        }
    }

    fn reason(&self, error: ureq::Error) -> String {
        reason(error, self.times, self.until)
    }

    fn odd(&self) -> EngineError {
        EngineError::new(format!("the answer at {} is not that of a Docker Engine", self.socket.display()))
    }
}

/// An archive that an engine sends.
struct Archive<R> {
    body: R,
    times: Times,
    until: Instant,
}

impl<R: Read> Read for Archive<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer).map_err(|error| {
            let kind = error.kind();
            let why = reason(error.into(), self.times, self.until);
            io::Error::new(kind, format!("the engine stopped to send it: {why}"))
        })
    }
}

/// The refusal of an engine that is elsewhere. Of its address only the scheme is shown: the rest may hold a password.
fn foreign(host: &str) -> EngineError {
    let scheme = host.split_once("://").map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|scheme| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let is =
        scheme.map_or_else(|| "no address of a socket".into(), |scheme| format!("a `{scheme}://` address"));
    EngineError::new(format!("DOCKER_HOST is {is}, and only unix:// sockets are read"))
}

/// What went wrong, in the system's words where it has some.
fn reason(error: ureq::Error, times: Times, until: Instant) -> String {
    match error {
        ureq::Error::Timeout(_) if Instant::now() >= until => {
            format!("the deadline of {} passed", shown(times.deadline))
        }
        ureq::Error::Timeout(_) => format!("no answer within {}", shown(times.timeout)),
        ureq::Error::Io(error) => error.to_string(),
        _ => "its answer is no HTTP that can be read".to_owned(),
    }
}

/// Seconds, with at most one digit behind the point.
fn shown(time: Duration) -> String {
    format!("{}s", (time.as_secs_f64() * 10.0).round() / 10.0)
}

/// Whether a name may stand in a path as it is: never upwards, never anything but an image.
fn is_reference(text: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@".contains(&byte);
    text.bytes().all(usual) && text.split('/').all(|part| !part.is_empty() && !matches!(part, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::{foreign, is_reference};

    #[test]
    fn no_password_of_docker_host_is_shown() {
        for (host, named) in [
            ("ssh://me:hunter2@build.example.org", "a `ssh://` address"),
            ("tcp://me:hunter2@127.0.0.1:2375", "a `tcp://` address"),
            ("me:hunter2@build.example.org", "no address of a socket"),
            ("hunter2 \u{1b}[2J://x", "no address of a socket"),
        ] {
            let message = foreign(host).message;
            assert_eq!(message, format!("DOCKER_HOST is {named}, and only unix:// sockets are read"));
        }
    }

    #[test]
    fn names_stay_names() {
        for good in ["web", "org/web:1.0", "localhost:5000/a/b@sha256:00", "sha256:abc"] {
            assert!(is_reference(good), "{good}");
        }
        for bad in
            ["", "/", "../containers/x", "a/../b", "a//b", "a?b", "a b", "a#b", "a%2e", "[::1]/x", "a\r\n"]
        {
            assert!(!is_reference(bad), "{bad}");
        }
    }
}
