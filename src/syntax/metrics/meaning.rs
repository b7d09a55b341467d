//! What a family of metrics says, once it can be read: promtool lets all of this pass.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use smol_str::{SmolStr, format_smolstr};

use super::collect::suffixes;
use super::cursor::shown;
use super::{MetricFamily, MetricFault, MetricSample, histogram, number};

/// Hears of a problem: its line, its kind, and one sentence.
pub(super) type Report<'a> = &'a mut dyn FnMut(u32, MetricFault, SmolStr);

/// Judges one family. `is_whole`: whether all of its lines were read, so that what is not there is missing.
pub(super) fn judge(family: &MetricFamily, is_openmetrics: bool, is_whole: bool, report: Report<'_>) {
    duplicates(family, is_openmetrics, report);
    for sample in &family.samples {
        let suffix = sample.name.strip_prefix(family.name.as_str()).unwrap_or_default();
        if let Some(message) = misfit(family, sample, suffix, is_openmetrics) {
            report(sample.line, MetricFault::Misfit, message);
        } else if let Some(message) = wrong_value(family, sample, suffix, is_openmetrics) {
            report(sample.line, MetricFault::Value, message);
        }
    }
    if is_whole && matches!(family.kind.as_str(), "histogram" | "gaugehistogram") {
        histogram::judge(family, is_openmetrics, report);
    }
}

/// Labels by name, without one of them. A label without a value is none.
pub(super) fn sorted<'a>(sample: &'a MetricSample, without: &str) -> Vec<(&'a str, &'a str)> {
    let kept = sample.labels.iter().filter(|(name, value)| !value.is_empty() && name != without);
    let mut labels: Vec<(&str, &str)> = kept.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    labels.sort_unstable();
    labels
}

/// A series as a message shows it.
pub(super) fn series(name: &str, labels: &[(&str, &str)]) -> String {
    /// Labels that are shown.
    const SOME: usize = 3;
    let mut text = shown(name.as_bytes());
    if labels.is_empty() {
        return text;
    }
    let parts = labels
        .iter()
        .take(SOME)
        .map(|(name, value)| format!("{}=\"{}\"", shown(name.as_bytes()), shown(value.as_bytes())));
    let parts: Vec<String> = parts.chain((labels.len() > SOME).then(|| "…".to_owned())).collect();
    text = format!("{text}{{{}}}", parts.join(","));
    text
}

/// Every line must have its own name and labels, in whatever order they stand (text format 0.0.4, "Line format"). In
/// OpenMetrics one series may have several points with rising timestamps ("MetricPoint").
fn duplicates(family: &MetricFamily, is_openmetrics: bool, report: Report<'_>) {
    if family.samples.len() < 2 {
        return;
    }
    let mut known: HashMap<(&str, Vec<(&str, &str)>), &MetricSample> =
        HashMap::with_capacity(family.samples.len());
    for sample in &family.samples {
        match known.entry((sample.name.as_str(), sorted(sample, ""))) {
            Entry::Vacant(free) => {
                free.insert(sample);
            }
            Entry::Occupied(mut taken) => {
                let first = *taken.get();
                let rises = matches!((first.timestamp, sample.timestamp), (Some(a), Some(b)) if a < b);
                if is_openmetrics && rises {
                    taken.insert(sample);
                    continue;
                }
                let (name, labels) = taken.key();
                let message =
                    format_smolstr!("`{}` stands in line {} already", series(name, labels), first.line);
                report(sample.line, MetricFault::Duplicate, message);
            }
        }
    }
}

/// Why a sample does not belong to its family's type.
fn misfit(
    family: &MetricFamily,
    sample: &MetricSample,
    suffix: &str,
    is_openmetrics: bool,
) -> Option<SmolStr> {
    let (kind, name) = (family.kind.as_str(), shown(sample.name.as_bytes()));
    let label = |wanted: &str| sample.labels.iter().any(|(name, _)| name == wanted);
    let fits = match kind {
        "summary" => {
            suffix.is_empty()
                || matches!(suffix, "_count" | "_sum")
                || (is_openmetrics && suffix == "_created")
        }
        "counter" | "info" if !is_openmetrics => suffix.is_empty(),
        _ => match suffixes(is_openmetrics).iter().find(|(known, _)| *known == kind) {
            Some((_, suffixes)) => suffixes.contains(&suffix),
            None => suffix.is_empty(),
        },
    };
    if !fits {
        return Some(match (kind, suffix) {
            ("counter", "") => format_smolstr!("the counter `{name}` does not end with `_total`"),
            _ => format_smolstr!("`{name}` is no sample that the type `{kind}` has"),
        });
    }
    let missing = match (kind, suffix) {
        ("histogram" | "gaugehistogram", "_bucket") => "le",
        ("summary", "") => "quantile",
        ("stateset", _) => family.name.as_str(),
        _ => return None,
    };
    (!label(missing))
        .then(|| format_smolstr!("`{name}` of type `{kind}` has no label `{}`", shown(missing.as_bytes())))
}

/// Why a value is none that the type has.
fn wrong_value(
    family: &MetricFamily,
    sample: &MetricSample,
    suffix: &str,
    is_openmetrics: bool,
) -> Option<SmolStr> {
    let (name, value) = (shown(sample.name.as_bytes()), sample.value);
    match (family.kind.as_str(), suffix) {
        (_, "_created") => None,
        ("counter", _) if value < 0.0 => Some(format_smolstr!("the counter `{name}` is negative: `{value}`")),
        // The text format says nothing of it, and real counters that divide by zero have it.
        ("counter", _) if value.is_nan() && is_openmetrics => {
            Some(format_smolstr!("the counter `{name}` is not a number"))
        }
        ("histogram" | "summary", "_bucket" | "_count") if value.is_nan() || value < 0.0 => {
            Some(format_smolstr!("`{name}` counts `{value}`"))
        }
        ("summary", "") => {
            let (_, quantile) = sample.labels.iter().find(|(name, _)| name == "quantile")?;
            let is_one = number::float(quantile.as_bytes()).is_some_and(|at| (0.0..=1.0).contains(&at));
            let quantile = shown(quantile.as_bytes());
            (!is_one).then(|| format_smolstr!("the quantile `{quantile}` of `{name}` is not between 0 and 1"))
        }
        ("stateset", _) if value != 0.0 && value != 1.0 => {
            Some(format_smolstr!("the state `{name}` is `{value}`, neither 0 nor 1"))
        }
        ("info", _) if value != 1.0 => Some(format_smolstr!("the info `{name}` is `{value}`, not 1")),
        _ => None,
    }
}
