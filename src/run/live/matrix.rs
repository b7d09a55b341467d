//! Services × checks: what was judged, and how it ended.

use std::collections::{BTreeMap, HashMap, HashSet};

use smol_str::SmolStr;

use crate::finding::{Finding, Severity};
use crate::model::{Answer, LiveContainer, LiveEndpoint};
use crate::plan::Plan;
use crate::report::{CellState, FleetCell, FleetRow};
use crate::settle::Settled;

/// Lines that a cell has at most.
const MAX_DETAILS: usize = 20;

/// A row of the table. The order is that of the plan, then what has no row by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// The planned row; `usize::MAX` without one.
    at: usize,
    service: SmolStr,
    machine: Option<SmolStr>,
    container: Option<SmolStr>,
}

/// That a rule spoke about something.
#[derive(Debug)]
struct Entry {
    key: Key,
    rule: &'static str,
    /// What its findings have as subject; `None`: it is about the service as a whole.
    subject: Option<SmolStr>,
    looked_at: String,
    /// Whether it cannot be told, though no result says so.
    open: bool,
}

/// What was judged.
#[derive(Debug)]
pub(super) struct Judged<'p> {
    plan: &'p Plan,
    /// The rules of the call in order.
    rules: Vec<&'static str>,
    entries: Vec<Entry>,
}

impl<'p> Judged<'p> {
    /// Nothing yet.
    pub(super) fn new(plan: &'p Plan, rules: &[&'static str]) -> Self {
        Self { plan, rules: rules.to_vec(), entries: Vec::new() }
    }

    /// A rule spoke about an endpoint. `open`: nobody can tell, because of what another check says.
    pub(super) fn endpoint(&mut self, endpoint: &LiveEndpoint, rule: &'static str, open: bool) {
        let key = Key {
            at: endpoint.service.unwrap_or(usize::MAX),
            service: endpoint.name.clone(),
            machine: endpoint.machine.clone(),
            container: endpoint.container.clone(),
        };
        let looked_at = match &endpoint.answer {
            Answer::NotAsked(why) | Answer::Unreachable(why) => format!("not asked: {why}"),
            _ if open => format!("{} gives no answer", endpoint.url),
            _ => endpoint.url.to_string(),
        };
        let subject = Some(super::judge::subject(endpoint));
        self.entries.push(Entry { key, rule, subject, looked_at, open });
    }

    /// A rule spoke about a container.
    pub(super) fn container(&mut self, container: &LiveContainer, rule: &'static str) {
        let row = container.service.and_then(|at| self.plan.services.get(at));
        let key = Key {
            at: container.service.unwrap_or(usize::MAX),
            service: row.map_or_else(|| container.name.clone(), |row| row.name.value.clone()),
            machine: None,
            container: Some(container.name.clone()),
        };
        let subject = SmolStr::from(format!("container:{}", container.name));
        let looked_at = subject.to_string();
        self.entries.push(Entry { key, rule, subject: Some(subject), looked_at, open: false });
    }

    /// A rule spoke about a planned service that the engine should run.
    pub(super) fn expected(&mut self, row: usize, rule: &'static str) {
        let Some(planned) = self.plan.services.get(row) else { return };
        let key = Key { at: row, service: planned.name.value.clone(), machine: None, container: None };
        let looked_at = "the engine has a container of it".to_owned();
        self.entries.push(Entry { key, rule, subject: None, looked_at, open: false });
    }

    /// The endpoints and containers that rules could judge, each with the rule.
    pub(super) fn told(&self) -> HashSet<(&'static str, String)> {
        let told = self.entries.iter().filter(|entry| !entry.open);
        told.filter_map(|entry| Some((entry.rule, entry.subject.as_ref()?.to_string()))).collect()
    }

    /// The table. Work grows with what was judged and found.
    pub(super) fn rows(&self, settled: &Settled) -> Vec<FleetRow> {
        let mut table = Table::default();
        // What is about a service as a whole stands with its first container.
        let (of_parts, of_services): (Vec<&Entry>, Vec<&Entry>) =
            self.entries.iter().partition(|entry| entry.subject.is_some());
        of_parts.into_iter().chain(of_services).for_each(|entry| table.add(entry));
        for finding in &settled.findings {
            table.hold(finding, Some(finding.severity));
        }
        for finding in &settled.open {
            table.hold(finding, None);
        }
        table.finish(&self.rules)
    }
}

