//! Findings by service and by rule: which row each belongs to, and how the rows and columns are ordered.
//!
//! Findings and what was looked at go in, a sparse matrix comes out. No markup here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::super::services::Index;
use super::super::{Report, Service, visible};
use super::subject::SubjectKind;
use crate::finding::{Finding, Kind, Severity};

/// How many errors, warnings, notes and open results; compares like "worse".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tally(pub(super) [usize; 4]);

/// One subject.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) kind: SubjectKind,
    /// What it is called, free of hostile characters; no two rows are called the same.
    pub(super) name: String,
    /// Whether the plan has a row for it; bases and files count as planned.
    pub(super) planned: bool,
    /// Whether anything of it was looked at.
    pub(super) judged: bool,
    pub(super) tally: Tally,
    /// By rule.
    pub(super) cells: BTreeMap<&'static str, Cell>,
}

/// What one rule found in one subject.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) tally: Tally,
    /// The first of its results.
    pub(super) first: Mark,
}

/// A result by its place in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    Finding(usize),
    Open(usize),
}

/// One rule.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) rule: &'static str,
    pub(super) tally: Tally,
}

/// Everything.
#[derive(Debug)]
pub(super) struct Matrix {
    /// By kind, then the worst first, then by their first column, then in the order of the subjects.
    pub(super) rows: Vec<Row>,
    /// The worst first, then in the order of the rules.
    pub(super) columns: Vec<Column>,
    /// The row's name of each finding and of each open result.
    names: [Vec<usize>; 2],
    /// Names by the index that `names` holds.
    by_index: Vec<String>,
}

impl Tally {
    fn add(&mut self, finding: &Finding) {
        self.0[class(finding)] += 1;
    }

    /// How many in all.
    pub(super) fn sum(self) -> usize {
        self.0.iter().sum()
    }

    /// The class of the worst: `error`, `warning`, `note`, `open`, and `pass` when there is nothing.
    pub(super) fn worst(self) -> &'static str {
        let at = self.0.iter().position(|count| *count > 0);
        at.map_or("pass", |at| CLASSES[at])
    }

    /// `2 errors, 1 open`.
    pub(super) fn text(self) -> String {
        let nouns = ["error", "warning", "note", "open"];
        let some = nouns.iter().zip(self.0).filter(|(_, count)| *count > 0);
        let parts: Vec<String> = some
            .map(|(noun, count)| match *noun {
                "open" => format!("{count} open"),
                noun => super::super::counted(count, noun),
            })
            .collect();
        if parts.is_empty() { "nothing found".to_owned() } else { parts.join(", ") }
    }
}

/// Classes of results, the worst first.
pub(super) const CLASSES: [&str; 4] = ["error", "warning", "note", "open"];

/// The place of a result in [`CLASSES`].
pub(super) fn class(finding: &Finding) -> usize {
    match (finding.kind, finding.severity) {
        (Kind::Open, _) => 3,
        (_, Severity::Error) => 0,
        (_, Severity::Warning) => 1,
        (_, Severity::Note) => 2,
    }
}

/// The sign of a class, so that nothing is said by colour alone.
pub(super) fn sign(class: &str) -> &'static str {
    match class {
        "error" => "✗",
        "warning" => "!",
        "note" => "i",
        "open" => "?",
        _ => "✓",
    }
}

