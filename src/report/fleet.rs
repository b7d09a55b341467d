//! The table of a running fleet: services × checks.

use smol_str::SmolStr;

use crate::finding::Severity;

/// One service, on one machine or in one container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetRow {
    /// The planned service, else the compose service or the container.
    pub service: SmolStr,
    /// The machine, when the plan has several.
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
