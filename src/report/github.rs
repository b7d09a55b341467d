//! `github`: workflow commands, which GitHub shows as annotations of a pull request.

use std::io::{self, Write};

use super::Report;
use super::escape::visible;
use crate::finding::{Finding, Severity};

/// Annotations that one step may show for each severity; what comes behind them is only in the log.
const SHOWN: usize = 10;

/// Writes one command a finding, the worst first, because GitHub shows only the first ones.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        for finding in report.findings.iter().filter(|finding| finding.severity == severity) {
            command(finding, out)?;
        }
    }
    let over =
        [Severity::Error, Severity::Warning, Severity::Note].iter().any(|level| report.count(*level) > SHOWN);
    if over {
        let total = report.findings.len();
        writeln!(
            out,
            "::notice title=plimsoll::{total} findings; GitHub shows the first {SHOWN} of each level"
        )?;
    }
    Ok(())
}

fn command(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let (start, end) = (finding.place.start(), finding.place.end());
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    write!(out, "::{name} file={},line={}", property(finding.place.source.path()), start.line)?;
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
