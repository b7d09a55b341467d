//! `gitlab`: a code quality report.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::visible;
use super::{Report, json_text};
use crate::finding::Severity;
use crate::settle::fingerprints;

#[derive(Serialize)]
struct Issue<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    check_name: &'a str,
    description: String,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: Cow<'a, str>,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes a list of issues.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (at, (finding, fingerprint)) in report.findings.iter().zip(fingerprints(report.findings)).enumerate()
    {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        let issue = Issue {
            kind: "issue",
            check_name: finding.rule,
            description: visible(&finding.message).into_owned(),
            fingerprint: &fingerprint,
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Note => "info",
            },
            location: Location {
                // GitLab looks for the file from the repository's root, and wants no leading `./`.
                path: report.checked.repository.path(finding.place.source.path()),
                lines: Lines { begin: finding.place.start().line, end: finding.place.end().line },
            },
        };
        json_text::write(&issue, out)?;
    }
    out.write_all(b"]\n")
}
