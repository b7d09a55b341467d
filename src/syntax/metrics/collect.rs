//! Puts samples into families, and keeps what is wrong: what both formats share.

use std::collections::{HashMap, HashSet};

use smol_str::{SmolStr, format_smolstr};

use super::cursor::shown;
use super::problems::Problems;
use super::{
    Exposition, MAX_FAMILIES, MAX_LABELS, MAX_SAMPLES, MetricFamily, MetricFault, MetricSample, meaning,
};

/// Labels of a sample above which names are looked up by hash.
const FEW: usize = 16;

/// The labels of one sample while they are read.
#[derive(Debug, Default)]
pub(super) struct Labels {
    list: Vec<(SmolStr, SmolStr)>,
    names: HashSet<SmolStr>,
}

impl Labels {
    pub(super) fn has(&self, name: &str) -> bool {
        match self.names.is_empty() {
            true => self.list.iter().any(|(known, _)| known == name),
            false => self.names.contains(name),
        }
    }

    pub(super) fn push(&mut self, name: &str, value: SmolStr) {
        let name = SmolStr::new(name);
        if self.list.len() == FEW {
            self.names.extend(self.list.iter().map(|(known, _)| known.clone()));
        }
        if self.list.len() >= FEW {
            self.names.insert(name.clone());
        }
        self.list.push((name, value));
    }

    /// Characters of all names and values.
    pub(super) fn characters(&self) -> usize {
        self.list.iter().map(|(name, value)| name.chars().count() + value.chars().count()).sum()
    }
}

/// A sample as it was read.
pub(super) struct NewSample<'a> {
    pub(super) name: &'a str,
    pub(super) labels: Labels,
    pub(super) value: f64,
    pub(super) timestamp: Option<f64>,
    pub(super) line: u32,
}

/// What is known of a family while a body is read.
#[derive(Debug, Default)]
pub(super) struct FamilyState {
    pub(super) has_help: bool,
    pub(super) has_type: bool,
    pub(super) has_unit: bool,
    pub(super) has_samples: bool,
    is_apart: bool,
}

/// Families and problems of a body.
#[derive(Debug)]
pub(super) struct Collector {
    is_openmetrics: bool,
    pub(super) families: Vec<MetricFamily>,
    pub(super) states: Vec<FamilyState>,
    by_name: HashMap<SmolStr, usize>,
    pub(super) problems: Problems,
    seen: usize,
    labels: usize,
    /// The family of the last line.
    current: Option<usize>,
    /// The family of the last sample and where that is, so that a run of one name is looked up once.
    last: Option<usize>,
}

impl Collector {
    pub(super) fn new(is_openmetrics: bool) -> Self {
        Self {
            is_openmetrics,
            families: Vec::new(),
            states: Vec::new(),
            by_name: HashMap::new(),
            problems: Problems::default(),
            seen: 0,
            labels: 0,
            current: None,
            last: None,
        }
    }

    /// The family that a name belongs to; a new one of that name where there is none. `None`: there are too many.
    pub(super) fn family_of(&mut self, name: &str) -> Option<usize> {
        if let Some(last) = self.last
            && self.families[last].samples.last().is_some_and(|sample| sample.name == name)
        {
            return self.last;
        }
        let found = self.by_name.get(name).copied().or_else(|| self.by_suffix(name));
        if found.is_some() {
            return found;
        }
        self.new_family(name)
    }

    /// The family of exactly this name; a new one where there is none. `None`: there are too many.
    pub(super) fn family_named(&mut self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied().or_else(|| self.new_family(name))
    }

    fn new_family(&mut self, name: &str) -> Option<usize> {
        if self.families.len() >= MAX_FAMILIES {
            self.too_much("families", MAX_FAMILIES);
            return None;
        }
        let name = SmolStr::new(name);
        self.by_name.insert(name.clone(), self.families.len());
        self.families.push(MetricFamily { name, ..MetricFamily::default() });
        self.states.push(FamilyState::default());
        Some(self.families.len() - 1)
    }

