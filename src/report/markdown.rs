//! `markdown`: a summary for pull requests and job summaries.

use std::io::{self, Write};

use super::escape::markdown;
use super::groups::alike;
use super::{Report, text};
use crate::finding::Severity;

/// GitHub refuses a job summary above 1 MiB; the rest is for the last line and for other steps.
const MAX_BYTES: usize = 900 * 1024;

/// Writes a table of grouped findings, the worst first, and the summary line.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## plimsoll\n\n{}\n", markdown(&text::summary(report)))?;
    if report.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "| severity | rule | where | what |\n|---|---|---|---|")?;
    let groups = alike(report.findings);
    let (mut written, mut listed) = (0, 0);
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
