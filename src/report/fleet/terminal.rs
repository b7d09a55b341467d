//! The table for terminals and logs: a matrix while it fits, else a line for each service.

use std::io::{self, Write};

use super::super::escape::visible;
use super::super::{Report, counted};
use super::{CellState, FleetRow, columns, worst_first};
use crate::finding::Severity;

/// Rows that are shown; the rest is counted.
const MAX_ROWS: usize = 60;
/// Characters of a label.
const MAX_LABEL: usize = 40;
/// Characters of a line that the matrix may have. Logs of CI systems show about as many without a break.
const MAX_WIDTH: usize = 120;

/// Writes the table, the worst first.
pub(in crate::report) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let columns = columns(report);
    let rows = worst_first(report);
    let shown = &rows[..rows.len().min(MAX_ROWS)];
    let labels: Vec<String> = shown.iter().map(|row| label(row)).collect();
    let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    let matrix = 2 + width + columns.iter().map(|rule| rule.len() + 2).sum::<usize>();
    if matrix <= MAX_WIDTH {
        writeln!(out, "{}", format!("  {:width$}  {}", "", columns.join("  ")).trim_end())?;
        for (row, label) in shown.iter().zip(&labels) {
            let cells: Vec<String> = columns.iter().map(|rule| cell(row, rule, report.style.color)).collect();
            writeln!(out, "{}", format!("  {label:width$}  {}", cells.join("  ")).trim_end())?;
        }
    } else {
        for (row, label) in shown.iter().zip(&labels) {
            writeln!(out, "  {label:width$}  {}", line(row, report.style.color))?;
        }
    }
    if rows.len() > MAX_ROWS {
        let clean = rows.iter().filter(|row| row.standing() == [0; 4]).count();
        let more = counted(rows.len() - MAX_ROWS, "more row");
        writeln!(out, "  … and {more}; {clean} of all {} are good", rows.len())?;
    }
    Ok(())
}

/// A label that is cut where it is long.
fn label(row: &FleetRow) -> String {
    let whole = visible(&row.label()).into_owned();
    match whole.chars().count() > MAX_LABEL {
        true => whole.chars().take(MAX_LABEL - 1).chain(['…']).collect(),
        false => whole,
    }
}

/// One cell, as wide as its column.
fn cell(row: &FleetRow, rule: &str, color: bool) -> String {
    let width = rule.len();
    let Some(cell) = row.cell(rule) else { return format!("{:width$}", "-") };
    painted(cell.state, &format!("{:width$}", sign(cell.state, color)), color)
}

/// What failed, what cannot be told, and how many checks are good.
fn line(row: &FleetRow, color: bool) -> String {
    let of = |is_it: fn(CellState) -> bool| {
        let cells: Vec<&'static str> =
            row.cells.iter().filter(|cell| is_it(cell.state)).map(|cell| cell.rule).collect();
        cells
    };
    let noted = of(|state| state == CellState::Fail(Severity::Note));
    let failed = of(|state| matches!(state, CellState::Fail(Severity::Error | Severity::Warning)));
    let open = of(|state| state == CellState::Open);
    let good = row.cells.len() - failed.len() - noted.len() - open.len();
    let mut parts = Vec::new();
    let worst = row.cells.iter().filter_map(|cell| match cell.state {
        CellState::Fail(severity) if severity > Severity::Note => Some(severity),
        _ => None,
    });
    if let Some(state) = worst.max().map(CellState::Fail) {
        parts.push(format!("{} {}", painted(state, sign(state, color), color), failed.join(", ")));
    }
    if !noted.is_empty() {
        let state = CellState::Fail(Severity::Note);
        parts.push(format!("{} {}", painted(state, sign(state, color), color), noted.join(", ")));
    }
    if !open.is_empty() {
        let state = CellState::Open;
        parts.push(format!("{} {}", painted(state, sign(state, color), color), open.join(", ")));
    }
    if good > 0 {
        let state = CellState::Pass;
        parts.push(format!("{} {good}", painted(state, sign(state, color), color)));
    }
    parts.join("; ")
}

fn sign(state: CellState, color: bool) -> &'static str {
    match (state, color) {
        (CellState::Pass, true) => "✓",
        (CellState::Fail(Severity::Note), true) => "!",
        (CellState::Fail(_), true) => "✗",
        (CellState::Open, true) => "?",
        (state, false) => state.word(),
    }
}

fn painted(state: CellState, text: &str, color: bool) -> String {
    let code = match state {
        CellState::Pass => "32",
        CellState::Fail(Severity::Error) => "1;91",
        CellState::Fail(Severity::Warning) => "33",
        CellState::Fail(Severity::Note) => "36",
        CellState::Open => "34",
    };
    if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
