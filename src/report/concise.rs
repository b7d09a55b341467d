//! `concise`: `path:line:col: severity[rule] message`, one line a finding.

use std::io::{self, Write};

use super::Report;
use super::escape::visible;
use crate::finding::{Finding, Kind};

/// Writes the findings, then the open results under `-v`.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let open = if report.style.verbose { report.open } else { &[] };
    for finding in report.findings.iter().chain(open) {
        writeln!(out, "{}", line(finding))?;
    }
    if report.style.statistics {
        super::statistics::write(report, out)?;
    }
    Ok(())
}

/// One finding as one line, without its end.
pub(super) fn line(finding: &Finding) -> String {
    let start = finding.place.start();
    let level = if finding.kind == Kind::Open { "open" } else { finding.severity.name() };
    let (path, message) = (visible(finding.place.source.path()), visible(&finding.message));
    format!("{path}:{}:{}: {level}[{}] {message}", start.line, start.column, finding.rule)
}
