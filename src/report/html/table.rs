//! Services × checks of a running fleet, where a cell also says what was looked at.

use std::collections::HashMap;
use std::io::{self, Write};

use super::super::escape::{visible, xml};
use super::super::fleet::columns;
use super::super::{CellState, FleetCell, FleetRow, Report};
use super::grid::id;
use super::marked;
use super::matrix::{Mark, Matrix};
use crate::finding::Severity;

/// Writes the table in the order of the plan.
pub(super) fn write(report: &Report<'_>, matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let columns = columns(report);
    let rows = &report.checked.fleet;
    let good = rows.iter().filter(|row| row.standing() == [0; 4]).count();
    writeln!(out, "<section id=\"matrix\">\n<h2>Services <small>{good} of {} good</small></h2>", rows.len())?;
    writeln!(
        out,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Services and checks\">\n<table>\n<thead>\n<tr>"
    )?;
    writeln!(out, "<th scope=\"col\">service</th>")?;
    for rule in &columns {
        let rule = xml(rule);
        match matrix.columns.iter().any(|column| column.rule == rule && column.listed != [0, 0]) {
            true => {
                writeln!(out, "<th scope=\"col\"><a href=\"#r-{rule}\" data-rule=\"{rule}\">{rule}</a></th>")?
            }
            false => writeln!(out, "<th scope=\"col\">{rule}</th>")?,
        }
    }
    writeln!(out, "</tr>\n</thead>\n<tbody>")?;
    let first: HashMap<&str, Mark> =
        matrix.rows.iter().filter_map(|row| Some((row.name.as_str(), row.first()?))).collect();
    for row in rows {
        write_row(row, &columns, first.get(visible(&row.service).as_ref()).copied(), out)?;
    }
    writeln!(out, "</tbody>\n</table>\n</div>\n</section>")
}

fn write_row(
    row: &FleetRow,
    columns: &[&'static str],
    first: Option<Mark>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let service = xml(&row.service);
    write!(out, "<tr data-service=\"{service}\">\n<th scope=\"row\">")?;
    match first {
        Some(first) => {
            write!(out, "<a href=\"#{}\" data-service=\"{service}\">{service}</a>", id(first))?;
        }
        None => write!(out, "{service}")?,
    }
    if let Some(machine) = &row.machine {
        write!(out, " <small>@{}</small>", xml(machine))?;
    }
    if let Some(container) = row.container.as_ref().filter(|container| **container != row.service) {
        write!(out, " <small>{}</small>", xml(container))?;
    }
    writeln!(out, "</th>")?;
    for rule in columns {
        match row.cell(rule) {
            Some(cell) => write_cell(cell, out)?,
            None => writeln!(out, "<td></td>")?,
        }
    }
    writeln!(out, "</tr>")
}

/// A cell that opens to what was found, or what was looked at.
fn write_cell(cell: &FleetCell, out: &mut dyn Write) -> io::Result<()> {
    let class = match cell.state {
        CellState::Pass => "pass",
        CellState::Fail(severity) => severity.name(),
        CellState::Open => "open",
    };
    let sign = match cell.state {
        CellState::Pass => "✓ ok",
        CellState::Fail(Severity::Note) => "! note",
        CellState::Fail(_) => "✗ fail",
        CellState::Open => "? open",
    };
    write!(
        out,
        "<td class=\"{class}\" data-rule=\"{}\"><details><summary>{sign}</summary><ul>",
        xml(cell.rule)
    )?;
    for line in &cell.details {
        write!(out, "<li>{}</li>", marked(line))?;
    }
    writeln!(out, "</ul></details></td>")
}
