//! A fleet that runs, at the moment when it was asked: what its endpoints answered, and what its containers are.
//!
//! Places lie in the plan (the row of a service) or in the deployment file that starts a service: a running fleet has no
//! lines of its own.

use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::contract::EndpointContract;
use super::live_container::LiveContainer;
use crate::source::Place;
use crate::syntax::metrics::Exposition;

/// Everything that was asked of a running fleet.
#[derive(Debug, Default)]
pub struct LiveFleet {
    /// Endpoints, in the order of the plan's rows, then of the deployment files.
    pub endpoints: Vec<LiveEndpoint>,
    /// Containers of the engine, by name.
    pub containers: Vec<LiveContainer>,
    /// The planned services that the engine should run, as indices into [`crate::plan::Plan::services`]; `None`: no engine
    /// was asked.
    pub expected: Option<Vec<usize>>,
}

/// One endpoint of one service on one machine, and its answer.
#[derive(Debug)]
pub struct LiveEndpoint {
    /// The planned row, as an index into [`crate::plan::Plan::services`].
    pub service: Option<usize>,
    /// The planned row, else the compose or Knative service.
    pub name: SmolStr,
    /// The machine that was asked, by its name in the plan.
    pub machine: Option<SmolStr>,
    /// Where the endpoint is demanded: the port of the row, or the deployment file's line.
    pub place: Place,
    /// What is demanded.
    pub contract: Arc<EndpointContract>,
    /// The address that was asked: `http://127.0.0.1:8212/health`. Of several that one container has, the first that answered
    /// in HTTP, else the first of all; empty when nobody can ask it.
    pub url: SmolStr,
    /// The container behind it, by name.
    pub container: Option<SmolStr>,
    /// What came back.
    pub answer: Answer,
    /// The body, read as the contract's format.
    pub reading: BodyReading,
}

/// What an endpoint answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// HTTP.
    Http(HttpAnswer),
    /// Nothing that can be read as HTTP.
    Failed(Failure),
    /// It was not asked; why, as a phrase: `the container is paused`.
    NotAsked(SmolStr),
    /// Nobody can ask it, wherever it stands; why, as a phrase: `the container has no network`.
    Unreachable(SmolStr),
}

/// An HTTP answer.
#[derive(Debug, Clone)]
pub struct HttpAnswer {
    /// Status code.
    pub status: u16,
    /// Headers in order, names in lower case; what of a value is no UTF-8 is U+FFFD.
    pub headers: Vec<(SmolStr, SmolStr)>,
    /// The body up to the cap.
    pub body: Arc<[u8]>,
    /// How the body ended.
    pub end: BodyEnd,
    /// From the first attempt to connect to the last byte.
    pub time: Duration,
}

impl HttpAnswer {
    /// The media type without parameters, in lower case; empty when the answer names none (RFC 9110 §8.3.1).
    #[must_use]
    pub fn media_type(&self) -> String {
        let said = self.header("content-type").unwrap_or_default();
        said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The first header of a lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// How a body ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyEnd {
    /// As the answer said.
    Whole,
    /// It is longer than what is read, in bytes.
    TooLong(usize),
    /// Before its end; why, as a phrase: `the connection was closed after 12 of 40 bytes`.
    Cut(SmolStr),
}

/// Why there is no HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The host's name has no address.
    NoAddress(SmolStr),
    /// The address is one that no service of a fleet has (link-local, a cloud's metadata service), so it was not asked.
    Forbidden(SmolStr),
    /// Nobody listens there.
    Refused,
    /// No answer within the time.
    TimedOut(Duration),
    /// The connection was reset or closed before an answer.
    Closed(SmolStr),
    /// What came back is no HTTP; why, as a phrase.
    NotHttp(SmolStr),
    /// The time of the whole call was over before it was asked, or asked as often as it must answer.
    Deadline,
    /// Anything else, in the system's words.
    Other(SmolStr),
}

/// A body, read as what its contract says it is.
#[derive(Debug)]
pub enum BodyReading {
    /// There is none to read, or its format is read as it is.
    None,
    /// As JSON.
    Json(JsonReading),
    /// As metrics.
    Metrics(Exposition),
}

/// A body read as JSON.
#[derive(Debug)]
pub struct JsonReading {
    /// The value; `Err`: why it is no JSON, as a phrase with line and column.
    pub value: Result<serde_json::Value, SmolStr>,
    /// Keys that one object has twice, as dotted paths, in order; the last one counts for most readers.
    pub duplicates: Vec<SmolStr>,
    /// Whether a byte order mark stands in front, which JSON forbids (RFC 8259 §8.1).
    pub has_bom: bool,
}
