//! `text`: for people. The line at fault and the line of the plan in one block, copies of a finding in one note, and
//! a last line that says what was checked.

mod window;

use std::collections::HashMap;
use std::io::{self, Write};

use annotate_snippets::{Group, Level, Origin, Renderer};

use super::escape::visible;
use super::groups::{Alike, alike};
use super::{Report, concise, counted};
use crate::finding::{Finding, Kind, Severity};
use window::{Block, Mark};

/// Blocks with source lines; further groups are printed as lines, because nobody reads that many.
const MAX_BLOCKS: usize = 200;
/// Places named in the note about copies of a finding.
const MAX_ALSO: usize = 5;
/// Rules that cannot tell for one reason at one place, from which on they share a line.
const MANY_OPEN: usize = 3;
/// Steps of an origin and related places shown with source.
const MAX_STEPS: usize = 4;

/// Writes blocks, what could not be told, and the summary.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if report.style.color { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
    let groups = alike(report.findings);
    for (at, group) in groups.iter().enumerate() {
        if at < MAX_BLOCKS {
            writeln!(out, "{}\n", renderer.render(&[block(group)]))?;
        } else {
            let more = if group.others.is_empty() {
                String::new()
            } else {
                format!(" (and {} more)", group.others.len())
            };
            writeln!(out, "{}{more}", concise::line(group.first))?;
        }
    }
    if groups.len() > MAX_BLOCKS {
        writeln!(out)?;
    }
    write_open(report, out)?;
    if report.style.statistics && !report.findings.is_empty() {
        super::statistics::write(report, out)?;
        writeln!(out)?;
    }
    if report.style.quiet { Ok(()) } else { write_summary(report, groups.len(), out) }
}

/// The block of the first finding of a group.
fn block<'a>(group: &Alike<'a>) -> Group<'a> {
    let finding = group.first;
    let level = match (finding.kind, finding.severity) {
        (Kind::Open, _) | (_, Severity::Note) => Level::NOTE,
        (_, Severity::Warning) => Level::WARNING,
        (_, Severity::Error) => Level::ERROR,
    };
    let mut block = Group::with_title(level.primary_title(visible(&finding.message)).id(finding.rule));
    let (marks, hidden) = marks(finding);
    for part in window::blocks(marks) {
        block = match part {
            Block::Shown(snippet) => block.element(snippet),
            Block::Hidden(mark) => {
                let start = mark.place.start();
                let origin = Origin::path(visible(mark.place.source.path()));
                let origin = origin.line(start.line as usize).char_column(start.column as usize);
                block.element(origin).element(Level::NOTE.message(window::excerpt(mark.place)))
            }
        };
    }
    if hidden > 0 {
        block = block.element(Level::NOTE.message(format!("… and {hidden} more places")));
    }
    if let Some(help) = &finding.help {
        block = block.element(Level::HELP.message(visible(help)));
    }
    if !group.others.is_empty() {
        block = block.element(Level::NOTE.message(also(group.first, &group.others)));
    }
    block
}

/// The places of a finding, the primary one first, and how many are left out.
fn marks(finding: &Finding) -> (Vec<Mark<'_>>, usize) {
    let steps = finding.origin.iter().chain(&finding.related);
    let hidden = steps.clone().count().saturating_sub(MAX_STEPS);
    let mut marks = vec![Mark { place: &finding.place, label: "", primary: true }];
    let shown = steps.take(MAX_STEPS).chain(&finding.plan);
    marks.extend(shown.map(|step| Mark { place: &step.place, label: &step.what, primary: false }));
    (marks, hidden)
}

/// The values that a message has between backticks.
fn values(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// `also at a:12, b:9 (1000:1000) … and 37 more`: in parentheses what another message says instead of the first one's.
fn also(first: &Finding, others: &[&Finding]) -> String {
    let place = |finding: &&Finding| {
        let said = values(&finding.message).zip(values(&first.message)).filter(|(own, first)| own != first);
        let said: Vec<&str> = said.map(|(own, _)| own).collect();
        let said = if said.is_empty() { String::new() } else { format!(" ({})", visible(&said.join(", "))) };
        format!("{}:{}{said}", visible(finding.place.source.path()), finding.place.start().line)
    };
    let places: Vec<String> = others.iter().take(MAX_ALSO).map(place).collect();
    let rest = others.len().saturating_sub(MAX_ALSO);
    let more = if rest > 0 { format!(" … and {rest} more") } else { String::new() };
    format!("also at {}{more}", places.join(", "))
}

/// Open results: one line for each kind of them, or each of them when asked.
fn write_open(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.open.is_empty() || report.style.quiet {
        return Ok(());
    }
    if report.style.verbose {
        for finding in report.open {
            writeln!(out, "{}", concise::line(finding))?;
        }
        return writeln!(out);
    }
    let groups = alike(report.open);
    let mut causes: HashMap<Cause<'_>, (usize, Vec<&'static str>)> = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        let (_, rules) = causes.entry(Cause::of(group)).or_insert((at, Vec::new()));
        if !rules.contains(&group.first.rule) {
            rules.push(group.first.rule);
        }
    }
    for (at, group) in groups.iter().enumerate() {
        let (finding, cause) = (group.first, Cause::of(group));
        let also =
            if group.others.is_empty() { String::new() } else { format!(" and {} more", group.others.len()) };
        let place = format!("{}:{}{also}", visible(finding.place.source.path()), finding.place.start().line);
        match (cause.why, causes.get(&cause)) {
            (Some(why), Some((first, rules))) if rules.len() >= MANY_OPEN => {
                if *first == at {
                    writeln!(out, "open[{}]: cannot tell: {} ({place})", rules.join(", "), visible(why))?;
                }
            }
            _ => writeln!(out, "open[{}]: {} ({place})", finding.rule, visible(&finding.message))?,
        }
    }
    writeln!(out)
}

