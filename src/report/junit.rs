//! `junit`: a case for each finding, failed when it fails the call and else passed with its text as output, and a skipped
//! one for each open result: a call that ends with 0 has no failure, and one that ends with 1 has some. A call without
//! either has one case that passes, because readers take an empty suite for a failure. A running fleet has one case for
//! each service and check.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use super::escape::xml;
use super::{CellState, FleetCell, FleetRow, Report};
use crate::finding::{Finding, Kind, Severity};

/// Writes one suite.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let cells = || report.checked.fleet.iter().flat_map(|row| row.cells.iter().map(move |cell| (row, cell)));
    // What stands in a cell is told there.
    let told: HashSet<(&str, &str)> =
        cells().flat_map(|(_, cell)| cell.details.iter().map(|line| (cell.rule, line.as_str()))).collect();
    let is_left = |finding: &&Finding| !told.contains(&(finding.rule, finding.message.as_str()));
    let own = report.findings.iter().chain(report.open).filter(is_left);
    let fails = |severity: Severity| report.checked.fails_from.fails(severity);
    let failed =
        own.clone().filter(|finding| finding.kind == Kind::Finding && fails(finding.severity)).count();
    let is_fail = |cell: &FleetCell| matches!(cell.state, CellState::Fail(severity) if fails(severity));
    let own_count = own.clone().count();
    let failures = failed + cells().filter(|(_, cell)| is_fail(cell)).count();
    let open = cells().filter(|(_, cell)| cell.state == CellState::Open).count();
    let skipped = own.clone().filter(|finding| finding.kind == Kind::Open).count() + open;
    let tests = (own_count + cells().count()).max(1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"plimsoll\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"");
    writeln!(out, "  <testsuite name=\"plimsoll {}\" {counts}>", report.checked.mode)?;
    if own_count + cells().count() == 0 {
        writeln!(out, "    <testcase classname=\"plimsoll\" name=\"no findings\"/>")?;
    }
    let all = report.findings.iter().chain(report.open);
    let known: Known<'_> = all.map(|finding| ((finding.rule, finding.message.as_str()), finding)).collect();
    for (row, cell) in cells() {
        write_cell(row, cell, is_fail(cell), &known, out)?;
    }
    for finding in own {
        write_finding(finding, fails(finding.severity), out)?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Results by rule and message, which is what cells hold of them.
type Known<'r> = HashMap<(&'r str, &'r str), &'r Finding>;

/// One check of one service; `fails`: whether what is found there fails the call.
fn write_cell(
    row: &FleetRow,
    cell: &FleetCell,
    fails: bool,
    known: &Known<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let case = format!("<testcase classname=\"{}\" name=\"{}\"", xml(&row.label()), cell.rule);
    let first = cell.details.first().map_or(String::new(), |line| xml(line));
    match cell.state {
        CellState::Pass => writeln!(out, "    {case}/>"),
        CellState::Fail(severity) => {
            writeln!(out, "    {case}>")?;
            write_head(severity, fails, &first, out)?;
            for (at, line) in cell.details.iter().enumerate() {
                let end = if at == 0 { "" } else { "\n" };
                match known.get(&(cell.rule, line.as_str())) {
                    Some(finding) => write!(out, "{end}{}", told(finding))?,
                    None => write!(out, "{end}{}", xml(line))?,
                }
            }
            writeln!(out, "</{}>\n    </testcase>", element(fails))
        }
        CellState::Open => {
            writeln!(out, "    {case}>")?;
            writeln!(out, "      <skipped message=\"{first}\"/>\n    </testcase>")
        }
    }
}

/// What holds the text of a finding: a failure, or the output of a case that passes.
fn element(fails: bool) -> &'static str {
    if fails { "failure" } else { "system-out" }
}

/// Opens that element; `message` is escaped.
fn write_head(severity: Severity, fails: bool, message: &str, out: &mut dyn Write) -> io::Result<()> {
    match fails {
        true => write!(out, "      <failure type=\"{}\" message=\"{message}\">", severity.name()),
        // Its text begins with place and severity.
        false => write!(out, "      <system-out>"),
    }
}

/// A result with its place, and behind it what to do.
fn told(finding: &Finding) -> String {
    let start = finding.place.start();
    let (path, message) = (xml(finding.place.source.path()), xml(&finding.message));
    let severity = if finding.kind == Kind::Open { "open" } else { finding.severity.name() };
    let help = finding.help.as_ref().map_or(String::new(), |help| format!("\n{}", xml(help)));
    format!("{path}:{}:{}: {severity}[{}] {message}{help}", start.line, start.column, finding.rule)
}

/// A finding, which may fail the call, or an open result.
fn write_finding(finding: &Finding, fails: bool, out: &mut dyn Write) -> io::Result<()> {
    let start = finding.place.start();
    let (path, message) = (xml(finding.place.source.path()), xml(&finding.message));
    let (rule, line, column) = (finding.rule, start.line, start.column);
    writeln!(out, "    <testcase classname=\"{path}\" name=\"{rule} at {line}:{column}\">")?;
    if finding.kind == Kind::Open {
        return writeln!(out, "      <skipped message=\"{message}\"/>\n    </testcase>");
    }
    write_head(finding.severity, fails, &message, out)?;
    writeln!(out, "{}</{}>\n    </testcase>", told(finding), element(fails))
}
