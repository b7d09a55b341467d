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
    let wants_open = contract.format == BodyFormat::OpenMetrics;
    let media_type = answer.media_type();
    let version = version(answer.header("content-type").unwrap_or_default());
    let what = wrong(&media_type, version, wants_open, contract.content_type.is_some())?;
    let fault =
        Fault::new(what, &contract.place).help("Prometheus chooses by the media type how it reads a body");
    Some(Wrong { fault, is_other_format: wants_open && media_type == TEXT })
}

/// The version among the parameters of a media type.
fn version(said: &str) -> Option<&str> {
    said.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("version").then(|| value.trim().trim_matches('"'))
    })
}

/// What is wrong with a media type. `is_planned`: a type is planned by its name, so that another one is said already.
fn wrong(media_type: &str, version: Option<&str>, wants_open: bool, is_planned: bool) -> Option<String> {
    let known = VERSIONS.iter().find(|(known, _)| *known == media_type && (!wants_open || *known == OPEN));
    if let Some((_, versions)) = known {
        let version = shown(version.filter(|version| !versions.contains(version))?);
        return Some(format!(
            "calls its body version `{version}` of `{media_type}`, version `{}` is read",
            versions[0]
        ));
    }
    let planned = if wants_open { OPEN } else { "text/plain; version=0.0.4" };
    let found = match media_type.is_empty() {
        true => format!("names no media type, planned `{planned}`"),
        false => format!("calls its body `{}`, planned `{planned}`", shown(media_type)),
    };
    (!is_planned).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_of_metrics_have_versions() {
        let cases = [
            ("text/plain", false, ""),
            ("Text/Plain; charset=utf-8; Version=\"0.0.4\"", false, ""),
            ("application/openmetrics-text", false, ""),
            ("application/openmetrics-text; version=0.0.1", true, ""),
            ("text/plain; version=1.0.0", false, "version `1.0.0` of `text/plain`, version `0.0.4`"),
            ("application/openmetrics-text;version=2.0.0", true, "version `2.0.0`"),
            ("text/plain; version=0.0.4", true, "calls its body `text/plain`, planned `application/openmetrics"),
            ("application/json", false, "calls its body `application/json`, planned `text/plain; version=0.0.4`"),
            ("", false, "names no media type"),
            ("; version=0.0.4", false, "names no media type"),
        ];
        for (said, wants_open, want) in cases {
            let media_type = said.split(';').next().unwrap_or_default().to_ascii_lowercase();
            let found = wrong(&media_type, version(said), wants_open, false);
            match want {
                "" => assert_eq!(found, None, "{said}"),
                want => assert!(found.as_ref().is_some_and(|found| found.contains(want)), "{said}: {found:?}"),
            }
        }
        assert_eq!(wrong("application/json", None, false, true), None);
    }
}
