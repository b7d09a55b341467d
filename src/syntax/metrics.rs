//! Metrics in Prometheus' text format 0.0.4 and in OpenMetrics 1.0: bytes in, families and problems out.
//!
//! What promtool refuses is a syntax problem here; what it lets pass and means nonsense is a problem of its own kind.
use smol_str::SmolStr;

/// Metrics in Prometheus' text format 0.0.4 or in OpenMetrics 1.0.
#[derive(Debug, Default)]
pub struct Exposition {
    /// Whether it is OpenMetrics.
    pub is_openmetrics: bool,
    /// Families in the order of the text.
    pub families: Vec<MetricFamily>,
    /// What the format forbids, in the order of the text.
    pub problems: Vec<MetricProblem>,
}

/// A metric family with its samples.
#[derive(Debug, Default)]
pub struct MetricFamily {
    /// Its name, without the suffixes of its samples.
    pub name: SmolStr,
    /// `counter`, `gauge`, `histogram`, `summary`, `untyped`, `unknown`, …; empty when no line says it.
    pub kind: SmolStr,
    /// Its samples.
    pub samples: Vec<MetricSample>,
}

/// One sample.
#[derive(Debug)]
pub struct MetricSample {
    /// The full name: `http_requests_total`.
    pub name: SmolStr,
    /// Labels in the order of the text.
    pub labels: Vec<(SmolStr, SmolStr)>,
    /// The value.
    pub value: f64,
    /// Its line, 1-based.
    pub line: u32,
}

/// Something wrong with a body of metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricProblem {
    /// Its line, 1-based; 0: the body as a whole.
    pub line: u32,
    /// Whether promtool refuses the body for it; else it parses and means nonsense (a negative counter).
    pub is_syntax: bool,
    /// One sentence without a full stop.
    pub message: SmolStr,
}

/// Reads a body. `is_openmetrics`: whether its media type says that it is OpenMetrics.
#[must_use]
pub fn parse(_: &[u8], is_openmetrics: bool) -> Exposition {
    Exposition { is_openmetrics, ..Exposition::default() }
}
