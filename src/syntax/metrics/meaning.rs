//! What a family of metrics says, once it can be read: promtool lets all of this pass.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use smol_str::{SmolStr, format_smolstr};

use super::collect::suffixes;
use super::cursor::shown;
use super::problems::Problems;
use super::{MetricFamily, MetricFault, MetricSample, histogram, number};

/// Labels of a series that a message shows.
const SHOWN: usize = 3;

/// Judges one family. `is_whole`: whether all of its lines were read, so that what is not there is missing.
pub(super) fn judge(family: &MetricFamily, is_openmetrics: bool, is_whole: bool, problems: &mut Problems) {
    duplicates(family, is_openmetrics, problems);
    for sample in &family.samples {
        let suffix = sample.name.strip_prefix(family.name.as_str()).unwrap_or_default();
        let of = Of { kind: &family.kind, family: &family.name, sample, suffix, is_openmetrics };
        if !of.fits() {
            problems.add(sample.line, MetricFault::Misfit, || of.misfit());
        } else if let Some(label) = of.missing_label() {
            problems.add(sample.line, MetricFault::Misfit, || {
                let (name, label) = (shown(&sample.name), shown(label));
                format_smolstr!("`{name}` of type `{}` has no label `{label}`", family.kind)
            });
        } else if of.has_wrong_value() {
            problems.add(sample.line, MetricFault::Value, || of.wrong_value());
        }
    }
    if is_whole && matches!(family.kind.as_str(), "histogram" | "gaugehistogram") {
        histogram::judge(family, is_openmetrics, problems);
    }
}

/// Labels by name, without one of them. A label without a value is none.
pub(super) fn sorted<'a>(sample: &'a MetricSample, without: &str) -> Vec<(&'a str, &'a str)> {
    let mut labels = Vec::new();
    sort_into(&mut labels, sample, without);
    labels
}

fn sort_into<'a>(labels: &mut Vec<(&'a str, &'a str)>, sample: &'a MetricSample, without: &str) {
    labels.clear();
    let kept = sample.labels.iter().filter(|(name, value)| !value.is_empty() && name != without);
    labels.extend(kept.map(|(name, value)| (name.as_str(), value.as_str())));
    labels.sort_unstable();
}

/// A series as a message shows it.
pub(super) fn series(name: &str, labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return shown(name);
    }
    let parts =
        labels.iter().take(SHOWN).map(|(name, value)| format!("{}=\"{}\"", shown(name), shown(value)));
    let parts: Vec<String> = parts.chain((labels.len() > SHOWN).then(|| "…".to_owned())).collect();
    format!("{}{{{}}}", shown(name), parts.join(","))
}

/// Finds samples again by name and labels, in whatever order the labels stand.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// What was last seen of a series, by its hash: a key of its own for each would be most of the memory.
    by_hash: HashMap<u64, usize>,
    hasher: RandomState,
    labels: Vec<(&'a str, &'a str)>,
}

impl<'a> Known<'a> {
    pub(super) fn new() -> Self {
        Self { by_hash: HashMap::new(), hasher: RandomState::new(), labels: Vec::new() }
    }

    /// Remembers what stands at `at` for a series. Returns what stood there before. `more`: what else tells two apart.
    pub(super) fn put(
        &mut self,
        sample: &'a MetricSample,
        without: &str,
        more: (&str, u64),
        at: usize,
    ) -> Option<usize> {
        sort_into(&mut self.labels, sample, without);
        let hash = self.hasher.hash_one((more, &self.labels));
        match self.by_hash.entry(hash) {
            std::collections::hash_map::Entry::Occupied(known) => Some(*known.get()),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(at);
                None
            }
        }
    }
}

