//! `github`: workflow commands, which GitHub shows as annotations of a pull request.

use std::io::{self, Write};

use super::escape::visible;
use super::{Report, Repository};
use crate::finding::{Finding, Severity};

/// Annotations that one step may show for each severity; what comes behind them is only in the log.
const SHOWN: usize = 10;

/// Writes what the call itself has to say, and one command a finding, the worst first, because GitHub shows only the first
/// ones. How many it does not show stands before the notes: as the last one of those it would not be shown either.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for notice in &report.checked.notices {
        writeln!(out, "::warning title=plimsoll::{}", data(notice))?;
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        if severity == Severity::Note {
            write_rest(report, out)?;
        }
        for finding in report.findings.iter().filter(|finding| finding.severity == severity) {
            command(finding, &report.checked.repository, out)?;
        }
    }
    Ok(())
}

/// How many findings become no annotations.
fn write_rest(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let over = |severity: Severity, taken: usize| (report.count(severity) + taken).saturating_sub(SHOWN);
    let notices = report.checked.notices.len();
    let rest = over(Severity::Error, 0) + over(Severity::Warning, notices) + over(Severity::Note, 0);
    if rest == 0 {
        return Ok(());
    }
    // This line takes the place of one note.
    let rest = rest + usize::from(report.count(Severity::Note) >= SHOWN);
    let total = report.findings.len();
    writeln!(
        out,
        "::notice title=plimsoll::{total} findings, of which GitHub does not show {rest}: it shows {SHOWN} of each level; \
         the log has all"
    )
}

fn command(finding: &Finding, repository: &Repository, out: &mut dyn Write) -> io::Result<()> {
    let (start, end) = (finding.place.start(), finding.place.end());
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    // GitHub looks for the file from the repository's root.
    let path = repository.path(finding.place.source.path());
    write!(out, "::{name} file={},line={}", property(&path), start.line)?;
    // Columns are read only when the lines are the same.
    if start.line == end.line {
        write!(out, ",endLine={},col={},endColumn={}", end.line, start.column, end.column)?;
    } else {
        write!(out, ",endLine={}", end.line)?;
    }
    write!(out, ",title={}::{}", finding.rule, data(&finding.message))?;
    match &finding.help {
        Some(help) => writeln!(out, ". {}", data(help)),
        None => writeln!(out),
    }
}

/// Text behind `::`.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
