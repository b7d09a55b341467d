//! Findings, and what could not be told.

use std::io::{self, Write};

use super::super::Report;
use super::super::escape::{visible, xml};
use super::{MAX_LISTED, marked, more};
use crate::finding::{Finding, Kind, Severity};
use crate::model::Step;
use crate::source::{Place, Span};

/// Bytes of a line that are shown.
const MAX_LINE: u32 = 240;
/// Steps of an origin and related places that are shown.
const MAX_STEPS: usize = 8;

/// Writes both lists, the worst first.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let title = if report.findings.is_empty() { "No findings" } else { "Findings" };
    let mut worst: Vec<&Finding> = report.findings.iter().collect();
    worst.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    list(title, &worst, out)?;
    if report.open.is_empty() {
        return Ok(());
    }
    list("Not told", &report.open.iter().collect::<Vec<_>>(), out)
}

fn list(title: &str, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let count =
        if findings.is_empty() { String::new() } else { format!(" <small>{}</small>", findings.len()) };
    writeln!(out, "<section>\n<h2>{title}{count}</h2>")?;
    for finding in findings.iter().take(MAX_LISTED) {
        one(finding, out)?;
    }
    more(findings.len(), "p", out)?;
    writeln!(out, "</section>")
}

fn one(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let class = match (finding.kind, finding.severity) {
        (Kind::Open, _) => "open",
        (_, Severity::Error) => "error",
        (_, Severity::Warning) => "warning",
        (_, Severity::Note) => "note",
    };
    let rule = xml(finding.rule);
    write!(out, "<article class=\"{class}\" data-rule=\"{rule}\"")?;
    if let Some(service) = &finding.service {
        write!(out, " data-service=\"{}\"", xml(service))?;
    }
    write!(out, ">\n<h3><span class=\"badge\">{class}</span> <span class=\"rule\">{rule}</span>")?;
    if let Some(service) = &finding.service {
        write!(out, " <b>{}</b>", xml(service))?;
    }
    if let Some(subject) = &finding.subject {
        write!(out, " <span class=\"subject\">{}</span>", xml(subject))?;
    }
    writeln!(out, "</h3>\n<p>{}</p>", marked(&finding.message))?;
    if let Some(help) = &finding.help {
        writeln!(out, "<p class=\"help\">{}</p>", marked(help))?;
    }
    writeln!(out, "<dl>")?;
    place("", &finding.place, out)?;
    let steps = finding.origin.iter().chain(&finding.related).take(MAX_STEPS).chain(&finding.plan);
    for Step { place: at, what } in steps.filter(|step| !is_same_line(&step.place, &finding.place)) {
        place(what, at, out)?;
    }
    writeln!(out, "</dl>\n</article>")
}

fn is_same_line(one: &Place, other: &Place) -> bool {
    one.source.path() == other.source.path() && one.start().line == other.start().line
}

/// A place with its line.
fn place(what: &str, at: &Place, out: &mut dyn Write) -> io::Result<()> {
    let start = at.start();
    let what = if what.is_empty() { String::new() } else { format!(" {}", marked(what)) };
    write!(out, "<dt>{}:{}:{}{what}</dt>", xml(at.source.path()), start.line, start.column)?;
    let line = line(at);
    match line.is_empty() {
        true => writeln!(out),
        false => writeln!(out, "<dd><code>{line}</code></dd>"),
    }
}

/// The line of a place, as far as it is no secret, with the place marked.
fn line(at: &Place) -> String {
    let (source, span) = (&at.source, at.span);
    let whole = source.lines().span_of(source.lines().line_of(span.start), source.bytes());
    let start = whole.start.max(span.start.saturating_sub(MAX_LINE / 4));
    let end = whole.end.min(start.saturating_add(MAX_LINE));
    let (from, to) = (span.start.clamp(start, end), span.end.clamp(start, end).max(span.start.min(end)));
    let text = |start, end| {
        let text = String::from_utf8_lossy(source.shown_slice(Span::new(start, end))).into_owned();
        // Lines have their ends with them; a character that was cut in two reads as a replacement.
        visible(text.trim_matches(['\n', '\r', char::REPLACEMENT_CHARACTER])).into_owned()
    };
    let (before, mark, behind) = (text(start, from), text(from, to), text(to, end));
    let (left, right) = (if start > whole.start { "…" } else { "" }, if end < whole.end { "…" } else { "" });
    let (before, behind) = (xml(before.trim_start()), xml(behind.trim_end()));
    match mark.is_empty() {
        true => format!("{left}{before}{behind}{right}"),
        false => format!("{left}{before}<mark>{}</mark>{behind}{right}", xml(&mark)),
    }
}
