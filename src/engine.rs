//! A read-only client of a local Docker Engine: questions go over its Unix socket, capped JSON and streams come back.
//!
//! Only GET requests are made, but for [`Engine::exec`], which starts a program in a container. What the answers mean is not
//! known here.

mod containers;
mod exec;
mod images;
mod unix;

pub use containers::ContainerFile;
pub use exec::Printed;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body, RequestBuilder};

/// Longest answer, in bytes: a config with its history.
const MAX_ANSWER: u64 = 16 << 20;
/// Length of all answers of one call together, in bytes: thousands of containers.
const MAX_ANSWERS: u64 = 96 << 20;
/// Longest answer that says what went wrong, in bytes.
const MAX_MESSAGE: u64 = 64 << 10;
/// What is shown of it, in characters.
const MAX_SHOWN: usize = 200;
/// What to do when the engine that the environment names does not answer.
const OF_ENVIRONMENT: &str = "DOCKER_HOST=unix://PATH names another socket";
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
    /// What to do when nobody answers.
    help: &'static str,
    /// Length of all answers until now, in bytes; archives are counted by whoever reads them.
    read: AtomicU64,
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
        let agent = unix::agent(config, socket);
        Self { agent, socket: socket.to_owned(), times, until, help: OF_ENVIRONMENT, read: AtomicU64::new(0) }
    }

    /// The same, with another word about what to do when nobody answers.
    #[must_use]
    pub fn with_help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// An answer in JSON; `None`: the engine has no such thing.
    fn json(&self, path: &str, max: u64) -> Result<Option<Value>, EngineError> {
        let answer = self.ask(path, false)?;
        match answer.status().as_u16() {
            200 => {
                let bytes = self.body(answer, max)?;
                serde_json::from_slice(&bytes).map(Some).map_err(|_| self.odd())
            }
            404 => Ok(None),
            status => Err(self.refused(status, answer)),
        }
    }

    /// Asks for a path, whatever the status. Paths have no version: every engine answers them with its own newest one.
    fn ask(&self, path: &str, is_stream: bool) -> Result<Response<Body>, EngineError> {
        let call = self.agent.get(format!("http://engine{path}"));
        let call = self.timed(call, is_stream).call();
        call.map_err(|error| self.unreachable(&self.reason(error)))
    }

    /// The times of one request.
    fn timed<B>(&self, call: RequestBuilder<B>, is_stream: bool) -> RequestBuilder<B> {
        let Times { timeout, .. } = self.times;
        // No time at all would be no limit.
        let rest = self.until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        match is_stream {
            true => call.config().timeout_global(Some(rest)).timeout_per_read(Some(timeout)).build(),
            false => call.config().timeout_global(Some(rest.min(timeout))).build(),
        }
    }

    /// The whole body of an answer.
    fn body(&self, mut answer: Response<Body>, max: u64) -> Result<Vec<u8>, EngineError> {
        let mut bytes = Vec::new();
        let read = answer.body_mut().as_reader().take(max + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.unreachable(&self.reason(error.into())))?;
        let length = bytes.len() as u64;
        if length > max {
            return Err(self.unreachable(&format!("it answers with more than {max} bytes")));
        }
        let all = self.read.fetch_add(length, Ordering::Relaxed).saturating_add(length);
        match all > MAX_ANSWERS {
            true => {
                Err(self.unreachable(&format!("its answers have more than {MAX_ANSWERS} bytes together")))
            }
            false => Ok(bytes),
        }
    }

    /// What an engine that answers says against a request.
    fn refused(&self, status: u16, answer: Response<Body>) -> EngineError {
        let message = format!("the Docker Engine at {} answers with status {status}", self.socket.display());
        match self.message(answer) {
            said if said.is_empty() => EngineError::new(message),
            said => EngineError::new(format!("{message}: {said}")),
        }
    }

    /// The message of an answer that is no success, as one cut line; empty: there is none.
    fn message(&self, answer: Response<Body>) -> String {
        let bytes = self.body(answer, MAX_MESSAGE).unwrap_or_default();
        let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = value["message"].as_str().unwrap_or_default();
        let plain = text.chars().map(|shown| if shown.is_control() { ' ' } else { shown });
        plain.take(MAX_SHOWN).collect::<String>().trim().to_owned()
    }

    /// An error of whoever reads the answers: why they are of no use, as a phrase about the engine.
    #[must_use]
    pub fn error(&self, why: &str) -> EngineError {
        self.unreachable(why)
    }

    fn unreachable(&self, why: &str) -> EngineError {
        EngineError {
            message: format!("no Docker Engine can be asked at {}: {why}", self.socket.display()),
            help: Some(self.help.to_owned()),
        }
    }

    fn reason(&self, error: ureq::Error) -> String {
        reason(error, self.times, self.until)
    }

    fn odd(&self) -> EngineError {
        EngineError::new(format!("the answer at {} is not that of a Docker Engine", self.socket.display()))
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

#[cfg(test)]
mod tests {
    use super::foreign;

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
}
