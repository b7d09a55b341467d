//! `html`: one page for browsers, without scripts and without anything from outside.
//!
//! A summary, the table of a running fleet with a cell for each check, findings with the lines that they are about, what
//! could not be told and what was left out. Rows and findings carry what they are as `data-` attributes.

mod findings;
mod table;

use std::io::{self, Write};

use super::escape::xml;
use super::{Report, text};
use crate::finding::Severity;

const STYLE: &str = include_str!("html/style.css");

/// Results that are listed of each kind; a browser is no data base.
const MAX_LISTED: usize = 5_000;

/// Writes the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mode = xml(report.checked.mode);
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"plimsoll\">\n<title>plimsoll {mode}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n"
    )?;
    header(report, out)?;
    writeln!(out, "<main>")?;
    if !report.checked.fleet.is_empty() {
        table::write(report, out)?;
    }
    findings::write(report, out)?;
    notices(report, out)?;
    left_out(report, out)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

/// Title, counts and the summary line.
fn header(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let verdict = match report.worst() {
        Some(severity) => severity.name(),
        None => "pass",
    };
    writeln!(
        out,
        "<header class=\"{verdict}\">\n<h1>plimsoll <span>{}</span></h1>",
        xml(report.checked.mode)
    )?;
    writeln!(out, "<p>{}</p>\n<ul class=\"counts\">", xml(&text::summary(report)))?;
    let counts = [
        ("error", "error", report.count(Severity::Error)),
        ("warning", "warning", report.count(Severity::Warning)),
        ("note", "note", report.count(Severity::Note)),
        ("open", "not told", report.open.len()),
    ];
    for (class, noun, count) in counts {
        let plural = if count == 1 || class == "open" { "" } else { "s" };
        let class = if count == 0 { "none" } else { class };
        writeln!(out, "<li class=\"{class}\"><b>{count}</b> {noun}{plural}</li>")?;
    }
    writeln!(out, "</ul>\n</header>")
}

/// What the call itself has to say.
fn notices(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let list = &report.checked.notices;
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>Notices <small>{}</small></h2>\n<ul class=\"plain\">", list.len())?;
    for notice in list.iter().take(MAX_LISTED) {
        writeln!(out, "<li>{}</li>", marked(notice))?;
    }
    more(list.len(), "li", out)?;
    writeln!(out, "</ul>\n</section>")
}

/// What was not checked, and why.
fn left_out(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let list = &report.checked.not_checked;
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>Not checked <small>{}</small></h2>\n<ul class=\"plain\">", list.len())?;
    for (what, why) in list.iter().take(MAX_LISTED) {
        writeln!(out, "<li><b>{}</b>: {}</li>", xml(what), marked(why))?;
    }
    more(list.len(), "li", out)?;
    writeln!(out, "</ul>\n</section>")
}

/// How many are not listed.
fn more(count: usize, element: &str, out: &mut dyn Write) -> io::Result<()> {
    match count.checked_sub(MAX_LISTED) {
        Some(rest) if rest > 0 => writeln!(out, "<{element}>… and {rest} more.</{element}>"),
        _ => Ok(()),
    }
}

/// A sentence whose values stand between backticks.
fn marked(text: &str) -> String {
    if !text.matches('`').count().is_multiple_of(2) {
        return xml(text);
    }
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| match at % 2 {
            0 => xml(part),
            _ => format!("<code>{}</code>", xml(part)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_code_and_nothing_is_markup() {
        for (text, expected) in [
            ("runs as `0`, not <b>", "runs as <code>0</code>, not &lt;b&gt;"),
            ("`<script>`", "<code>&lt;script&gt;</code>"),
            ("odd ` one", "odd ` one"),
            ("a\u{202e}b", "a\\u{202e}b"),
        ] {
            assert_eq!(marked(text), expected);
        }
    }
}
