//! Places with their lines, as far as these are no secrets.

use std::io::{self, Write};

use super::super::escape::{visible, xml};
use super::marked;
use crate::finding::Finding;
use crate::model::Step;
use crate::source::{Place, Span};

/// Bytes of a line that are shown.
const MAX_LINE: u32 = 240;
/// Steps of an origin and related places that are shown.
const MAX_STEPS: usize = 8;

/// Writes the line at fault, the way there, and the line of the plan.
pub(super) fn write(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dl>")?;
    place("", "", &finding.place, out)?;
    let steps = finding.origin.iter().chain(&finding.related).take(MAX_STEPS).map(|step| ("", step));
    let steps = steps.chain(finding.plan.iter().map(|step| (" class=\"plan\"", step)));
    for (class, Step { place: at, what }) in
        steps.filter(|(_, step)| !is_same_line(&step.place, &finding.place))
    {
        place(class, what, at, out)?;
    }
    writeln!(out, "</dl>")
}

fn is_same_line(one: &Place, other: &Place) -> bool {
    one.source.path() == other.source.path() && one.start().line == other.start().line
}

/// A place with its line.
fn place(class: &str, what: &str, at: &Place, out: &mut dyn Write) -> io::Result<()> {
    let start = at.start();
    let what = if what.is_empty() { String::new() } else { format!(" <i>{}</i>", marked(what)) };
    write!(out, "<dt{class}>{}:{}:{}{what}</dt>", xml(at.source.path()), start.line, start.column)?;
    let line = line(at);
    match line.is_empty() {
        true => writeln!(out),
        false => writeln!(out, "<dd{class}><code>{line}</code></dd>"),
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
