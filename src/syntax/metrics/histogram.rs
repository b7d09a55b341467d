//! Buckets of histograms (text format 0.0.4, "Histograms and summaries"; OpenMetrics 1.0, "Histogram").

use smol_str::{SmolStr, format_smolstr};

use super::meaning::{Known, series, sorted};
use super::problems::Problems;
use super::{MetricFamily, MetricFault, MetricSample, number};

/// One histogram of a family: what has the same labels besides `le`.
#[derive(Debug, Default)]
struct Histogram {
    /// Its first sample in the family.
    first: usize,
    line: u32,
    /// Upper bounds, counts and lines, as they stand.
    buckets: Vec<(f64, f64, u32)>,
    count: Option<(f64, u32)>,
    has_bad_bound: bool,
}

/// Judges the histograms of a family. What is wrong with several of them is said of the first.
pub(super) fn judge(family: &MetricFamily, is_openmetrics: bool, problems: &mut Problems) {
    let mut known = Known::new();
    let mut histograms: Vec<Histogram> = Vec::new();
    for (at, sample) in family.samples.iter().enumerate() {
        // Points of one histogram at several times are several histograms.
        let time = if is_openmetrics { sample.timestamp.map_or(0, f64::to_bits) } else { 0 };
        let found = known.put(sample, "le", ("", time), histograms.len()).unwrap_or_else(|| {
            histograms.push(Histogram { first: at, line: sample.line, ..Histogram::default() });
            histograms.len() - 1
        });
        histograms[found].add(sample, &family.name);
    }
    let mut said: Vec<&str> = Vec::new();
    for histogram in &mut histograms {
        let first = &family.samples[histogram.first];
        let name = || series(&family.name, &sorted(first, "le"));
        for (check, line, message) in histogram.faults(&name, is_openmetrics) {
            if !said.contains(&check) {
                said.push(check);
                problems.add(line, MetricFault::Buckets, || message);
            }
        }
    }
}

impl Histogram {
    fn add(&mut self, sample: &MetricSample, family: &str) {
        match sample.name.strip_prefix(family).unwrap_or_default() {
            "_bucket" => {
                // One without a bound does not fit its type, which is said elsewhere.
                let Some((_, bound)) = sample.labels.iter().find(|(name, _)| name == "le") else { return };
                match number::float(bound.as_bytes()) {
                    Some(bound) if !bound.is_nan() => {
                        self.buckets.push((bound, sample.value, sample.line));
                    }
                    _ => self.has_bad_bound = true,
                }
            }
            "_count" | "_gcount" => self.count = Some((sample.value, sample.line)),
            _ => {}
        }
    }

    /// What is wrong: the check, the line, a sentence.
    fn faults(
        &mut self,
        name: &dyn Fn() -> String,
        is_openmetrics: bool,
    ) -> Vec<(&'static str, u32, SmolStr)> {
        let mut faults = Vec::new();
        if self.has_bad_bound {
            let message = format_smolstr!("a bucket of `{}` has no upper bound that is a number", name());
            faults.push(("bound", self.line, message));
        }
        if let Some(pair) = self.buckets.windows(2).find(|pair| pair[1].0 <= pair[0].0) {
            let message = format_smolstr!(
                "the buckets of `{}` do not stand in rising order: `le=\"{}\"` behind `le=\"{}\"`",
                name(),
                bound(pair[1].0),
                bound(pair[0].0)
            );
            faults.push(("order", pair[1].2, message));
        }
        self.buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some(pair) = self.buckets.windows(2).find(|pair| pair[1].1 < pair[0].1) {
            let message = format_smolstr!(
                "the buckets of `{}` do not add up: `le=\"{}\"` counts `{}`, `le=\"{}\"` only `{}`",
                name(),
                bound(pair[0].0),
                pair[0].1,
                bound(pair[1].0),
                pair[1].1
            );
            faults.push(("sum", pair[1].2, message));
        }
        let whole = self.buckets.last().filter(|bucket| bucket.0 == f64::INFINITY);
        match (whole, self.count) {
            (None, _) => {
                let message = format_smolstr!("the histogram `{}` has no bucket `le=\"+Inf\"`", name());
                faults.push(("inf", self.line, message));
            }
            (Some((_, whole, _)), Some((count, line))) if *whole != count && !whole.is_nan() => {
                let message = format_smolstr!(
                    "the count of `{}` is `{count}`, its bucket `le=\"+Inf\"` counts `{whole}`",
                    name()
                );
                faults.push(("count", line, message));
            }
            (Some(_), None) if !is_openmetrics => {
                let message = format_smolstr!("the histogram `{}` has no `_count`", name());
                faults.push(("no count", self.line, message));
            }
            _ => {}
        }
        faults
    }
}

fn bound(value: f64) -> String {
    match value == f64::INFINITY {
        true => "+Inf".to_owned(),
        false => value.to_string(),
    }
}
