//! The body of an answer, read as what its contract says it is.

use crate::model::{Answer, BodyFormat, BodyReading, HttpAnswer};
use crate::syntax::metrics;

/// The media type of OpenMetrics (OpenMetrics 1.0, "Protocol Negotiation").
const OPENMETRICS: &str = "application/openmetrics-text";

/// Reads the body of an answer.
#[must_use]
pub fn read_body(answer: &Answer, format: BodyFormat) -> BodyReading {
    let Answer::Http(http) = answer else { return BodyReading::None };
    match format {
        BodyFormat::Json | BodyFormat::AimManifest => BodyReading::Json(super::json::read(&http.body)),
        BodyFormat::Prometheus | BodyFormat::OpenMetrics => {
            BodyReading::Metrics(metrics::parse(&http.body, is_openmetrics(http, format)))
        }
        BodyFormat::Any | BodyFormat::Html | BodyFormat::Text => BodyReading::None,
    }
}

/// Whether metrics are OpenMetrics: the plan says so, or else the answer, as Prometheus goes by it.
fn is_openmetrics(answer: &HttpAnswer, format: BodyFormat) -> bool {
    format == BodyFormat::OpenMetrics || answer.media_type() == OPENMETRICS
}
