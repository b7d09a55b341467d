//! `html`: one page for browsers, with one script of its own and without anything from outside.
//!
//! A summary, the matrix of services and rules (of a running fleet the table with a cell for each check), findings with the
//! lines that they are about, what could not be told and what was left out. Rows and findings carry what they are as
//! `data-` attributes, which is all that the script reads. Without it everything is there, but for the filters.

mod bases;
mod filters;
mod findings;
mod grid;
mod lines;
mod matrix;
mod subject;
mod table;

use std::io::{self, Write};

pub use subject::{Subject, SubjectKind};

use super::escape::xml;
use super::{Report, counted, text};
use crate::finding::Severity;
use matrix::{CLASSES, Matrix, sign};

const STYLE: &str = include_str!("html/style.css");

/// Results that are listed of each kind; a browser is no data base.
const MAX_LISTED: usize = 5_000;

/// Writes the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let styles = format!("\n{STYLE}");
    let drawing = bases::drawing(report)?;
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"plimsoll\">\n<title>{}</title>\n<style>{styles}</style>\n\
         </head>\n<body>\n",
        filters::policy(&[&styles, bases::styles(&drawing)]),
        title(report)
    )?;
    let matrix = Matrix::of(report);
    header(report, out)?;
    writeln!(out, "<main>")?;
    match report.checked.fleet.is_empty() {
        true => grid::write(&matrix, out)?,
        false => table::write(report, &matrix, out)?,
    }
    bases::write(&drawing, report.findings.is_empty(), out)?;
    filters::write(report, &matrix, out)?;
    findings::write(report, &matrix, out)?;
    notices(report, out)?;
    left_out(report, out)?;
    writeln!(out, "</main>")?;
    filters::script(out)?;
    writeln!(out, "</body>\n</html>")
}

/// `plimsoll check: 85 errors`.
fn title(report: &Report<'_>) -> String {
    let verdict = match report.worst() {
        Some(severity) => counted(report.count(severity), severity.name()),
        None => "no findings".to_owned(),
    };
    format!("plimsoll {}: {verdict}", xml(report.checked.mode))
}

/// Title, counts and the summary line.
fn header(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let verdict = match report.worst() {
        Some(severity) => severity.name(),
        None => "pass",
    };
    writeln!(
        out,
        "<header class=\"page {verdict}\">\n<h1>plimsoll <span>{}</span></h1>\n<ul class=\"counts\">",
        xml(report.checked.mode)
    )?;
    let counts = [
        report.count(Severity::Error),
        report.count(Severity::Warning),
        report.count(Severity::Note),
        report.open.len(),
    ];
    for (class, count) in CLASSES.into_iter().zip(counts).filter(|(_, count)| *count > 0) {
        let said = match class {
            "open" => "not told".to_owned(),
            noun if count == 1 => noun.to_owned(),
            noun => format!("{noun}s"),
        };
        writeln!(
            out,
            "<li class=\"{class}\"><span aria-hidden=\"true\">{}</span> <b>{count}</b> {said}</li>",
            sign(class)
        )?;
    }
    if report.findings.is_empty() {
        writeln!(out, "<li class=\"pass\"><span aria-hidden=\"true\">✓</span> no findings</li>")?;
    }
    writeln!(out, "</ul>\n<p>{}</p>\n</header>", xml(&text::summary(report)))
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
mod tests;
