//! The table as data.

use serde::Serialize;

use super::super::Report;
use super::CellState;
use crate::finding::Severity;

/// One service, on one machine or in one container.
#[derive(Serialize)]
pub(in crate::report) struct JsonFleetRow<'a> {
    service: &'a str,
    machine: Option<&'a str>,
    container: Option<&'a str>,
    checks: Vec<JsonCheck<'a>>,
}

#[derive(Serialize)]
struct JsonCheck<'a> {
    rule: &'a str,
    /// `pass`, `fail` or `open`.
    state: &'static str,
    /// The worst severity of what failed.
    severity: Option<Severity>,
    details: &'a [String],
}

/// Every row, in the order of the table.
pub(in crate::report) fn rows<'a>(report: &'a Report<'_>) -> Vec<JsonFleetRow<'a>> {
    let row = |row: &'a super::FleetRow| JsonFleetRow {
        service: &row.service,
        machine: row.machine.as_deref(),
        container: row.container.as_deref(),
        checks: row.cells.iter().map(check).collect(),
    };
    report.checked.fleet.iter().map(row).collect()
}

fn check(cell: &super::FleetCell) -> JsonCheck<'_> {
    let (state, severity) = match cell.state {
        CellState::Pass => ("pass", None),
        CellState::Fail(severity) => ("fail", Some(severity)),
        CellState::Open => ("open", None),
    };
    JsonCheck { rule: cell.rule, state, severity, details: &cell.details }
}