/// The cell of a rule while it fills.
#[derive(Debug, Default)]
struct Cell {
    looked_at: Vec<String>,
    found: Vec<String>,
    /// Lines that there is no place for.
    more: usize,
    worst: Option<Severity>,
    open: bool,
}

/// The table while it fills.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<(Key, BTreeMap<&'static str, Cell>)>,
    of_key: HashMap<Key, usize>,
    of_service: HashMap<SmolStr, usize>,
    of_container: HashMap<SmolStr, usize>,
    /// Rows by subject of a finding, rule and whether the service is planned.
    exact: HashMap<(SmolStr, &'static str, Option<SmolStr>), Vec<usize>>,
}

impl Table {
    fn add(&mut self, entry: &Entry) {
        let planned = (entry.key.at != usize::MAX).then(|| entry.key.service.clone());
        let known = match entry.subject {
            None => self.of_service.get(&entry.key.service).copied(),
            Some(_) => self.of_key.get(&entry.key).copied(),
        };
        let at = known.unwrap_or_else(|| {
            let at = self.rows.len();
            self.rows.push((entry.key.clone(), BTreeMap::new()));
            self.of_key.insert(entry.key.clone(), at);
            if planned.is_some() {
                self.of_service.entry(entry.key.service.clone()).or_insert(at);
            }
            if let Some(container) = &entry.key.container {
                self.of_container.entry(container.clone()).or_insert(at);
            }
            at
        });
        let cell = self.rows[at].1.entry(entry.rule).or_default();
        cell.open |= entry.open;
        if !cell.looked_at.contains(&entry.looked_at) && cell.looked_at.len() < MAX_DETAILS {
            cell.looked_at.push(entry.looked_at.clone());
        }
        if let Some(subject) = &entry.subject {
            let rows = self.exact.entry((subject.clone(), entry.rule, planned)).or_default();
            if rows.last() != Some(&at) {
                rows.push(at);
            }
        }
    }

    /// Puts a result into its cells: those of its subject, else that of its service or container.
    fn hold(&mut self, finding: &Finding, severity: Option<Severity>) {
        let key = finding.subject.clone().map(|subject| (subject, finding.rule, finding.service.clone()));
        let exact = key.as_ref().and_then(|key| self.exact.get(key));
        let of_service = || finding.service.as_ref().and_then(|service| self.of_service.get(service));
        let of_container = || {
            let name = finding.subject.as_deref()?.strip_prefix("container:")?;
            self.of_container.get(name)
        };
        let rows = match exact {
            Some(rows) => rows.clone(),
            None => of_container().or_else(of_service).copied().into_iter().collect(),
        };
        for at in rows {
            let cell = self.rows[at].1.entry(finding.rule).or_default();
            match severity {
                Some(severity) => cell.worst = cell.worst.max(Some(severity)),
                None => cell.open = true,
            }
            match cell.found.len() < MAX_DETAILS {
                true => cell.found.push(finding.message.clone()),
                false => cell.more += 1,
            }
        }
    }

    fn finish(mut self, rules: &[&'static str]) -> Vec<FleetRow> {
        self.rows.sort_by(|(a, _), (b, _)| {
            let of_plan = a.at.cmp(&b.at);
            // Rows of one service stay in the order in which they were met.
            of_plan.then_with(|| if a.at == usize::MAX { a.service.cmp(&b.service) } else { of_plan })
        });
        let place: HashMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (*rule, at)).collect();
        let row = |(key, cells): (Key, BTreeMap<&'static str, Cell>)| {
            let mut cells: Vec<FleetCell> = cells.into_iter().map(|(rule, cell)| cell.finish(rule)).collect();
            cells.sort_by_key(|cell| place.get(cell.rule).copied().unwrap_or(usize::MAX));
            FleetRow { service: key.service, machine: key.machine, container: key.container, cells }
        };
        self.rows.into_iter().map(row).collect()
    }
}

impl Cell {
    fn finish(self, rule: &'static str) -> FleetCell {
        let state = match self.worst {
            Some(severity) => CellState::Fail(severity),
            None if self.open => CellState::Open,
            None => CellState::Pass,
        };
        let mut details = if self.found.is_empty() { self.looked_at } else { self.found };
        if self.more > 0 {
            details.push(format!("… and {} more", self.more));
        }
        FleetCell { rule, state, details }
    }
}