impl Matrix {
    /// Sorts every result into its row.
    pub(super) fn of(report: &Report<'_>) -> Self {
        let subjects = &report.checked.subjects;
        let services: Vec<&Service> = subjects.iter().map(|subject| &subject.service).collect();
        let index = Index::new(services.iter().copied());
        let mut rows = Rows::default();
        for subject in subjects {
            let service = &subject.service;
            let planned = service.planned || subject.kind != SubjectKind::Service;
            rows.add(&service.name, subject.kind, planned, !service.files.is_empty());
        }
        let mut others: HashMap<(SubjectKind, &str), usize> = HashMap::new();
        let mut sort = |finding, mark| {
            let at = index.of(finding).unwrap_or_else(|| {
                let (kind, name) = fallback(finding);
                *others.entry((kind, name)).or_insert_with(|| rows.add(name, kind, true, true))
            });
            rows.count(at, finding, mark);
            at
        };
        let findings =
            report.findings.iter().enumerate().map(|(at, it)| sort(it, Mark::Finding(at))).collect();
        let open = report.open.iter().enumerate().map(|(at, it)| sort(it, Mark::Open(at))).collect();
        let by_index = rows.all.iter().map(|row| row.name.clone()).collect();
        let columns = columns(report);
        let mut rows = rows.all;
        // Rows that are equally bad follow the columns, so that marks stand near each other.
        let place: HashMap<&str, usize> =
            columns.iter().enumerate().map(|(at, column)| (column.rule, at)).collect();
        let leftmost = |row: &Row| row.cells.keys().filter_map(|rule| place.get(rule)).min().copied();
        rows.sort_by_key(|row| (row.kind, Reverse(row.tally), leftmost(row)));
        Self { rows, columns, names: [findings, open], by_index }
    }

    /// The name of the row that a result belongs to.
    pub(super) fn name(&self, mark: Mark) -> &str {
        let at = match mark {
            Mark::Finding(at) => self.names[0].get(at),
            Mark::Open(at) => self.names[1].get(at),
        };
        at.and_then(|at| self.by_index.get(*at)).map_or("", String::as_str)
    }

    /// How many rows of a kind were looked at, and how many of them are clean.
    pub(super) fn standing(&self, kind: SubjectKind) -> (usize, usize) {
        let judged = self.rows.iter().filter(|row| row.kind == kind && row.counts_as_judged());
        let clean = judged.clone().filter(|row| row.tally.sum() == 0).count();
        (judged.count(), clean)
    }
}

impl Row {
    /// Who has findings was looked at, if only in the plan.
    pub(super) fn counts_as_judged(&self) -> bool {
        self.judged || self.tally.sum() > 0
    }
}

/// The row of a result that no subject claims.
fn fallback(finding: &Finding) -> (SubjectKind, &str) {
    match finding.service.as_deref() {
        Some(service) => (SubjectKind::Service, service),
        None => (SubjectKind::Other, finding.place.source.path()),
    }
}

/// Rows on their way.
#[derive(Default)]
struct Rows {
    all: Vec<Row>,
    /// Names, and how often each was asked for again.
    taken: HashMap<String, usize>,
}

impl Rows {
    /// Adds a row under a name that no other has, and says where.
    fn add(&mut self, name: &str, kind: SubjectKind, planned: bool, judged: bool) -> usize {
        let name = visible(name);
        let mut own = name.to_string();
        // The count of a name goes on where it stopped, so that many equal names stay linear.
        let mut again = self.taken.get(own.as_str()).copied();
        while let Some(count) = again {
            let count = count + 1;
            self.taken.insert(name.to_string(), count);
            own = match count {
                1 if kind != SubjectKind::Service => format!("{name} ({})", kind.noun(1)),
                count => format!("{name} ({})", count + 1),
            };
            again = self.taken.contains_key(&own).then_some(count);
        }
        self.taken.insert(own.clone(), 0);
        self.all.push(Row {
            kind,
            name: own,
            planned,
            judged,
            tally: Tally::default(),
            cells: BTreeMap::new(),
        });
        self.all.len() - 1
    }

    fn count(&mut self, at: usize, finding: &Finding, mark: Mark) {
        let Some(row) = self.all.get_mut(at) else { return };
        row.tally.add(finding);
        let new = || Cell { tally: Tally::default(), first: mark };
        row.cells.entry(finding.rule).or_insert_with(new).tally.add(finding);
    }
}

/// The rules with results.
fn columns(report: &Report<'_>) -> Vec<Column> {
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    for finding in report.findings.iter().chain(report.open) {
        tallies.entry(finding.rule).or_default().add(finding);
    }
    let place: HashMap<&str, usize> =
        report.checked.rules.iter().enumerate().map(|(at, rule)| (*rule, at)).collect();
    let mut columns: Vec<Column> = tallies.into_iter().map(|(rule, tally)| Column { rule, tally }).collect();
    columns
        .sort_by_key(|column| (Reverse(column.tally), place.get(column.rule).copied().unwrap_or(usize::MAX)));
    columns
}
