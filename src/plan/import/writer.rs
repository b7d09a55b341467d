//! The plan as text: what was settled, in the order and style of a plan that somebody wrote by hand.

mod rows;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use smol_str::SmolStr;

use super::super::toml_text::{self as toml, comment};
use super::claims::{Claim, Claims, Key, Outcome, Value, Voice, key};
use super::names::Names;
use super::services::Services;
use super::settings::{Form, SECTIONS};
use crate::source::Source;

/// Lines of one comment that lists lines of the document.
const MAX_LINES: usize = 6;

/// A line of the plan.
pub(super) struct Line {
    pub(super) text: String,
    /// Whether it holds a value that can be left out by itself.
    pub(super) value: bool,
}

/// What the plan is written of.
pub(super) struct Material<'a> {
    pub(super) source: &'a Source,
    pub(super) claims: &'a Claims,
    pub(super) machines: &'a Names,
    pub(super) services: &'a Services<'a>,
    /// The document as the plan names it.
    pub(super) file: &'a str,
    pub(super) inline: bool,
}

/// The plan's lines and counts.
#[derive(Default)]
pub(super) struct Composed {
    pub(super) lines: Vec<Line>,
    pub(super) taken: usize,
    pub(super) doubtful: usize,
    pub(super) contradictions: Vec<String>,
}

/// Writes everything but the notes at the end.
pub(super) fn compose(material: &Material<'_>) -> Composed {
    let settled = material.claims.settle();
    let index = settled.iter().enumerate().map(|(at, (key, _))| (key.as_slice(), at)).collect();
    let mut below: HashMap<&[SmolStr], Vec<usize>> = HashMap::new();
    for (at, (key, _)) in settled.iter().enumerate() {
        if let Some((_, above)) = key.split_last() {
            below.entry(above).or_default().push(at);
        }
    }
    let mut writer = Writer { material, out: Composed::default(), settled: &settled, index, below };
    writer.plain(format!("# A plan for `plimsoll check`, read from {}.", comment(material.source.path())));
    writer.plain(
        "# Behind each value stands the line that says it; what is commented out was not sure enough."
            .to_owned(),
    );
    writer.plain("extends = [\"recommended\"]".to_owned());
    for (section, keys) in SECTIONS {
        writer.section(section, keys);
        match section {
            "images.size" => writer.hierarchy(),
            "python" => writer.open("pins", &["pins"]),
            _ => {}
        }
    }
    writer.machines();
    writer.services();
    writer.contracts();
    writer.out
}

struct Writer<'a> {
    material: &'a Material<'a>,
    out: Composed,
    settled: &'a [(&'a Key, Outcome)],
    index: HashMap<&'a [SmolStr], usize>,
    /// The keys one step below a way.
    below: HashMap<&'a [SmolStr], Vec<usize>>,
}

impl<'a> Writer<'a> {
    fn plain(&mut self, text: String) {
        self.out.lines.push(Line { text, value: false });
    }

    /// `docs/plan.md:12, 41`
    fn at(&self, claims: &[Claim]) -> String {
        let lines = self.material.source.lines();
        let mut numbers: Vec<u32> =
            claims.iter().filter(|claim| claim.at != u32::MAX).map(|claim| lines.line_of(claim.at)).collect();
        numbers.dedup();
        let more = if numbers.len() > MAX_LINES { ", \u{2026}" } else { "" };
        numbers.truncate(MAX_LINES);
        let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
        match numbers.is_empty() {
            true => String::new(),
            false => comment(&format!("# {}:{}{more}", self.material.source.path(), numbers.join(", "))),
        }
    }

