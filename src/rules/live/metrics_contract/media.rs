//! The media type of an answer that should be metrics: by it Prometheus chooses the format that it reads.
//!
//! `text/plain` is the text format 0.0.4, also without a version: every version of Prometheus reads it so. An answer that
//! names no type is refused since Prometheus 3, unless its configuration says what to fall back to.

use crate::model::{BodyFormat, EndpointContract, HttpAnswer};
use crate::rules::live::answer::{Fault, shown};

const TEXT: &str = "text/plain";
const OPEN: &str = "application/openmetrics-text";
/// Versions of each type that are read; a type without a version is the first one.
const VERSIONS: [(&str, &[&str]); 2] = [(TEXT, &["0.0.4"]), (OPEN, &["1.0.0", "0.0.1"])];

/// A media type that will not do.
pub(super) struct Wrong {
    pub(super) fault: Fault,
    /// Whether it is that of the other format, so that the body is no news.
    pub(super) is_other_format: bool,
}

/// Judges the media type, unless the plan names one that is no type of metrics.
pub(super) fn judge(contract: &EndpointContract, answer: &HttpAnswer) -> Option<Wrong> {
    if contract.content_type.as_ref().is_some_and(|planned| planned.value != TEXT && planned.value != OPEN) {
        return None;
    }
    let said = answer.header("content-type").unwrap_or_default();
    let mut parts = said.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let version = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("version").then(|| value.trim().trim_matches('"'))
    });
    let wants_open = contract.format == BodyFormat::OpenMetrics;
    let known = VERSIONS.iter().find(|(known, _)| *known == essence && (!wants_open || *known == OPEN));
    let what = match known {
        Some((_, versions)) => {
            let version = version.filter(|version| !versions.contains(version))?;
            format!("calls its body version `{}` of `{essence}`, version `{}` is read", shown(version), versions[0])
        }
        // The planned type says so itself, on its own line.
        None if contract.content_type.is_some() => return None,
        None => {
            let planned = if wants_open { OPEN } else { "text/plain; version=0.0.4" };
            match essence.is_empty() {
                true => format!("names no media type, planned `{planned}`"),
                false => format!("calls its body `{}`, planned `{planned}`", shown(&essence)),
            }
        }
    };
    let fault = Fault::new(what, &contract.place).help("Prometheus chooses by the media type how it reads a body");
    Some(Wrong { fault, is_other_format: wants_open && essence == TEXT })
}
