//! `--statistics`: how many findings each rule and each service has.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::Report;
use super::escape::visible;
use crate::finding::Finding;

/// Writes the table by rule, and one by service when findings name services; most findings first.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let by_rule = rows(report.findings, |finding| Some(finding.rule));
    table("rule", &by_rule, out)?;
    let by_service = rows(report.findings, |finding| finding.service.as_deref());
    if !by_service.is_empty() {
        writeln!(out)?;
        table("service", &by_service, out)?;
    }
    Ok(())
}

/// Name, findings, files.
type Row<'a> = (&'a str, usize, usize);

fn rows<'a>(findings: &'a [Finding], name: impl Fn(&'a Finding) -> Option<&'a str>) -> Vec<Row<'a>> {
    let mut counts: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for finding in findings {
        let Some(name) = name(finding) else { continue };
        let entry = counts.entry(name).or_default();
        entry.0 += 1;
        entry.1.insert(finding.place.source.path());
    }
    let mut rows: Vec<Row<'_>> =
        counts.into_iter().map(|(name, (count, files))| (name, count, files.len())).collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    rows
}

fn table(title: &str, rows: &[Row<'_>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{:>8}  {:>6}  {title}", "findings", "files")?;
    for (name, count, files) in rows {
        writeln!(out, "{count:>8}  {files:>6}  {}", visible(name))?;
    }
    Ok(())
}
