//! Findings by service and by rule: which row each belongs to, and how the rows and columns are ordered.
//!
//! Findings and what was looked at go in, a sparse matrix comes out. No markup here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::super::services::Index;
use super::super::{Report, Service, visible};
use super::MAX_LISTED;
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
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) tally: Tally,
    /// How many of its results the page lists.
    pub(super) listed: usize,
    /// The first of the worst that the page lists, with its place in [`CLASSES`]; `None`: it lists none.
    pub(super) first: Option<(usize, Mark)>,
}

/// A result by its place in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mark {
    Finding(usize),
    Open(usize),
}

/// One rule.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) rule: &'static str,
    pub(super) tally: Tally,
    /// How many of its findings and of its open results the page lists.
    pub(super) listed: [usize; 2],
}

/// Everything.
#[derive(Debug)]
pub(super) struct Matrix {
    /// By kind, then the worst first, then by their first column, then in the order of the subjects.
    pub(super) rows: Vec<Row>,
    /// The worst first, then in the order of the rules.
    pub(super) columns: Vec<Column>,
    /// The findings and the open results that the page lists, by their place in the report: the worst first.
    pub(super) listed: [Vec<usize>; 2],
    /// How many of each class it lists.
    pub(super) listed_tally: Tally,
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
        let listed = [listed(report.findings), listed(report.open)];
        let is_listed = [is_in(&listed[0], report.findings.len()), is_in(&listed[1], report.open.len())];
        let mut others: HashMap<(SubjectKind, &str), usize> = HashMap::new();
        let mut sort = |finding, mark, is_listed| {
            let at = index.of(finding).unwrap_or_else(|| {
                let (kind, name) = fallback(finding);
                *others.entry((kind, name)).or_insert_with(|| rows.add(name, kind, true, true))
            });
            rows.count(at, finding, is_listed, mark);
            at
        };
        let findings = report.findings.iter().enumerate();
        let findings = findings.map(|(at, it)| sort(it, Mark::Finding(at), is_listed[0][at])).collect();
        let open = report.open.iter().enumerate();
        let open = open.map(|(at, it)| sort(it, Mark::Open(at), is_listed[1][at])).collect();
        let by_index = rows.all.iter().map(|row| row.name.clone()).collect();
        let columns = columns(report, &listed);
        let mut listed_tally = Tally::default();
        listed[0].iter().for_each(|at| listed_tally.add(&report.findings[*at]));
        listed[1].iter().for_each(|at| listed_tally.add(&report.open[*at]));
        let mut rows = rows.all;
        // Rows that are equally bad follow the columns, so that marks stand near each other.
        let place: HashMap<&str, usize> =
            columns.iter().enumerate().map(|(at, column)| (column.rule, at)).collect();
        let leftmost = |row: &Row| row.cells.keys().filter_map(|rule| place.get(rule)).min().copied();
        rows.sort_by_key(|row| (row.kind, Reverse(row.tally), leftmost(row)));
        Self { rows, columns, listed, listed_tally, names: [findings, open], by_index }
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

    /// The first of its worst results that the page lists.
    pub(super) fn first(&self) -> Option<Mark> {
        let first = self.cells.values().filter_map(|cell| cell.first).min();
        first.map(|(_, mark)| mark)
    }
}

/// The results of a kind that the page lists: the worst ones, in the order of the report where they are equally bad.
fn listed(findings: &[Finding]) -> Vec<usize> {
    let mut worst: Vec<usize> = (0..findings.len()).collect();
    worst.sort_by_key(|at| class(&findings[*at]));
    worst.truncate(MAX_LISTED);
    worst
}

/// For each of so many whether it is in the list.
fn is_in(list: &[usize], count: usize) -> Vec<bool> {
    let mut is_in = vec![false; count];
    list.iter().for_each(|at| is_in[*at] = true);
    is_in
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

    fn count(&mut self, at: usize, finding: &Finding, is_listed: bool, mark: Mark) {
        let Some(row) = self.all.get_mut(at) else { return };
        row.tally.add(finding);
        let cell = row.cells.entry(finding.rule).or_default();
        cell.tally.add(finding);
        if is_listed {
            let this = (class(finding), mark);
            cell.listed += 1;
            cell.first = Some(cell.first.map_or(this, |first| first.min(this)));
        }
    }
}

/// The rules with results.
fn columns(report: &Report<'_>, listed: &[Vec<usize>; 2]) -> Vec<Column> {
    let mut tallies: BTreeMap<&'static str, (Tally, [usize; 2])> = BTreeMap::new();
    for finding in report.findings.iter().chain(report.open) {
        tallies.entry(finding.rule).or_default().0.add(finding);
    }
    for (kind, findings) in [report.findings, report.open].into_iter().enumerate() {
        for at in &listed[kind] {
            tallies.entry(findings[*at].rule).or_default().1[kind] += 1;
        }
    }
    let place: HashMap<&str, usize> =
        report.checked.rules.iter().enumerate().map(|(at, rule)| (*rule, at)).collect();
    let mut columns: Vec<Column> =
        tallies.into_iter().map(|(rule, (tally, listed))| Column { rule, tally, listed }).collect();
    columns
        .sort_by_key(|column| (Reverse(column.tally), place.get(column.rule).copied().unwrap_or(usize::MAX)));
    columns
}
