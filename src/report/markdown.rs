//! `markdown`: a summary for pull requests and job summaries.

use std::io::{self, Write};

use super::escape::markdown;
use super::groups::alike;
use super::{CellState, Report, fleet, text};
use crate::finding::Severity;

/// GitHub refuses a job summary above 1 MiB; the rest is for the last line and for other steps.
const MAX_BYTES: usize = 900 * 1024;

/// What the table of a running fleet may take of that.
const MAX_FLEET: usize = MAX_BYTES / 2;

/// Writes the summary line, the table of a running fleet, and a table of grouped findings, the worst first.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## plimsoll\n\n{}\n", markdown(&text::summary(report)))?;
    for notice in &report.checked.notices {
        writeln!(out, "- **{}**", markdown(notice))?;
    }
    if !report.checked.notices.is_empty() {
        writeln!(out)?;
    }
    let fleet = write_fleet(report, out)?;
    if report.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "| severity | rule | where | what |\n|---|---|---|---|")?;
    let groups = alike(report.findings);
    let (mut written, mut listed) = (fleet, 0);
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        for group in groups.iter().filter(|group| group.first.severity == severity) {
            let finding = group.first;
            let more = if group.others.is_empty() {
                String::new()
            } else {
                format!(" and {} more", group.others.len())
            };
            let place = format!("{}:{}", finding.place.source.path(), finding.place.start().line);
            let row = format!(
                "| {} | `{}` | {}{more} | {} |",
                severity.name(),
                finding.rule,
                markdown(&place),
                markdown(&finding.message)
            );
            written += row.len() + 1;
            if written > MAX_BYTES {
                return writeln!(out, "\n… and {} more kinds of findings.", groups.len() - listed);
            }
            listed += 1;
            writeln!(out, "{row}")?;
        }
    }
    Ok(())
}

/// Writes services × checks, the worst first; says how many bytes that took.
fn write_fleet(report: &Report<'_>, out: &mut dyn Write) -> io::Result<usize> {
    if report.checked.fleet.is_empty() {
        return Ok(0);
    }
    let columns = fleet::columns(report);
    let head: Vec<String> = columns.iter().map(|rule| format!(" {rule} |")).collect();
    let head = format!("| service |{}\n|---|{}", head.concat(), ":-:|".repeat(columns.len()));
    writeln!(out, "{head}")?;
    let mut written = head.len() + 1;
    let rows = fleet::worst_first(report);
    for (at, row) in rows.iter().enumerate() {
        let mut line = format!("| {} |", markdown(&row.label()));
        for rule in &columns {
            line += match row.cell(rule).map(|cell| cell.state) {
                Some(CellState::Pass) => " ok |",
                Some(CellState::Fail(Severity::Note)) => " note |",
                Some(CellState::Fail(_)) => " **FAIL** |",
                Some(CellState::Open) => " _open_ |",
                None => " |",
            };
        }
        if written + line.len() > MAX_FLEET {
            writeln!(out, "\n… and {} more rows.", rows.len() - at)?;
            break;
        }
        written += line.len() + 1;
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    Ok(written)
}
