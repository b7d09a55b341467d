//! The body of an answer, read as what its contract says it is.

use crate::model::{Answer, BodyFormat, BodyReading};
use crate::syntax::metrics;

/// Reads the body of an answer.
#[must_use]
pub fn read_body(answer: &Answer, format: BodyFormat) -> BodyReading {
    let Answer::Http(http) = answer else { return BodyReading::None };
    match format {
        BodyFormat::Json | BodyFormat::AimManifest => BodyReading::Json(super::json::read(&http.body)),
        BodyFormat::Prometheus | BodyFormat::OpenMetrics => {
            BodyReading::Metrics(metrics::parse(&http.body, format == BodyFormat::OpenMetrics))
        }
        BodyFormat::Any | BodyFormat::Html | BodyFormat::Text => BodyReading::None,
    }
}
