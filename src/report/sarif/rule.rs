//! Rule descriptors, made from the rules' pages.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::Report;
use super::level;
use crate::finding::Severity;
use crate::rules::{Rule, all};

/// The rules of a run: those that ran and those with results, in the order of the table.
pub(super) struct Rules {
    list: Vec<&'static Rule>,
    index: HashMap<&'static str, usize>,
}

/// Characters that GitHub shows of a description.
const MAX_DESCRIPTION: usize = 1_024;
/// Tags that GitHub keeps of a rule.
const MAX_TAGS: usize = 10;

impl Rules {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let mut wanted: std::collections::HashSet<&str> = report.checked.rules.iter().copied().collect();
        wanted.extend(report.findings.iter().chain(report.open).map(|finding| finding.rule));
        let list: Vec<&'static Rule> = all().filter(|rule| wanted.contains(rule.id)).collect();
        let index = list.iter().enumerate().map(|(at, rule)| (rule.id, at)).collect();
        Self { list, index }
    }

    /// Where a rule's descriptor stands.
    pub(super) fn index(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    pub(super) fn descriptors(&self) -> Vec<Value> {
        self.list.iter().map(|rule| descriptor(rule)).collect()
    }
}

fn descriptor(rule: &Rule) -> Value {
    let page = rule.read_page();
    // An empty text counts as missing.
    let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
    let title = or(page.title.clone(), rule.id);
    let summary = or(page.summary.clone(), &title);
    let full = sentence(or(page.first_paragraph(), &summary));
    let mut tags: Vec<&str> = page.tags.iter().map(String::as_str).collect();
    if !tags.contains(&rule.group) {
        tags.push(rule.group);
    }
    tags.truncate(MAX_TAGS);
    let mut properties = json!({
        "tags": tags,
        "precision": "high",
        "problem.severity": problem_severity(rule.severity),
    });
    if tags.contains(&"security") {
        properties["security-severity"] = security_severity(rule.severity).into();
    }
    let mut descriptor = json!({
        "id": rule.id,
        "name": name_of(rule),
        "shortDescription": { "text": sentence(summary) },
        "fullDescription": { "text": full },
        "help": {
            "text": or(page.explanation().to_owned(), &title),
            "markdown": or(page.body.to_owned(), &title),
        },
        "defaultConfiguration": { "level": level(rule.severity), "enabled": rule.default },
        "properties": properties,
    });
    let repository = env!("CARGO_PKG_REPOSITORY");
    if !repository.is_empty() {
        let version = env!("CARGO_PKG_VERSION");
        descriptor["helpUri"] =
            format!("{repository}/blob/v{version}/rules/{}/{}.md", rule.group, rule.id).into();
    }
    descriptor
}

/// A description that ends in a full stop and is not too long.
fn sentence(mut text: String) -> String {
    if text.len() > MAX_DESCRIPTION {
        let end = (0..=MAX_DESCRIPTION - 4).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    if !text.ends_with(['.', '!', '?', '…']) {
        text.push('.');
    }
    text
}

/// The rule's name in Pascal case. It may not be the id in other letters (SARIF1001), so a rule of one word is named after
/// its group as well.
fn name_of(rule: &Rule) -> String {
    let name = pascal_case(rule.id);
    if name.eq_ignore_ascii_case(rule.id) { format!("{}Of{}", name, pascal_case(rule.group)) } else { name }
}

/// `runtime-user` → `RuntimeUser`
fn pascal_case(id: &str) -> String {
    id.split('-')
        .flat_map(|word| {
            let mut characters = word.chars();
            let first = characters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(characters).collect::<Vec<_>>()
        })
        .collect()
}

fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    }
}

/// In the middle of GitHub's ranges for high, medium and low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "7.5",
        Severity::Warning => "5.5",
        Severity::Note => "2.5",
    }
}
