//! The services of a deployed fleet, one line each: what it has against the plan, and the files that make it.

use std::collections::HashMap;
use std::io::{self, Write};

use smol_str::SmolStr;

use super::escape::visible;
use super::{Report, counted};
use crate::finding::{Finding, Severity};

/// Lines of the table; services without findings are only counted beyond it.
const MAX_LINES: usize = 60;
/// Files named in one line.
const MAX_FILES: usize = 4;

/// A service and the files that make it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// Name of the planned row; else of the container.
    pub name: SmolStr,
    /// Whether the plan has a row for it.
    pub planned: bool,
    /// Report paths of its files: the Dockerfile first, each once.
    pub files: Vec<SmolStr>,
    /// Its containers: report path of the deployment file, and subject.
    pub parts: Vec<(SmolStr, SmolStr)>,
}

impl Service {
    /// Adds a file once.
    pub fn add_file(&mut self, path: SmolStr) {
        if !self.files.contains(&path) {
            self.files.push(path);
        }
    }
}

/// What a service has: findings by severity, and open results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) notes: usize,
    pub(super) open: usize,
}

/// Which service a finding is about: the planned row that it names, the container, or the Dockerfile that it stands in.
pub(super) struct Index<'r> {
    planned: HashMap<&'r str, usize>,
    parts: HashMap<(&'r str, &'r str), usize>,
    /// Files that belong to one service as a whole.
    files: HashMap<&'r str, usize>,
}

impl<'r> Index<'r> {
    pub(super) fn new(services: impl IntoIterator<Item = &'r Service>) -> Self {
        let mut index = Self { planned: HashMap::new(), parts: HashMap::new(), files: HashMap::new() };
        for (at, service) in services.into_iter().enumerate() {
            if service.planned {
                index.planned.insert(&service.name, at);
            }
            for (file, subject) in &service.parts {
                index.parts.insert((file, subject), at);
            }
            let deployment = |file: &SmolStr| service.parts.iter().any(|(part, _)| part == file);
            for file in service.files.iter().filter(|file| !deployment(file)) {
                index.files.insert(file, at);
            }
        }
        index
    }

    /// Its index among the services.
    pub(super) fn of(&self, finding: &Finding) -> Option<usize> {
        let path = finding.place.source.path();
        let named = finding.service.as_deref().and_then(|service| self.planned.get(service));
        let part = || self.parts.get(&(path, finding.subject.as_deref()?));
        named.or_else(part).or_else(|| self.files.get(path)).copied()
    }
}

/// The counts of each service of a report, in order.
pub(super) fn counts(report: &Report<'_>) -> Vec<Counts> {
    let services = &report.checked.services;
    let mut counts = vec![Counts::default(); services.len()];
    if services.is_empty() {
        return counts;
    }
    let index = Index::new(services);
    for finding in report.findings {
        let Some(at) = index.of(finding) else { continue };
        match finding.severity {
            Severity::Error => counts[at].errors += 1,
            Severity::Warning => counts[at].warnings += 1,
            Severity::Note => counts[at].notes += 1,
        }
    }
    report.open.iter().filter_map(|finding| index.of(finding)).for_each(|at| counts[at].open += 1);
    counts
}

/// Writes the table: services with findings first, the worst first.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut rows: Vec<(&Service, Counts)> = report.checked.services.iter().zip(counts(report)).collect();
    rows.sort_by_key(|(_, counts)| {
        std::cmp::Reverse((counts.errors, counts.warnings, counts.notes, counts.open))
    });
    let width = rows.iter().map(|(service, _)| service.name.chars().count()).max().unwrap_or(0).min(40);
    let clean = rows.iter().filter(|(_, counts)| *counts == Counts::default()).count();
    for (service, counts) in rows.iter().take(MAX_LINES) {
        let files: Vec<String> =
            service.files.iter().take(MAX_FILES).map(|file| visible(file).into()).collect();
        let more = service.files.len().saturating_sub(MAX_FILES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(
            out,
            "  {:width$}  {:28}  {}{more}",
            visible(&service.name),
            counts.text(),
            files.join(", ")
        )?;
    }
    if rows.len() > MAX_LINES {
        let left = rows.len() - MAX_LINES;
        writeln!(out, "  … and {}, {clean} of all without findings", counted(left, "more service"))?;
    }
    Ok(())
}

impl Counts {
    /// `2 errors, 1 warning`, `1 open`, `ok`.
    fn text(&self) -> String {
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let mut parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(*count, noun)).collect();
        if self.open > 0 {
            parts.push(format!("{} open", self.open));
        }
        if parts.is_empty() { "ok".to_owned() } else { parts.join(", ") }
    }
}
