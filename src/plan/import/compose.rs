//! The plan as text: what was settled, in the order and style of a plan that somebody wrote by hand.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use smol_str::SmolStr;

use super::super::cells::is_everywhere;
use super::super::draft::RowDraft;
use super::claims::{Claim, Claims, Key, Outcome, Value, Voice, key};
use super::names::Names;
use super::services::Services;
use super::settings::{CONTRACT, Form, SECTIONS};
use super::toml_text::{self as toml, comment};
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
                    Some(value) => toml::value(value),
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
            let _ = write!(text, "; {at} has {} ({why})", toml::value(&other.value));
        }
        comment(&text)
    }

    fn left(&mut self, name: &str, path: &[SmolStr], lines: &mut Vec<Line>) {
        let Some(Outcome::Left { why, claims, contradiction }) = self.outcome(path) else { return };
        let mut said = Vec::new();
        for claim in claims.iter().take(8) {
            let at = self.at(std::slice::from_ref(claim));
            let text = format!("# {name} = {} {at}: {}", toml::value(&claim.value), comment(why));
            said.push(format!("{} ({})", toml::value(&claim.value), at.trim_start_matches("# ")));
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
                    parts.push(format!("{inner} = {}", toml::value(&claim.value)));
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
            let mut parts = vec![format!("from = {}", toml::value(&claim.value))];
            for field in ["path", "repository"] {
                if let Some(value) = self.material.claims.settled(&of(field)) {
                    parts.push(format!("{field} = {}", toml::value(&value)));
                }
            }
            let text =
                format!("{name} = {{ {} }} {}{}", parts.join(", "), self.at(claims), self.others(others));
            self.out.taken += 1;
            lines.push(Line { text, value: true });
        }
        self.put("[images.hierarchy]", lines);
    }

    fn machines(&mut self) {
        for (name, _) in &self.material.machines.list {
            let header = format!("machines.{}", toml::key(name));
            let mut lines = Vec::new();
            for field in ["alias", "host", "profile", "compose", "cuda-arch"] {
                self.one(field, &key(["machines", name, field]), &mut lines);
            }
            // A machine of which nothing but the name is known is one all the same.
            self.plain(String::new());
            self.plain(format!("[{header}]"));
            self.out.lines.extend(lines);
            let way = key(["machines", name, "values"]);
            let mut lines = Vec::new();
            for path in self.below(&way).into_iter().map(|(key, _)| (*key).clone()).collect::<Vec<_>>() {
                let variable = path.last().map(|name| toml::key(name)).unwrap_or_default();
                self.one(&variable, &path, &mut lines);
            }
            self.put(&format!("[{header}.values]"), lines);
        }
    }

    fn services(&mut self) {
        let services = self.material.services;
        if services.rows.is_empty() {
            return;
        }
        if let (Some(table), Some(heading), false) = (services.table, &services.heading, self.material.inline)
        {
            let file = toml::string(self.material.file);
            let heading = heading.as_ref().map(|text| format!(", heading = {}", toml::string(text)));
            let line = self.material.source.lines().line_of(table.span.start);
            let rows = services.rows.len();
            self.plain(String::new());
            let plural = if rows == 1 { "" } else { "s" };
            self.plain(format!("# {rows} row{plural}, from line {line}."));
            self.plain("[services]".to_owned());
            self.plain(format!("table = {{ file = {file}{} }}", heading.unwrap_or_default()));
            self.out.taken += rows;
            return self.about_paths(true);
        }
        let mut lines = Vec::new();
        let mut names = HashSet::new();
        for (row, voice) in &services.rows {
            let text = self.row(row);
            let twice = !names.insert(row.name.value.clone());
            let why = match voice {
                Voice::Doubtful(why) => Some(why.clone()),
                _ => twice.then(|| "the name stands there twice".to_owned()),
            };
            match why {
                Some(why) => {
                    self.out.doubtful += 1;
                    lines.push(Line { text: format!("# {text}: {}", comment(&why)), value: false });
                }
                None => {
                    self.out.taken += 1;
                    lines.push(Line { text, value: true });
                }
            }
        }
        self.put("[services.rows]", lines);
        self.about_paths(false);
    }

    /// What a document cannot be asked for: where the files of a service are.
    fn about_paths(&mut self, table: bool) {
        let rows = &self.material.services.rows;
        let Some((row, _)) = rows.iter().find(|(row, _)| row.paths.is_empty()) else { return };
        let name = toml::key(&row.name.value);
        self.plain(
            "# Only the document was read. A service whose files its name does not find needs their paths:"
                .to_owned(),
        );
        match table {
            true => {
                self.plain("# [services.rows]".to_owned());
                self.plain(format!("# {name} = {{ paths = [\"services/web\"] }}"));
            }
            false => self.plain(format!("# {name} = {{ \u{2026}, paths = [\"services/web\"] }}")),
        }
    }

    /// `Name = { on = ["mainpc"], base = "family-web", ports = "7200/8200" } # docs/plan.md:84`
    fn row(&self, row: &RowDraft) -> String {
        let mut parts = Vec::new();
        if let Some(on) = &row.on {
            let mut names: Vec<String> = Vec::new();
            let machines = self.material.machines;
            for name in &on.value {
                match machines.of(&name.value) {
                    Some(known) => names.push(known.to_owned()),
                    None if is_everywhere(&name.value) && !machines.list.is_empty() => {
                        names.extend(machines.list.iter().map(|(name, _)| name.clone()));
                    }
                    None => names.push(name.value.to_string()),
                }
            }
            let mut seen = HashSet::new();
            names.retain(|name| seen.insert(name.clone()));
            parts.push(format!("on = {}", toml::list(names)));
        }
        let texts = [
            ("needs", &row.needs),
            ("base", &row.base),
            ("python", &row.python),
            ("repository", &row.repository),
        ];
        for (name, text) in
            texts.into_iter().filter_map(|(name, text)| text.as_ref().map(|text| (name, text)))
        {
            parts.push(format!("{name} = {}", toml::string(&text.value)));
        }
        match (&row.service_port, &row.health_port) {
            (Some(service), Some(health)) => {
                parts.push(format!("ports = \"{}/{}\"", service.value, health.value))
            }
            (Some(service), None) => parts.push(format!("port = {}", service.value)),
            (None, Some(health)) => parts.push(format!("health-port = {}", health.value)),
            (None, None) => {}
        }
        if !row.paths.is_empty() {
            parts.push(format!("paths = {}", toml::list(row.paths.iter().map(|path| &path.value))));
        }
        let inner = if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join(", ")) };
        let line = self.material.source.lines().line_of(row.name.place.span.start);
        let at = comment(&format!("# {}:{line}", self.material.source.path()));
        format!("{} = {inner} {at}", toml::key(&row.name.value))
    }

    fn contracts(&mut self) {
        let mut names: Vec<SmolStr> = Vec::new();
        let mut seen = HashSet::new();
        for (path, _) in self.settled {
            if let [first, second, name, ..] = path.as_slice()
                && first == "services"
                && second == "contracts"
                && seen.insert(name.clone())
            {
                names.push(name.clone());
            }
        }
        let mut off = Vec::new();
        for name in &names {
            let way = key(["services", "contracts", name]);
            if self.material.claims.settled(&way) == Some(Value::Flag(false)) {
                self.one(&toml::key(name), &way, &mut off);
            }
        }
        self.put("[services.contracts]", off);
        for name in names {
            let way = |field: &str| key(["services", "contracts", &name, field]);
            // Without a path there is nothing to ask.
            let asked = self.material.claims.settled(&way("path")).is_some();
            let off = self.material.claims.settled(&key(["services", "contracts", &name]))
                == Some(Value::Flag(false));
            let mut lines = Vec::new();
            for (field, form) in CONTRACT.iter().filter(|(field, _)| !off && (asked || *field == "path")) {
                match form {
                    Form::Scalars | Form::Texts => self.group(field, &way(field), &mut lines),
                    _ => self.one(field, &way(field), &mut lines),
                }
            }
            self.put(&format!("[services.contracts.{}]", toml::key(&name)), lines);
        }
    }
}
