//! The table of a running fleet: services × checks.

mod data;
mod terminal;

use std::collections::HashSet;

use smol_str::SmolStr;

use super::Report;
use crate::finding::Severity;

pub(super) use data::{JsonFleetRow, rows as json_rows};
pub(super) use terminal::write;

/// One service, on one machine or in one container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetRow {
    /// The planned service, else the compose service or the container.
    pub service: SmolStr,
    /// The machine that was asked, when the row names one.
    pub machine: Option<SmolStr>,
    /// Its container, when an engine was asked.
    pub container: Option<SmolStr>,
    /// What was checked of it, in the order of the rules.
    pub cells: Vec<FleetCell>,
}

/// One check of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetCell {
    /// The rule.
    pub rule: &'static str,
    /// How it ended.
    pub state: CellState,
    /// What was found, or what was looked at (`http://127.0.0.1:8212/health`), one line each.
    pub details: Vec<String>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellState {
    /// Nothing was found.
    Pass,
    /// Something was; the worst severity.
    Fail(Severity),
    /// It cannot be told.
    Open,
}

impl FleetRow {
    /// As a report names it in one word: `web`, `web@mainpc`, `web (web-blue)`; a container that is called like its service is
    /// not named again.
    pub(super) fn label(&self) -> String {
        let mut label = self.service.to_string();
        if let Some(machine) = &self.machine {
            label += &format!("@{machine}");
        }
        if let Some(container) = self.container.as_ref().filter(|container| **container != self.service) {
            label += &format!(" ({container})");
        }
        label
    }

    /// How it stands: failed checks by severity, the worst first, then checks that cannot be told. Greater is worse.
    pub(super) fn standing(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for cell in &self.cells {
            match cell.state {
                CellState::Fail(Severity::Error) => counts[0] += 1,
                CellState::Fail(Severity::Warning) => counts[1] += 1,
                CellState::Fail(Severity::Note) => counts[2] += 1,
                CellState::Open => counts[3] += 1,
                CellState::Pass => {}
            }
        }
        counts
    }

    /// The cell of a rule.
    pub(super) fn cell(&self, rule: &str) -> Option<&FleetCell> {
        self.cells.iter().find(|cell| cell.rule == rule)
    }
}

impl CellState {
    /// As reports without colours say it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pass => "ok",
            // A note fails no call, so it is no failure of the service.
            Self::Fail(Severity::Note) => "note",
            Self::Fail(_) => "FAIL",
            Self::Open => "open",
        }
    }
}

/// The rules that judged anything, in the order of the rules of the call.
pub(super) fn columns(report: &Report<'_>) -> Vec<&'static str> {
    let judged: HashSet<&'static str> =
        report.checked.fleet.iter().flat_map(|row| &row.cells).map(|cell| cell.rule).collect();
    let ran = report.checked.rules.iter().copied();
    let mut columns: Vec<&'static str> = ran.filter(|rule| judged.contains(rule)).collect();
    let mut others: Vec<&'static str> = judged.into_iter().filter(|rule| !columns.contains(rule)).collect();
    others.sort_unstable();
    columns.append(&mut others);
    columns
}

/// The rows, the worst first, else in the order of the table.
pub(super) fn worst_first<'a>(report: &Report<'a>) -> Vec<&'a FleetRow> {
    let mut rows: Vec<&FleetRow> = report.checked.fleet.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.standing()));
    rows
}
