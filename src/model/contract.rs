//! What the plan demands of an HTTP endpoint.

use std::sync::Arc;

use smol_str::SmolStr;

use super::fact::Spanned;
use crate::source::Place;

/// The contract of one endpoint: what is asked, and what must come back.
#[derive(Debug, Clone)]
pub struct EndpointContract {
    /// Its name in the plan: `health`, `metrics`, `docs`.
    pub name: SmolStr,
    /// Where the plan demands it: the path, else the contract's own line.
    pub place: Place,
    /// How it is asked.
    pub method: Method,
    /// The path with a leading `/`.
    pub path: Spanned<SmolStr>,
    /// The port it answers on.
    pub port: ContractPort,
    /// The status codes that will do; empty: 200.
    pub status: Vec<Spanned<u16>>,
    /// What the body is.
    pub format: BodyFormat,
    /// The media type that the answer must have, without parameters; `None`: what `format` implies.
    pub content_type: Option<Spanned<SmolStr>>,
    /// Fields of a JSON body, by dotted path, and the scalar that each must be.
    pub expect: Vec<(SmolStr, Spanned<PlannedScalar>)>,
    /// A JSON Schema of the body.
    pub schema: Option<Spanned<PlannedSchema>>,
    /// Longest time to the last byte, in milliseconds.
    pub max_time: Option<Spanned<u64>>,
    /// Metric families that must be there.
    pub names: Vec<Spanned<SmolStr>>,
    /// Metrics that must have this value in every sample.
    pub values: Vec<(SmolStr, Spanned<SmolStr>)>,
    /// Endpoints that an AIM manifest must list.
    pub endpoints: Vec<PlannedEndpoint>,
    /// Response headers that must be there, by lower-case name, with their value.
    pub headers: Vec<(SmolStr, Spanned<SmolStr>)>,
    /// The body of a POST request.
    pub body: Option<Spanned<SmolStr>>,
}

/// How an endpoint is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET. Never HEAD, which common frameworks answer with 405.
    Get,
    /// POST, which may change or cost something: only with `--allow-post`.
    Post,
}

impl Method {
    /// As it stands in a request.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Which port of a service a contract is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractPort {
    /// The health port of its row; of a row without one the service port.
    Health,
    /// The service port of its row; of a row without one the health port.
    Service,
    /// This one.
    Number(Spanned<u16>),
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    /// Anything.
    Any,
    /// A JSON object.
    Json,
    /// The manifest of an AIM.
    AimManifest,
    /// Metrics in Prometheus' text format or OpenMetrics.
    Prometheus,
    /// Metrics in OpenMetrics.
    OpenMetrics,
    /// A page.
    Html,
    /// Plain text.
    Text,
}

/// A scalar of the plan with its kind: `1` is not `"1"`.
#[derive(Debug, Clone, PartialEq)]
pub enum PlannedScalar {
    /// A text.
    Text(SmolStr),
    /// A number, as written.
    Number(SmolStr),
    /// A truth value.
    Bool(bool),
}

/// A JSON Schema that the plan names.
#[derive(Debug, Clone)]
pub struct PlannedSchema {
    /// Its path relative to the plan, or the name of a schema of the tool's own: `builtin:aim-manifest`.
    pub name: SmolStr,
    /// Its text; `Err`: why it cannot be used.
    pub text: Result<Arc<str>, SmolStr>,
}

/// An endpoint that a manifest must list.
#[derive(Debug, Clone)]
pub struct PlannedEndpoint {
    /// Its path.
    pub uri: Spanned<SmolStr>,
    /// Methods that it must take, in upper case.
    pub methods: Vec<Spanned<SmolStr>>,
}

impl EndpointContract {
    /// The id of the rule that judges it.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self.format {
            BodyFormat::Prometheus | BodyFormat::OpenMetrics => "metrics-contract",
            BodyFormat::AimManifest => "manifest-contract",
            _ => "health-contract",
        }
    }

    /// Whether a status will do.
    #[must_use]
    pub fn allows_status(&self, status: u16) -> bool {
        match self.status.is_empty() {
            true => status == 200,
            false => self.status.iter().any(|planned| planned.value == status),
        }
    }

    /// Longest body that is read, in bytes: metrics of large services take megabytes.
    #[must_use]
    pub fn max_body(&self) -> usize {
        match self.format {
            BodyFormat::Prometheus | BodyFormat::OpenMetrics => 8 << 20,
            _ => 64 << 10,
        }
    }
}
