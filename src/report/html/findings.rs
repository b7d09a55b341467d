//! Findings, and what could not be told: by rule, the worst first, each with its lines.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::Report;
use super::super::escape::xml;
use super::grid::id;
use super::matrix::{CLASSES, Mark, Matrix, class, sign};
use super::{lines, marked, more};
use crate::finding::Finding;
use crate::rules;

/// Writes both lists.
pub(super) fn write(report: &Report<'_>, matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let title = if report.findings.is_empty() { "No findings" } else { "Findings" };
    list(title, "findings", report.findings, Mark::Finding, matrix, out)?;
    if report.open.is_empty() {
        return Ok(());
    }
    list("Not told", "not-told", report.open, Mark::Open, matrix, out)
}

/// One list; `mark` says what its findings are called.
fn list(
    title: &str,
    name: &str,
    findings: &[Finding],
    mark: fn(usize) -> Mark,
    matrix: &Matrix,
    out: &mut dyn Write,
) -> io::Result<()> {
    let listed = &matrix.listed[usize::from(name != "findings")];
    let count = match (listed.len(), findings.len()) {
        (_, 0) => String::new(),
        (listed, all) if listed == all => format!(" <small>{all}</small>"),
        (listed, all) => format!(" <small>the worst {listed} of {all}</small>"),
    };
    writeln!(out, "<section class=\"list\" id=\"{name}\">\n<h2 tabindex=\"-1\">{title}{count}</h2>")?;
    let mut by_rule: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for at in listed {
        by_rule.entry(findings[*at].rule).or_default().push(*at);
    }
    for column in &matrix.columns {
        let Some(listed) = by_rule.get(column.rule) else { continue };
        // Open results of a rule are what its name leads to only where no findings of it stand above.
        let first = name == "findings" || column.listed[0] == 0;
        group(column.rule, first, findings, listed, mark, matrix, out)?;
    }
    more(findings.len(), "p", out)?;
    writeln!(out, "</section>")
}

/// The findings of one rule, below what the rule says.
fn group(
    rule: &'static str,
    is_target: bool,
    findings: &[Finding],
    listed: &[usize],
    mark: fn(usize) -> Mark,
    matrix: &Matrix,
    out: &mut dyn Write,
) -> io::Result<()> {
    let worst = listed.iter().map(|at| class(&findings[*at])).min().unwrap_or(3);
    let (class, name) = (CLASSES[worst], xml(rule));
    let target = if is_target { format!(" id=\"r-{name}\"") } else { String::new() };
    writeln!(
        out,
        "<section class=\"group {class}\"{target} data-rule=\"{name}\">\n<header>\n<h3><span class=\"sign {class}\" \
         aria-hidden=\"true\">{}</span> {name} <small>{}</small></h3>",
        sign(class),
        listed.len()
    )?;
    if let Some(known) = rules::find(rule) {
        writeln!(
            out,
            "<p>{} <code class=\"command\">plimsoll explain {name}</code></p>",
            marked(&known.read_page().summary)
        )?;
    }
    writeln!(out, "</header>")?;
    for at in listed {
        one(&findings[*at], mark(*at), matrix, out)?;
    }
    let all = findings.iter().filter(|finding| finding.rule == rule).count();
    if all > listed.len() {
        writeln!(out, "<p class=\"hint\">{} more of this rule are not listed.</p>", all - listed.len())?;
    }
    writeln!(out, "</section>")
}

fn one(finding: &Finding, mark: Mark, matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let class = CLASSES[class(finding)];
    let (rule, service) = (xml(finding.rule), xml(matrix.name(mark)));
    write!(
        out,
        "<article class=\"{class}\" id=\"{}\" data-kind=\"{class}\" data-rule=\"{rule}\" data-service=\"{service}\">\n\
         <h4><span class=\"badge\">{class}</span> <b>{service}</b>",
        id(mark)
    )?;
    if let Some(subject) = &finding.subject {
        write!(out, " <span class=\"subject\">{}</span>", xml(subject))?;
    }
    writeln!(out, "</h4>\n<p>{}</p>", marked(&finding.message))?;
    if let Some(help) = &finding.help {
        writeln!(out, "<p class=\"help\">{}</p>", marked(help))?;
    }
    lines::write(finding, out)?;
    writeln!(out, "</article>")
}
