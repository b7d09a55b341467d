//! Names and values of metrics that the plan demands.

use smol_str::SmolStr;

use crate::model::{EndpointContract, HttpAnswer, Spanned};
use crate::rules::common::nearest;
use crate::rules::live::answer::{Fault, clip};
use crate::syntax::metrics::{Exposition, MetricFamily, MetricFault, MetricSample};

/// Names that a message lists.
const MAX_NAMED: usize = 3;
/// Families that are looked through for a name that was meant.
const MAX_NEAR: usize = 2_000;

/// Judges what was read. Where nothing was, that is said already.
pub(super) fn judge(
    contract: &EndpointContract,
    answer: &HttpAnswer,
    metrics: &Exposition,
    out: &mut Vec<Fault>,
) {
    let has = |kind: MetricFault| metrics.problems.iter().any(|problem| problem.kind == kind);
    if has(MetricFault::Empty) || has(MetricFault::TooMuch) {
        return;
    }
    let broken = has(MetricFault::Syntax);
    // A name in a body with lines that cannot be read may stand in one of them.
    let may_hide =
        |name: &str| broken && memchr::memmem::find(&answer.body, name.as_bytes()).is_some();
    let missing: Vec<&Spanned<SmolStr>> = contract
        .names
        .iter()
        .filter(|name| !metrics.families.iter().any(|family| is_there(family, &name.value)))
        .filter(|name| !may_hide(&name.value))
        .collect();
    out.extend(missing_names(&missing, metrics));
    for (name, planned) in &contract.values {
        if !missing.iter().any(|missing| missing.value == *name) && !may_hide(name) {
            out.extend(value(name, planned, metrics));
        }
    }
}

/// Whether a name stands for this family: its own, one of its samples', and for a counter of the text format the name
/// without `_total`, which is that of its family in OpenMetrics. A family that is described and has no samples counts: a
/// metric with labels has none before it is used.
fn is_there(family: &MetricFamily, name: &str) -> bool {
    if family.name == name || family.samples.iter().any(|sample| sample.name == name) {
        return true;
    }
    let Some(suffix) = family.name.strip_prefix(name).or_else(|| name.strip_prefix(family.name.as_str())) else {
        return false;
    };
    match family.kind.as_str() {
        "counter" => suffix == "_total",
        "histogram" | "summary" => family.samples.is_empty() && matches!(suffix, "_bucket" | "_count" | "_sum"),
        // Without types the samples of a histogram are families of their own.
        "" => family.name.len() > name.len() && matches!(suffix, "_bucket" | "_count" | "_sum" | "_total"),
        _ => false,
    }
}

fn missing_names(missing: &[&Spanned<SmolStr>], metrics: &Exposition) -> Option<Fault> {
    let first = missing.first()?;
    let mut names: Vec<String> =
        missing.iter().take(MAX_NAMED).map(|name| format!("`{}`", name.value)).collect();
    if missing.len() > MAX_NAMED {
        names.push(format!("{} more", missing.len() - MAX_NAMED));
    }
    let known = metrics.families.iter().take(MAX_NEAR).map(|family| family.name.as_str());
    let near = nearest(&first.value, known).filter(|_| missing.len() == 1);
    let near = near.map(|near| format!("; the nearest is `{}`", clip(near))).unwrap_or_default();
    Some(Fault::new(format!("has no metric {}{near}", names.join(", ")), &first.place))
}

/// A sample whose value is not the planned one, or that none is there.
fn value(name: &SmolStr, planned: &Spanned<SmolStr>, metrics: &Exposition) -> Option<Fault> {
    let wanted: f64 = planned.value.replace('_', "").parse().ok()?;
    let mut any = false;
    for sample in metrics.families.iter().flat_map(|family| &family.samples) {
        if sample.name != *name {
            continue;
        }
        any = true;
        if sample.value != wanted && !(sample.value.is_nan() && wanted.is_nan()) {
            let what = format!("says `{}` is `{}`, planned `{}`", series(sample), sample.value, planned.value);
            return Some(Fault::new(what, &planned.place));
        }
    }
    let what = || format!("has no sample of `{name}`, planned `{}`", planned.value);
    (!any).then(|| Fault::new(what(), &planned.place))
}

fn series(sample: &MetricSample) -> String {
    let labels: Vec<String> = sample
        .labels
        .iter()
        .take(MAX_NAMED)
        .map(|(name, value)| match clip(&format!("{name}=\"{value}\"")).as_str() {
            // The name says that the value is a secret.
            "***" => format!("{}=\"***\"", clip(name)),
            _ => format!("{}=\"{}\"", clip(name), clip(value)),
        })
        .collect();
    match labels.is_empty() {
        true => clip(&sample.name),
        false => format!("{}{{{}}}", clip(&sample.name), labels.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::metrics::parse;

    #[test]
    fn a_family_goes_by_several_names() {
        let cases = [
            ("# TYPE a_total counter\na_total 1\n", "a_total a", "a_count b total"),
            ("# TYPE a_total counter\n", "a_total a", "a_created"),
            ("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n", "a a_bucket a_sum a_count", "a_total"),
            ("# TYPE a histogram\n", "a a_bucket a_sum a_count", "a_total a_"),
            ("# TYPE a summary\na_sum 1\n", "a a_sum", "a_count"),
            ("a_bucket{le=\"1\"} 1\na_count 1\n", "a a_bucket a_count", "a_sum a_total"),
            ("# TYPE a_count gauge\na_count 1\n", "a_count", "a a_count_total"),
            ("a 1\n", "a", "a_total a_count"),
        ];
        for (body, there, not_there) in cases {
            let read = parse(body.as_bytes(), false);
            let has = |name: &str| read.families.iter().any(|family| is_there(family, name));
            assert!(there.split(' ').all(has), "{body}");
            assert!(!not_there.split(' ').any(has), "{body}");
        }
    }
}