/// Every line must have its own name and labels, in whatever order they stand (text format 0.0.4, "Line format"). In
/// OpenMetrics one series may have several points with rising timestamps ("MetricPoint").
fn duplicates(family: &MetricFamily, is_openmetrics: bool, problems: &mut Problems) {
    if family.samples.len() < 2 {
        return;
    }
    let mut known = Known::new();
    // Of a series with several points: the one before.
    let mut latest: HashMap<usize, usize> = HashMap::new();
    for (at, sample) in family.samples.iter().enumerate() {
        let Some(start) = known.put(sample, "", (&sample.name, 0), at) else { continue };
        let first = &family.samples[latest.get(&start).copied().unwrap_or(start)];
        let rises = matches!((first.timestamp, sample.timestamp), (Some(a), Some(b)) if a < b);
        if is_openmetrics && rises {
            latest.insert(start, at);
            continue;
        }
        problems.add(sample.line, MetricFault::Duplicate, || {
            let name = series(&sample.name, &sorted(sample, ""));
            format_smolstr!("`{name}` stands in line {} already", first.line)
        });
    }
}

/// A sample of a family.
struct Of<'a> {
    kind: &'a str,
    family: &'a str,
    sample: &'a MetricSample,
    /// What the sample's name has behind the family's.
    suffix: &'a str,
    is_openmetrics: bool,
}

impl<'a> Of<'a> {
    /// Whether the type has samples of this name.
    fn fits(&self) -> bool {
        if self.kind == "summary" && self.suffix.is_empty() {
            return true;
        }
        match suffixes(self.is_openmetrics).iter().find(|(kind, _)| *kind == self.kind) {
            Some((_, suffixes)) => suffixes.contains(&self.suffix),
            None => self.suffix.is_empty(),
        }
    }

    fn misfit(&self) -> SmolStr {
        let name = shown(&self.sample.name);
        match (self.kind, self.suffix) {
            ("counter", "") => format_smolstr!("the counter `{name}` does not end with `_total`"),
            _ => format_smolstr!("`{name}` is no sample that the type `{}` has", self.kind),
        }
    }

    fn label(&self, wanted: &str) -> Option<&'a str> {
        let found = self.sample.labels.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    }

    /// A label that the type must have.
    fn missing_label(&self) -> Option<&'a str> {
        let wanted = match (self.kind, self.suffix) {
            ("histogram" | "gaugehistogram", "_bucket") => "le",
            ("summary", "") => "quantile",
            ("stateset", _) => self.family,
            _ => return None,
        };
        self.label(wanted).is_none().then_some(wanted)
    }

    /// Whether the value, or the quantile that it is of, is none that the type has.
    fn has_wrong_value(&self) -> bool {
        let value = self.sample.value;
        match (self.kind, self.suffix) {
            (_, "_created") => false,
            // The text format does not forbid a counter that is not a number, OpenMetrics does ("Counter").
            ("counter", _) => value < 0.0 || (value.is_nan() && self.is_openmetrics),
            ("histogram" | "summary", "_bucket" | "_count") => value.is_nan() || value < 0.0,
            ("summary", "") => !self
                .label("quantile")
                .and_then(|quantile| number::float(quantile.as_bytes()))
                .is_some_and(|quantile| (0.0..=1.0).contains(&quantile)),
            ("stateset", _) => value != 0.0 && value != 1.0,
            ("info", _) => value != 1.0,
            _ => false,
        }
    }

    fn wrong_value(&self) -> SmolStr {
        let (name, value) = (shown(&self.sample.name), self.sample.value);
        match (self.kind, self.suffix) {
            ("counter", _) if value < 0.0 => format_smolstr!("the counter `{name}` is negative: `{value}`"),
            ("counter", _) => format_smolstr!("the counter `{name}` is not a number"),
            ("summary", "") => {
                let quantile = shown(self.label("quantile").unwrap_or_default());
                format_smolstr!("the quantile `{quantile}` of `{name}` is not between 0 and 1")
            }
            ("stateset", _) => format_smolstr!("the state `{name}` is `{value}`, neither 0 nor 1"),
            ("info", _) => format_smolstr!("the info `{name}` is `{value}`, not 1"),
            _ => format_smolstr!("`{name}` counts `{value}`"),
        }
    }
}
