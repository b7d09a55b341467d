//! `json` and `jsonl`: findings as data. Lines and columns from 1, columns in characters.

use std::io::{self, Write};

use serde::Serialize;

use super::{AssumedContext, Report, json_text};
use crate::finding::{Edit, Finding, Severity};
use crate::model::Step;
use crate::settle::fingerprints;

/// Writes `{"version":1,"findings":[…],"open":[…],"checked":{…},"summary":{…}}`, one finding a line.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"version\":1,\n\"findings\":[")?;
    list(report.findings, out)?;
    out.write_all(b"],\n\"open\":[")?;
    list(report.open, out)?;
    out.write_all(b"],\n\"checked\":")?;
    json_text::write(&checked(report), out)?;
    out.write_all(b",\n\"summary\":")?;
    json_text::write(&summary(report), out)?;
    out.write_all(b"}\n")
}

/// Writes one finding a line, open results left out.
pub(super) fn write_lines(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (finding, fingerprint) in report.findings.iter().zip(fingerprints(report.findings)) {
        json_text::write(&JsonFinding::new(finding, &fingerprint), out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn list(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut separator: &[u8] = b"\n";
    for (finding, fingerprint) in findings.iter().zip(fingerprints(findings)) {
        out.write_all(separator)?;
        json_text::write(&JsonFinding::new(finding, &fingerprint), out)?;
        separator = b",\n";
    }
    Ok(())
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    service: Option<&'a str>,
    subject: Option<&'a str>,
    plan: Option<JsonLine<'a>>,
    origin: Vec<JsonStep<'a>>,
    related: Vec<JsonStep<'a>>,
    help: Option<&'a str>,
    fix: Option<JsonFix<'a>>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct JsonLine<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    file: &'a str,
    line: u32,
    what: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    safe: bool,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    text: &'a str,
}

impl<'a> JsonFinding<'a> {
    fn new(finding: &'a Finding, fingerprint: &'a str) -> Self {
        let (start, end) = (finding.place.start(), finding.place.end());
        Self {
            rule: finding.rule,
            severity: finding.severity,
            message: &finding.message,
            file: finding.place.source.path(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            service: finding.service.as_deref(),
            subject: finding.subject.as_deref(),
            plan: finding
                .plan
                .as_ref()
                .map(|step| JsonLine { file: step.place.source.path(), line: step.place.start().line }),
            origin: finding.origin.iter().map(step).collect(),
            related: finding.related.iter().map(step).collect(),
            help: finding.help.as_deref(),
            fix: finding
                .fix
                .as_ref()
                .map(|fix| JsonFix { safe: fix.safe, edits: fix.edits.iter().map(edit).collect() }),
            fingerprint,
        }
    }
}

fn step(step: &Step) -> JsonStep<'_> {
    JsonStep { file: step.place.source.path(), line: step.place.start().line, what: &step.what }
}

fn edit(edit: &Edit) -> JsonEdit<'_> {
    let (start, end) = (edit.place.start(), edit.place.end());
    JsonEdit {
        file: edit.place.source.path(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        text: &edit.text,
    }
}

#[derive(Serialize)]
struct JsonChecked<'a> {
    plan: Option<&'a str>,
    files: std::collections::BTreeMap<&'a str, usize>,
    rules: &'a [&'static str],
    not_planned: &'a [&'static str],
    not_checked: Vec<JsonNotChecked<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notices: &'a [String],
    contexts: Vec<JsonContext<'a>>,
    /// The services of a deployed fleet, each with its files and how many results it has.
    services: Vec<JsonService<'a>>,
    /// The table of a running fleet: of each service its checks and how they ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fleet: Vec<super::fleet::JsonFleetRow<'a>>,
}

#[derive(Serialize)]
struct JsonNotChecked<'a> {
    what: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonContext<'a> {
    file: &'a str,
    folder: &'a str,
    how: &'a str,
}

fn checked<'a>(report: &'a Report<'_>) -> JsonChecked<'a> {
    let checked = report.checked;
    let context = |context: &'a AssumedContext| JsonContext {
        file: &context.file,
        folder: &context.folder,
        how: context.how,
    };
    JsonChecked {
        plan: checked.plan.as_deref(),
        files: checked.files.iter().map(|(kind, count)| (kind.as_str(), *count)).collect(),
        rules: &checked.rules,
        not_planned: &checked.not_planned,
        not_checked: checked
            .not_checked
            .iter()
            .map(|(what, reason)| JsonNotChecked { what, reason })
            .collect(),
        notices: &checked.notices,
        contexts: checked.contexts.iter().map(context).collect(),
        services: services(report),
        fleet: super::fleet::json_rows(report),
    }
}

#[derive(Serialize)]
struct JsonService<'a> {
    name: &'a str,
    planned: bool,
    files: Vec<&'a str>,
    errors: usize,
    warnings: usize,
    notes: usize,
    open: usize,
}

fn services<'a>(report: &'a Report<'_>) -> Vec<JsonService<'a>> {
    let counts = super::services::counts(report);
    let services = report.checked.services.iter().zip(counts);
    services
        .map(|(service, counts)| JsonService {
            name: &service.name,
            planned: service.planned,
            files: service.files.iter().map(|file| file.as_str()).collect(),
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            open: counts.open,
        })
        .collect()
}

#[derive(Serialize)]
struct JsonSummary {
    errors: usize,
    warnings: usize,
    notes: usize,
    open: usize,
    suppressed: usize,
    waived: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<JsonQuieted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    older: Option<usize>,
}

/// What a baseline took out.
#[derive(Serialize)]
struct JsonQuieted {
    known: usize,
    gone: usize,
    protected: usize,
}

fn summary(report: &Report<'_>) -> JsonSummary {
    JsonSummary {
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        notes: report.count(Severity::Note),
        open: report.open.len(),
        suppressed: report.suppressed,
        waived: report.waived,
        older: report.older,
        baseline: report.quieted.map(|quieted| JsonQuieted {
            known: quieted.known,
            gone: quieted.gone,
            protected: quieted.protected,
        }),
    }
}