    /// The keys below a way, in the order of the document.
    fn below(&self, way: &[SmolStr]) -> Vec<&'a (&'a Key, Outcome)> {
        self.below.get(way).into_iter().flatten().filter_map(|at| self.settled.get(*at)).collect()
    }

    fn section(&mut self, section: &str, keys: &[(&str, Form)]) {
        let way: Key = section.split('.').map(SmolStr::from).collect();
        if keys.is_empty() {
            return self.open(section, &[section]);
        }
        let mut lines = Vec::new();
        for (name, form) in keys {
            let mut path = way.clone();
            path.push(SmolStr::from(*name));
            match form {
                Form::Scalars | Form::Texts => self.group(name, &path, &mut lines),
                _ => self.one(name, &path, &mut lines),
            }
        }
        self.put(&format!("[{section}]"), lines);
    }

    /// A section whose keys are the document's own.
    fn open(&mut self, header: &str, way: &[&str]) {
        let way: Key = way.iter().map(|part| SmolStr::from(*part)).collect();
        let mut lines = Vec::new();
        for path in self.below(&way).into_iter().map(|(key, _)| (*key).clone()).collect::<Vec<_>>() {
            let name = path.last().map(|name| toml::key(name)).unwrap_or_default();
            self.one(&name, &path, &mut lines);
        }
        self.put(&format!("[{header}]"), lines);
    }

    /// Header and lines; a header of nothing but doubts is a comment, too.
    fn put(&mut self, header: &str, lines: Vec<Line>) {
        if lines.is_empty() {
            return;
        }
        let any = lines.iter().any(|line| line.value);
        self.plain(String::new());
        self.plain(if any { header.to_owned() } else { format!("# {header}") });
        self.out.lines.extend(lines);
    }

    fn outcome(&self, path: &[SmolStr]) -> Option<&'a Outcome> {
        self.index.get(path).and_then(|at| self.settled.get(*at)).map(|(_, outcome)| outcome)
    }

    /// `key = value # where`, or the same as a comment with the reason.
    fn one(&mut self, name: &str, path: &[SmolStr], lines: &mut Vec<Line>) {
        let Some(outcome) = self.outcome(path) else { return };
        match outcome {
            Outcome::Taken { claims, others } => {
                let value = match claims.first().map(|claim| &claim.value) {
                    Some(Value::Item(_)) => {
                        toml::list(claims.iter().filter_map(|claim| match &claim.value {
                            Value::Item(item) => Some(item),
                            _ => None,
                        }))
                    }
                    Some(value) => value.toml(),
                    None => return,
                };
                let text = format!("{name} = {value} {}{}", self.at(claims), self.others(others));
                self.out.taken += 1;
                lines.push(Line { text: text.trim_end().to_owned(), value: true });
            }
            Outcome::Left { .. } => self.left(name, path, lines),
        }
    }

    /// What else was said, behind a value.
    fn others(&self, others: &[Claim]) -> String {
        let mut text = String::new();
        for other in others.iter().take(3) {
            let why = match &other.voice {
                Voice::Doubtful(why) => why.as_str(),
                Voice::Example => "an example",
                _ => "in other words",
            };
            let at = self.at(std::slice::from_ref(other));
            let at = at.trim_start_matches("# ");
            let _ = write!(text, "; {at} has {} ({why})", other.value.toml());
        }
        comment(&text)
    }

    fn left(&mut self, name: &str, path: &[SmolStr], lines: &mut Vec<Line>) {
        let Some(Outcome::Left { why, claims, contradiction }) = self.outcome(path) else { return };
        let mut said = Vec::new();
        for claim in claims.iter().take(8) {
            let at = self.at(std::slice::from_ref(claim));
            let text = format!("# {name} = {} {at}: {}", claim.value.toml(), comment(why));
            said.push(format!("{} ({})", claim.value.toml(), at.trim_start_matches("# ")));
            lines.push(Line { text, value: false });
        }
        let both = contradiction.then(|| format!("`{}` is {}", path.join("."), said.join(" and ")));
        match both {
            Some(both) => self.out.contradictions.push(both),
            None => self.out.doubtful += 1,
        }
    }

    /// An inline table of the keys below a way.
    fn group(&mut self, name: &str, way: &[SmolStr], lines: &mut Vec<Line>) {
        let (mut parts, mut claims, mut left) = (Vec::new(), Vec::new(), Vec::new());
        let mut others = String::new();
        for (path, outcome) in self.below(way) {
            let inner = path.last().map(|inner| toml::key(inner)).unwrap_or_default();
            match outcome {
                Outcome::Taken { claims: taken, others: more } => {
                    let Some(claim) = taken.first() else { continue };
                    parts.push(format!("{inner} = {}", claim.value.toml()));
                    others.push_str(&self.others(more));
                    claims.push(claim.clone());
                }
                Outcome::Left { .. } => left.push(((*path).clone(), format!("{name}.{inner}"))),
            }
        }
        if !parts.is_empty() {
            let text = format!("{name} = {{ {} }} {}{others}", parts.join(", "), self.at(&claims));
            self.out.taken += parts.len();
            lines.push(Line { text, value: true });
        }
        for (path, name) in left {
            self.left(&name, &path, lines);
        }
    }

    fn hierarchy(&mut self) {
        let mut lines = Vec::new();
        let mut images: Vec<SmolStr> = Vec::new();
        let mut seen = HashSet::new();
        for (path, _) in self.settled {
            if let [first, second, name, _] = path.as_slice()
                && first == "images"
                && second == "hierarchy"
                && seen.insert(name.clone())
            {
                images.push(name.clone());
            }
        }
        for image in images {
            let name = toml::key(&image);
            let way = key(["images", "hierarchy", &image]);
            let of = |field: &str| {
                let mut path = way.clone();
                path.push(SmolStr::from(field));
                path
            };
            let Some(Outcome::Taken { claims, others }) = self.outcome(&of("from")) else {
                self.left(&format!("{name}.from"), &of("from"), &mut lines);
                continue;
            };
            let Some(claim) = claims.first() else { continue };
            let mut parts = vec![format!("from = {}", claim.value.toml())];
            for field in ["path", "repository"] {
                if let Some(value) = self.material.claims.settled(&of(field)) {
                    parts.push(format!("{field} = {}", value.toml()));
                }
            }
            let text =
                format!("{name} = {{ {} }} {}{}", parts.join(", "), self.at(claims), self.others(others));
            self.out.taken += 1;
            lines.push(Line { text, value: true });
        }
        self.put("[images.hierarchy]", lines);
    }
}
