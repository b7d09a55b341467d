//! What the plan demands of an HTTP endpoint.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;

use super::fact::Spanned;
use crate::source::Place;
use crate::syntax::schema::BodySchema;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl BodyFormat {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::Any,
        Self::Json,
        Self::AimManifest,
        Self::Prometheus,
        Self::OpenMetrics,
        Self::Html,
        Self::Text,
    ];

    /// As a plan writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Json => "json",
            Self::AimManifest => "aim-manifest",
            Self::Prometheus => "prometheus",
            Self::OpenMetrics => "openmetrics",
            Self::Html => "html",
            Self::Text => "text",
        }
    }

    /// Whether bodies of this format are JSON.
    #[must_use]
    pub fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::AimManifest)
    }

    /// Whether bodies of this format are metrics.
    #[must_use]
    pub fn is_metrics(self) -> bool {
        matches!(self, Self::Prometheus | Self::OpenMetrics)
    }
}

/// A scalar of the plan with its kind: `1` is not `"1"`.
#[derive(Debug, Clone, PartialEq)]
pub enum PlannedScalar {
    /// A text.
    Text(SmolStr),
    /// A number as JSON writes it.
    Number(SmolStr),
    /// A truth value.
    Bool(bool),
}

impl PlannedScalar {
    /// Whether a value of an answer is this one: of the same kind, numbers by what they are worth (`1.0` is `1`).
    #[must_use]
    pub fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(text), Value::String(found)) => text == found,
            (Self::Bool(flag), Value::Bool(found)) => flag == found,
            (Self::Number(number), Value::Number(found)) => {
                let written = found.to_string();
                *number == written
                    || (number.parse::<f64>().ok() == found.as_f64() && is_exact(number, &written))
            }
            _ => false,
        }
    }
}

/// Whether two numbers may be compared as floats: not when both are whole, because floats lose digits of large ones.
fn is_exact(a: &str, b: &str) -> bool {
    let whole = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    !(whole(a) && whole(b))
}

impl fmt::Display for PlannedScalar {
    /// As JSON writes it, but for the quotes of a text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Number(text) => f.write_str(text),
            Self::Bool(flag) => write!(f, "{flag}"),
        }
    }
}

/// A JSON Schema that the plan names.
#[derive(Debug, Clone)]
pub struct PlannedSchema {
    /// Its path relative to the plan, or the name of a schema of the tool's own: `builtin:aim-manifest`.
    pub name: SmolStr,
    /// The schema, shared by every contract that names it.
    pub schema: Arc<BodySchema>,
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
    /// A GET of a path on the service port, which 200 answers with anything; it is demanded where the path stands.
    #[must_use]
    pub fn get(name: SmolStr, path: Spanned<SmolStr>) -> Self {
        Self {
            name,
            place: path.place.clone(),
            method: Method::Get,
            path,
            port: ContractPort::Service,
            status: Vec::new(),
            format: BodyFormat::Any,
            content_type: None,
            expect: Vec::new(),
            schema: None,
            max_time: None,
            names: Vec::new(),
            values: Vec::new(),
            endpoints: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// The id of the rule that judges it.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self.format {
            format if format.is_metrics() => "metrics-contract",
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

    /// Whether the body is compared with that of another endpoint of its service, and so is needed after it was judged
    /// alone: an AIM's manifest, and the answer to a POST whose contract says nothing of it.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        self.format == BodyFormat::AimManifest || self.is_held_against_manifest()
    }

    /// Whether what is planned of the body stands in the service's own manifest: a POST whose contract says nothing of it.
    #[must_use]
    pub fn is_held_against_manifest(&self) -> bool {
        self.method == Method::Post && self.expect.is_empty() && self.schema.is_none()
    }

    /// Longest body that is read, in bytes: metrics of large services take megabytes.
    #[must_use]
    pub fn max_body(&self) -> usize {
        if self.format.is_metrics() { 8 << 20 } else { 64 << 10 }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_scalar_is_itself_and_nothing_else() {
        let text = |text: &str| PlannedScalar::Text(text.into());
        let number = |text: &str| PlannedScalar::Number(text.into());
        let cases = [
            (text("ok"), json!("ok"), true),
            (text("ok"), json!("OK"), false),
            (text("1"), json!(1), false),
            (text("true"), json!(true), false),
            (text("null"), json!(null), false),
            (number("1"), json!(1), true),
            (number("1"), json!(1.0), true),
            (number("1.5"), json!(1.5), true),
            (number("1e3"), json!(1000), true),
            (number("1"), json!("1"), false),
            (number("1"), json!(true), false),
            (number("9007199254740993"), json!(9_007_199_254_740_992_u64), false),
            (number("-7"), json!(-7), true),
            (PlannedScalar::Bool(true), json!(true), true),
            (PlannedScalar::Bool(true), json!(1), false),
            (PlannedScalar::Bool(false), json!(null), false),
            (text("ok"), json!(["ok"]), false),
        ];
        for (planned, found, want) in cases {
            assert_eq!(planned.is(&found), want, "{planned:?} {found}");
        }
    }
}
