//! `markdown`: a summary for pull requests and job summaries.

use std::io::{self, Write};

use super::escape::markdown;
use super::groups::{Alike, same};
use super::{CellState, Report, fleet, text};
use crate::finding::{Finding, Severity};

/// GitHub refuses a job summary above 1 MiB; the rest is for the last line and for other steps.
const MAX_BYTES: usize = 900 * 1024;

/// Places of one row.
const MAX_PLACES: usize = 3;

/// Rows of what could not be told: nobody reads more, and the reports for programs have them all.
const MAX_OPEN: usize = 50;

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
    let mut room = Room(write_fleet(report, out)?);
    if report.findings.is_empty() && report.open.is_empty() {
        return Ok(());
    }
    writeln!(out, "| severity | rule | where | what |\n|---|---|---|---|")?;
    let mut groups = same(report.findings);
    groups.sort_by_key(|group| std::cmp::Reverse(group.first.severity));
    let mut left = 0;
    for group in &groups {
        left += usize::from(left > 0 || !room.row(group.first.severity.name(), group, out)?);
    }
    let open = same(report.open);
    let listed = if left > 0 { 0 } else { open.len().min(MAX_OPEN) };
    for group in &open[..listed] {
        room.row("_open_", group, out)?;
    }
    if left > 0 {
        writeln!(out, "\n… and {left} more kinds of findings.")?;
    }
    match open.len() - listed {
        0 => Ok(()),
        more => writeln!(out, "\n… and {more} more kinds of what could not be told."),
    }
}

/// What has been written of the summary, in bytes.
struct Room(usize);

impl Room {
    /// Writes a row, unless it is beyond what GitHub takes; whether it did.
    fn row(&mut self, level: &str, group: &Alike<'_>, out: &mut dyn Write) -> io::Result<bool> {
        let place = |finding: &Finding| {
            markdown(&format!("{}:{}", finding.place.source.path(), finding.place.start().line))
        };
        let mut places: Vec<String> = [group.first]
            .into_iter()
            .chain(group.others.iter().copied())
            .take(MAX_PLACES)
            .map(place)
            .collect();
        places.dedup();
        let more = (1 + group.others.len()).saturating_sub(MAX_PLACES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let (rule, what) = (group.first.rule, markdown(&group.first.message));
        let row = format!("| {level} | `{rule}` | {}{more} | {what} |", places.join(", "));
        if self.0 + row.len() + 1 > MAX_BYTES {
            return Ok(false);
        }
        self.0 += row.len() + 1;
        writeln!(out, "{row}")?;
        Ok(true)
    }
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
