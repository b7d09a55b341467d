//! `checkstyle`: XML by file, which many tools read.

use std::io::{self, Write};

use super::Report;
use super::escape::xml;
use crate::finding::{Finding, Severity};

/// Writes the findings by file.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">")?;
    let same = |a: &Finding, b: &Finding| a.place.source.path() == b.place.source.path();
    for file in report.findings.chunk_by(same) {
        writeln!(out, "  <file name=\"{}\">", xml(file[0].place.source.path()))?;
        for finding in file {
            let start = finding.place.start();
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "info",
            };
            let (line, column, message) = (start.line, start.column, xml(&finding.message));
            writeln!(
                out,
                "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{message}\" source=\"plimsoll.{}\"/>",
                finding.rule
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}
