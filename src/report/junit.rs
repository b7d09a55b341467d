//! `junit`: a failed case for each finding and a skipped one for each open result. A call without either has one case that
//! passes, because readers take an empty suite for a failure.

use std::io::{self, Write};

use super::Report;
use super::escape::xml;

/// Writes one suite.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let failures = report.findings.len();
    let skipped = report.open.len();
    let tests = (failures + skipped).max(1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"plimsoll\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"");
    writeln!(out, "  <testsuite name=\"plimsoll {}\" {counts}>", report.checked.mode)?;
    if failures + skipped == 0 {
        writeln!(out, "    <testcase classname=\"plimsoll\" name=\"no findings\"/>")?;
    }
    for finding in report.findings {
        let start = finding.place.start();
        let (path, message) = (xml(finding.place.source.path()), xml(&finding.message));
        writeln!(
            out,
            "    <testcase classname=\"{path}\" name=\"{} at {}:{}\">",
            finding.rule, start.line, start.column
        )?;
        let severity = finding.severity.name();
        write!(out, "      <failure type=\"{severity}\" message=\"{message}\">")?;
        write!(out, "{path}:{}:{}: {severity}[{}] {message}", start.line, start.column, finding.rule)?;
        if let Some(help) = &finding.help {
            write!(out, "\n{}", xml(help))?;
        }
        writeln!(out, "</failure>\n    </testcase>")?;
    }
    for finding in report.open {
        let start = finding.place.start();
        let (path, message) = (xml(finding.place.source.path()), xml(&finding.message));
        writeln!(
            out,
            "    <testcase classname=\"{path}\" name=\"{} at {}:{}\">",
            finding.rule, start.line, start.column
        )?;
        writeln!(out, "      <skipped message=\"{message}\"/>\n    </testcase>")?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}
