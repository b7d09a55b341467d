//! Puts samples into families, and keeps what is wrong: what both formats share.

use std::collections::{BTreeMap, HashMap, HashSet};

use smol_str::{SmolStr, format_smolstr};

use super::{
    Exposition, MAX_ALIKE, MAX_FAMILIES, MAX_LABELS, MAX_SAMPLES, MetricFamily, MetricFault, MetricProblem,
    MetricSample, meaning,
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

/// Problems by kind: of each as many as are kept.
type Problems = BTreeMap<MetricFault, Vec<MetricProblem>>;

/// Families and problems of a body.
#[derive(Debug)]
pub(super) struct Collector {
    is_openmetrics: bool,
    pub(super) families: Vec<MetricFamily>,
    pub(super) states: Vec<FamilyState>,
    by_name: HashMap<SmolStr, usize>,
    problems: Problems,
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
            problems: Problems::new(),
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
            let message =
                format_smolstr!("there are more than {MAX_FAMILIES} families; the others are not judged");
            self.once(MetricFault::TooMuch, message);
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
    pub(super) fn sample(&mut self, family: Option<usize>, new: NewSample<'_>) {
        self.seen += 1;
        let stays = self.current == family;
        self.current = family;
        let Some(at) = family else { return };
        let is_first = self.families[at].samples.is_empty();
        // Without a type nobody knows what belongs together.
        if !stays && !is_first && !self.families[at].kind.is_empty() && !self.states[at].is_apart {
            self.states[at].is_apart = true;
            let message =
                format_smolstr!("samples of `{}` stand apart from its others", self.families[at].name);
            self.problem(new.line, MetricFault::Apart, message);
        }
        if self.seen > MAX_SAMPLES || self.labels + new.labels.list.len() > MAX_LABELS {
            let message = format_smolstr!(
                "there are more than {MAX_SAMPLES} samples or {MAX_LABELS} labels; the rest is not judged"
            );
            self.once(MetricFault::TooMuch, message);
            return;
        }
        self.labels += new.labels.list.len();
        let samples = &mut self.families[at].samples;
        let name = match samples.last() {
            Some(last) if last.name == new.name => last.name.clone(),
            _ => SmolStr::new(new.name),
        };
        let (value, timestamp, line) = (new.value, new.timestamp, new.line);
        samples.push(MetricSample { name, labels: new.labels.list, value, timestamp, line });
        self.last = family;
    }

    /// A line that cannot be read.
    pub(super) fn syntax(&mut self, line: u32, message: SmolStr) {
        self.problem(line, MetricFault::Syntax, message);
    }

    /// A problem at a line.
    pub(super) fn problem(&mut self, line: u32, kind: MetricFault, message: SmolStr) {
        add(&mut self.problems, line, kind, message);
    }

    fn once(&mut self, kind: MetricFault, message: SmolStr) {
        if self.problems.get(&kind).is_none_or(|known| known.iter().all(|problem| problem.message != message))
        {
            self.problem(0, kind, message);
        }
    }

    /// Everything that was read, and what it means.
    pub(super) fn finish(mut self) -> Exposition {
        if self.seen == 0 && !self.problems.contains_key(&MetricFault::Syntax) {
            self.problem(0, MetricFault::Empty, "there is no sample".into());
        }
        let is_whole =
            [MetricFault::Syntax, MetricFault::TooMuch].iter().all(|kind| !self.problems.contains_key(kind));
        let problems = &mut self.problems;
        for family in &self.families {
            meaning::judge(family, self.is_openmetrics, is_whole, &mut |line, kind, message| {
                add(problems, line, kind, message);
            });
        }
        let mut problems: Vec<MetricProblem> = self.problems.into_values().flatten().collect();
        problems.sort_by_key(|problem| problem.line);
        Exposition { is_openmetrics: self.is_openmetrics, families: self.families, problems }
    }
}

fn add(problems: &mut Problems, line: u32, kind: MetricFault, message: SmolStr) {
    let alike = problems.entry(kind).or_default();
    if alike.len() < MAX_ALIKE {
        alike.push(MetricProblem { line, is_syntax: kind == MetricFault::Syntax, kind, message });
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