/// What open results of several rules have in common that cannot be told for one reason.
#[derive(PartialEq, Eq, Hash)]
struct Cause<'f> {
    /// The reason; `None` in a message of another form.
    why: Option<&'f str>,
    path: &'f str,
    line: u32,
    others: usize,
}

impl<'f> Cause<'f> {
    fn of(group: &Alike<'f>) -> Self {
        let finding = group.first;
        let why =
            finding.message.strip_prefix("cannot tell ").and_then(|rest| Some(rest.split_once(": ")?.1));
        let (path, line) = (finding.place.source.path(), finding.place.start().line);
        Self { why, path, line, others: group.others.len() }
    }
}

/// What was left out: one line for each reason, or each of them when asked.
fn write_not_checked(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut index: HashMap<&str, usize> = HashMap::new();
    for (what, reason) in &report.checked.not_checked {
        let at = *index.entry(reason).or_insert(reasons.len());
        match reasons.get_mut(at).filter(|_| !report.style.verbose) {
            Some((_, all)) => all.push(what),
            None => reasons.push((reason, vec![what])),
        }
    }
    for (reason, all) in reasons {
        let shown: Vec<String> = all.iter().take(MAX_ALSO).map(|what| visible(what).into_owned()).collect();
        let rest = all.len().saturating_sub(MAX_ALSO);
        let more = if rest > 0 { format!(" … and {rest} more") } else { String::new() };
        writeln!(out, "not checked: {}{more}: {}", shown.join(", "), visible(reason))?;
    }
    Ok(())
}

fn write_summary(report: &Report<'_>, groups: usize, out: &mut dyn Write) -> io::Result<()> {
    for notice in &report.checked.notices {
        writeln!(out, "note: {}", visible(notice))?;
    }
    write_not_checked(report, out)?;
    if report.style.verbose {
        for context in &report.checked.contexts {
            let (file, folder) = (visible(&context.file), visible(&context.folder));
            writeln!(out, "assumed build context: {file}: {folder}, {}", context.how)?;
        }
    }
    if !report.checked.fleet.is_empty() {
        super::fleet::write(report, out)?;
        writeln!(out)?;
    }
    if !report.checked.services.is_empty() && !report.findings.is_empty() {
        super::services::write(report, out)?;
        writeln!(out)?;
    }
    if groups > 1 {
        writeln!(out, "{}", per_rule(report.findings))?;
    }
    writeln!(out, "{}", summary(report))
}

/// `runtime-user 12, base-image 3`: most findings first.
fn per_rule(findings: &[Finding]) -> String {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    findings.iter().for_each(|finding| *counts.entry(finding.rule).or_default() += 1);
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    counts.iter().map(|(rule, count)| format!("{rule} {count}")).collect::<Vec<_>>().join(", ")
}

/// The last line.
pub(super) fn summary(report: &Report<'_>) -> String {
    let checked = report.checked;
    let severities = [Severity::Error, Severity::Warning, Severity::Note];
    let counts: Vec<String> = severities
        .iter()
        .map(|severity| (report.count(*severity), severity.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| counted(count, name))
        .collect();
    let found = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    // `plan check` looks at no file of the fleet.
    let of = |kind: &str| checked.files.get(kind).copied().unwrap_or(0);
    let others =
        ["image", "planned-image", "endpoint", "container"].map(|kind| (of(kind), kind.replace('-', " ")));
    let files = checked.files.values().sum::<usize>() - others.iter().map(|(count, _)| count).sum::<usize>();
    let kinds = std::iter::once((files, "file".to_owned())).chain(others);
    let inputs: Vec<String> =
        kinds.filter(|(count, _)| *count > 0).map(|(count, kind)| counted(count, &kind)).collect();
    let kind = match checked.mode {
        "image" => "image",
        "validate-fleet" => "endpoint",
        _ => "file",
    };
    let mut line = match inputs.is_empty() {
        true if !counts.is_empty() => found,
        true => format!("{found} in {}", counted(0, kind)),
        false => format!("{found} in {}", inputs.join(" and ")),
    };
    if let Some(plan) = &checked.plan {
        line += &format!(" against {}", visible(plan));
    }
    if !report.open.is_empty() {
        line += &format!("; {} could not be told", report.open.len());
    }
    if report.suppressed > 0 {
        line += &format!("; {} suppressed", report.suppressed);
    }
    if report.waived > 0 {
        line += &format!("; {} waived", report.waived);
    }
    if let Some(older) = report.older {
        line += &format!("; {older} older");
    }
    if let Some(quieted) = report.quieted {
        line += &format!("; {} in the baseline", quieted.known);
        if quieted.protected > 0 {
            let what = counted(quieted.protected, "finding");
            line += &format!(", which cannot hold {what} of rules that the plan protects");
        }
        if quieted.gone > 0 {
            line += &format!(", which lists {} that are gone (see `--write-baseline`)", quieted.gone);
        }
    }
    if !checked.not_planned.is_empty() {
        let rest = checked.not_planned.len().saturating_sub(MAX_ALSO);
        let names = checked.not_planned[..checked.not_planned.len() - rest].join(", ");
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        line += &format!("; {} not planned ({names}{more})", counted(checked.not_planned.len(), "rule"));
    }
    line
}
