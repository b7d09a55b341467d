//! Metrics in Prometheus' text format 0.0.4 and in OpenMetrics 1.0: bytes in, families and problems out. Who answered with
//! them, and what a plan wants of them, must not be known here.
//!
//! What promtool refuses is a syntax problem here; what it lets pass and means nonsense is a problem of its own kind.
//! promtool reads the text format only: for OpenMetrics the grammar of its specification takes that place ("ABNF").
//!
//! Work is linear in the body. What is kept has caps ([`MAX_SAMPLES`], [`MAX_LABELS`], [`MAX_FAMILIES`], [`MAX_ALIKE`]);
//! behind them the syntax is still read, and a problem says that the rest was not judged.
use smol_str::SmolStr;

mod collect;
mod cursor;
mod histogram;
mod meaning;
mod number;
mod openmetrics;
mod problems;
mod text;

/// Samples that are kept and judged.
pub const MAX_SAMPLES: usize = 250_000;
/// Labels of all samples that are kept and judged.
pub const MAX_LABELS: usize = 500_000;
/// Families that are kept and judged.
pub const MAX_FAMILIES: usize = 50_000;
/// Problems of one kind that are kept. With as many lines that cannot be read, the rest of the body is left unread.
pub const MAX_ALIKE: usize = 20;

/// Metrics in Prometheus' text format 0.0.4 or in OpenMetrics 1.0.
#[derive(Debug, Default)]
pub struct Exposition {
    /// Whether it is OpenMetrics.
    pub is_openmetrics: bool,
    /// Families in the order of the text, also those without samples.
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
    /// The timestamp, in milliseconds in the text format and in seconds in OpenMetrics.
    pub timestamp: Option<f64>,
    /// Its line, 1-based.
    pub line: u32,
}

/// Something wrong with a body of metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricProblem {
    /// Its line, 1-based; 0: the body as a whole.
    pub line: u32,
    /// What kind of problem it is; several of one kind mostly have one cause.
    pub kind: MetricFault,
    /// One sentence without a full stop.
    pub message: SmolStr,
}

/// Kinds of problems of a body of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricFault {
    /// A line for which promtool refuses the body, or that the grammar of OpenMetrics does not allow. What is of another
    /// kind parses, and means nonsense.
    Syntax,
    /// There is no sample.
    Empty,
    /// More than what is judged.
    TooMuch,
    /// One series twice.
    Duplicate,
    /// Samples or descriptions of one family that do not stand together.
    Apart,
    /// A TYPE, HELP or UNIT line that says nothing, says it twice, or says what Prometheus does not know.
    Description,
    /// A sample whose name or labels do not fit the type of its family.
    Misfit,
    /// A value that its type cannot have.
    Value,
    /// Buckets of a histogram that do not add up.
    Buckets,
    /// An exemplar where none may be, or one that is too long.
    Exemplar,
}

/// Reads a body. `is_openmetrics`: whether its media type says that it is OpenMetrics.
#[must_use]
pub fn parse(bytes: &[u8], is_openmetrics: bool) -> Exposition {
    let mut collector = collect::Collector::new(is_openmetrics);
    match is_openmetrics {
        true => openmetrics::read(bytes, &mut collector),
        false => text::read(bytes, &mut collector),
    }
    collector.finish()
}
