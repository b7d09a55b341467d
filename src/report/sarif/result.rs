//! One result.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use super::super::escape::visible;
use super::super::json_text;
use super::level;
use super::location::{ArtifactLocation, Artifacts, PhysicalLocation, Region, Text};
use super::rule::Rules;
use crate::finding::{Finding, Fix, Kind};
use crate::settle::LineHashes;
use crate::source::Source;

/// Related locations of a result; GitHub shows at most 100.
const MAX_RELATED: usize = 20;

/// Writes results; remembers the line hashes of the last file, because results come file by file.
pub(super) struct Results<'a> {
    rules: &'a Rules,
    artifacts: &'a Artifacts<'a>,
    hashes: Option<(Arc<Source>, LineHashes)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: Fingerprints<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix<'a>>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    properties: Properties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

/// What of a running fleet a result is about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical<'a> {
    fully_qualified_name: Cow<'a, str>,
    kind: &'static str,
}

/// The endpoint or the container of a result: only these have names that hold outside of files.
fn logical(finding: &Finding) -> Vec<Logical<'_>> {
    let is_live =
        |subject: &&str| ["container:", "http://", "https://"].iter().any(|start| subject.starts_with(start));
    let subject = finding.subject.as_deref().filter(is_live);
    subject
        .map(|subject| Logical { fully_qualified_name: visible(subject), kind: "resource" })
        .into_iter()
        .collect()
}

#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "primaryLocationLineHash", skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    #[serde(rename = "plimsollFinding/v1")]
    own: &'a str,
}

#[derive(Serialize)]
struct Properties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Cow<'a, str>>,
}

impl Properties<'_> {
    fn is_empty(&self) -> bool {
        self.service.is_none() && self.subject.is_none()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix<'a> {
    description: Text<'a>,
    artifact_changes: Vec<Change<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: ArtifactLocation<'a>,
    replacements: [Replacement<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region<'a>,
    inserted_content: Text<'a>,
}

impl<'a> Results<'a> {
    pub(super) fn new(rules: &'a Rules, artifacts: &'a Artifacts<'a>) -> Self {
        Self { rules, artifacts, hashes: None }
    }

    pub(super) fn write(
        &mut self,
        finding: &Finding,
        fingerprint: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let open = finding.kind == Kind::Open;
        let steps = || finding.plan.iter().chain(&finding.origin).chain(&finding.related).take(MAX_RELATED);
        let related = steps().enumerate().map(|(at, step)| Location {
            id: Some(at + 1),
            physical_location: self.artifacts.physical(&step.place, false),
            logical_locations: Vec::new(),
            message: Some(Text { text: visible(or_see(&step.what)) }),
        });
        let related = related.collect();
        let notes: Vec<&str> = steps().map(|step| or_see(&step.what)).collect();
        let result = Outcome {
            rule_id: finding.rule,
            rule_index: self.rules.index(finding.rule),
            kind: open.then_some("open"),
            level: if open { "none" } else { level(finding.severity) },
            message: Text { text: message(finding, &notes).into() },
            locations: [Location {
                id: None,
                physical_location: self.artifacts.physical(&finding.place, true),
                logical_locations: logical(finding),
                message: None,
            }],
            related_locations: related,
            partial_fingerprints: Fingerprints { line: self.line_hash(finding), own: fingerprint },
            fixes: finding.fix.iter().map(|fix| self.fix(fix, finding)).collect(),
            properties: Properties {
                service: finding.service.as_deref().map(visible),
                subject: finding.subject.as_deref().map(visible),
            },
        };
        json_text::write(&result, out)
    }

    fn line_hash(&mut self, finding: &Finding) -> Option<String> {
        let source = &finding.place.source;
        if !self.hashes.as_ref().is_some_and(|(last, _)| Arc::ptr_eq(last, source)) {
            self.hashes = Some((Arc::clone(source), LineHashes::new(source)));
        }
        // As the region says it: the end of the file belongs to its last line.
        let line = finding.place.start().line;
        let (_, hashes) = self.hashes.as_ref()?;
        let at_end =
            finding.place.span.start as usize >= source.bytes().len() && source.bytes().ends_with(b"\n");
        hashes.of_line(if at_end { line - 1 } else { line })
    }

    fn fix<'b>(&self, fix: &'b Fix, finding: &'b Finding) -> SarifFix<'b>
    where
        'a: 'b,
    {
        let text = finding.help.as_deref().unwrap_or("Replace the text");
        let change = |edit: &'b crate::finding::Edit| Change {
            artifact_location: self.artifacts.location(&edit.place.source),
            replacements: [Replacement {
                deleted_region: self.artifacts.exact(&edit.place),
                inserted_content: Text { text: edit.text.as_str().into() },
            }],
        };
        SarifFix {
            description: Text { text: format!("{}.", visible(text).trim_end_matches('.')).into() },
            artifact_changes: fix.edits.iter().map(change).collect(),
        }
    }
}

/// An empty text counts as missing.
fn or_see(what: &str) -> &str {
    if what.is_empty() { "see" } else { what }
}

/// The sentence of a result: message, help, and a link to each related location.
fn message(finding: &Finding, notes: &[&str]) -> String {
    let mut text = without_links(&visible(&finding.message));
    if !notes.is_empty() {
        let links: Vec<String> = notes
            .iter()
            .enumerate()
            .map(|(at, note)| format!("[{}]({})", without_links(&visible(note)), at + 1))
            .collect();
        text += &format!(" ({})", links.join(", "));
    }
    text.push('.');
    if let Some(help) = &finding.help {
        text += &format!(" {}.", without_links(&visible(help)).trim_end_matches('.'));
    }
    text
}

/// Brackets escaped, so that text of input makes no link.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let escapes = matches!(characters.peek(), Some('[' | ']'));
        match character {
            '[' | ']' => out.extend(['\\', character]),
            '\\' if escapes || characters.peek().is_none() => out.push_str("\\\\"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_makes_no_links() {
        for (text, expected) in [
            ("a [b](http://c)", "a \\[b\\](http://c)"),
            ("\\[", "\\\\\\["),
            ("a\\b", "a\\b"),
            ("a\\", "a\\\\"),
        ] {
            assert_eq!(without_links(text), expected);
        }
    }
}