    fn by_suffix(&self, name: &str) -> Option<usize> {
        let kinds = suffixes(self.is_openmetrics);
        kinds.iter().find_map(|(kind, suffixes)| {
            suffixes.iter().find_map(|suffix| {
                let stem = name.strip_suffix(suffix).filter(|stem| !stem.is_empty())?;
                let family = self.by_name.get(stem).copied()?;
                (self.families[family].kind == *kind).then_some(family)
            })
        })
    }

    /// The line describes this family.
    pub(super) fn describes(&mut self, family: Option<usize>) {
        self.current = family;
    }

    /// Keeps a sample of a family.
    pub(super) fn sample(&mut self, family: Option<usize>, mut new: NewSample<'_>) {
        self.seen += 1;
        let stays = self.current == family;
        self.current = family;
        let Some(at) = family else { return };
        let is_first = self.families[at].samples.is_empty();
        // Without a type nobody knows what belongs together.
        if !stays && !is_first && !self.families[at].kind.is_empty() && !self.states[at].is_apart {
            self.states[at].is_apart = true;
            let name = shown(&self.families[at].name);
            let message = || format_smolstr!("samples of `{name}` stand apart from its others");
            self.problems.add(new.line, MetricFault::Apart, message);
        }
        if self.seen > MAX_SAMPLES {
            return self.too_much("samples", MAX_SAMPLES);
        }
        if self.labels + new.labels.list.len() > MAX_LABELS {
            return self.too_much("labels", MAX_LABELS);
        }
        self.labels += new.labels.list.len();
        // Most have few labels, and lists grow by four.
        new.labels.list.shrink_to_fit();
        let samples = &mut self.families[at].samples;
        let name = match samples.last() {
            Some(last) if last.name == new.name => last.name.clone(),
            _ => SmolStr::new(new.name),
        };
        let (value, timestamp, line) = (new.value, new.timestamp, new.line);
        samples.push(MetricSample { name, labels: new.labels.list, value, timestamp, line });
        self.last = family;
    }

    /// Says once that a cap is reached.
    fn too_much(&mut self, what: &str, cap: usize) {
        if !self.problems.has(MetricFault::TooMuch) {
            let message = || format_smolstr!("there are more than {cap} {what}; the others are not judged");
            self.problems.add(0, MetricFault::TooMuch, message);
        }
    }

    /// A line that cannot be read. Returns whether it is worth reading on.
    #[must_use]
    pub(super) fn syntax(&mut self, line: u32, message: SmolStr) -> bool {
        self.problems.add(line, MetricFault::Syntax, || message);
        !self.problems.has_enough(MetricFault::Syntax)
    }

    /// Everything that was read, and what it means.
    pub(super) fn finish(mut self) -> Exposition {
        if self.seen == 0 && !self.problems.has(MetricFault::Syntax) {
            self.problems.add(0, MetricFault::Empty, || "there is no sample".into());
        }
        // What is missing may stand in what was not read.
        let is_whole = !self.problems.has(MetricFault::Syntax) && !self.problems.has(MetricFault::TooMuch);
        for family in &self.families {
            meaning::judge(family, self.is_openmetrics, is_whole, &mut self.problems);
        }
        Exposition {
            is_openmetrics: self.is_openmetrics,
            families: self.families,
            problems: self.problems.into_sorted(),
        }
    }
}

/// The suffixes that samples of a family have, by its type (text format 0.0.4; OpenMetrics 1.0, "MetricFamily").
pub(super) fn suffixes(is_openmetrics: bool) -> &'static [(&'static str, &'static [&'static str])] {
    match is_openmetrics {
        true => &[
            ("counter", &["_total", "_created"]),
            ("histogram", &["_bucket", "_count", "_sum", "_created"]),
            ("gaugehistogram", &["_bucket", "_gcount", "_gsum"]),
            ("summary", &["_count", "_sum", "_created"]),
            ("info", &["_info"]),
        ],
        // In this order promtool looks for them.
        false => &[("summary", &["_count", "_sum"]), ("histogram", &["_count", "_sum", "_bucket"])],
    }
}
