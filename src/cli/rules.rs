//! `plimsoll rules`

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use serde::Serialize;

use super::Verdict;
use crate::rules::{Page, Rule, all};

/// Arguments of `rules`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll rules
  plimsoll rules --format json")]
pub(super) struct Args {
    /// Form of the table.
    #[arg(long, value_name = "FMT", default_value = "text")]
    format: Form,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    /// Columns.
    Text,
    /// A list of objects.
    Json,
    /// A Markdown table.
    Markdown,
}

#[derive(Serialize)]
struct JsonRule<'a> {
    id: &'a str,
    group: &'a str,
    severity: &'a str,
    default: bool,
    aliases: &'a [String],
    fixable: bool,
    summary: &'a str,
    since: &'a str,
    tags: &'a [String],
    applies_to: &'a [String],
}

pub(super) fn run(args: &Args) -> Verdict {
    let mut out = BufWriter::new(io::stdout().lock());
    let pages: Vec<(&Rule, Page)> = all().map(|rule| (rule, rule.read_page())).collect();
    match args.format {
        Form::Text => text(&pages, &mut out)?,
        Form::Json => json(&pages, &mut out)?,
        Form::Markdown => markdown(&pages, &mut out)?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn text(pages: &[(&Rule, Page)], out: &mut dyn Write) -> io::Result<()> {
    let width = pages.iter().map(|(rule, _)| rule.id.len()).max().unwrap_or(0);
    for (rule, page) in pages {
        let severity = if rule.default { rule.severity.name() } else { "off" };
        writeln!(out, "{:width$}  {severity:7}  {}", rule.id, page.summary)?;
    }
    Ok(())
}

fn json(pages: &[(&Rule, Page)], out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<JsonRule<'_>> = pages
        .iter()
        .map(|(rule, page)| JsonRule {
            id: rule.id,
            group: rule.group,
            severity: rule.severity.name(),
            default: rule.default,
            aliases: &page.aliases,
            fixable: page.fixable,
            summary: &page.summary,
            since: &page.since,
            tags: &page.tags,
            applies_to: &page.applies_to,
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &rows)?;
    writeln!(out)
}

fn markdown(pages: &[(&Rule, Page)], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| rule | severity | what it wants | also known as |\n|---|---|---|---|")?;
    for (rule, page) in pages {
        let severity = if rule.default { rule.severity.name() } else { "off" };
        let aliases = page.aliases.join(", ");
        let summary = page.summary.replace('|', "\\|");
        writeln!(
            out,
            "| [`{}`](rules/{}/{}.md) | {severity} | {summary} | {aliases} |",
            rule.id, rule.group, rule.id
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_names_every_rule() {
        let pages: Vec<(&Rule, Page)> = all().map(|rule| (rule, rule.read_page())).collect();
        for write in [text, json, markdown] {
            let mut out = Vec::new();
            write(&pages, &mut out).unwrap();
            let shown = String::from_utf8(out).unwrap();
            assert!(all().all(|rule| shown.contains(rule.id)));
        }
        let mut out = Vec::new();
        json(&pages, &mut out).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        for field in ["id", "group", "severity", "default", "aliases", "fixable", "summary"] {
            assert!(value[0].get(field).is_some(), "{field}");
        }
    }
}
