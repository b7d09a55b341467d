//! Dockerfiles that stand as examples in a Markdown plan, judged like any other: an example that breaks the plan is a
//! contradiction of the plan.

use std::sync::Arc;

use super::judge::{Scope, identity_of, judge, understand};
use crate::finding::{Finding, Kind};
use crate::lower::Identity;
use crate::model::Role;
use crate::plan::{PlanIndex, normalise};
use crate::source::{Place, Source};

/// The rule that reports it.
const RULE: &str = "plan-contradiction";

/// Rules that ask for files of the fleet, which an example does not come with, or for the fleet's own way of building.
const NEED_FILES: &[&str] = &[
    "copy-source",
    "dockerignore",
    "requirements-include",
    "cmd-target",
    "template-leftover",
    "machine-profile",
    "machine-arg",
    "labels",
    "image-tag",
];

/// Findings about the examples.
pub(super) fn judge_all(scope: &Scope<'_>, index: &PlanIndex) -> Vec<Finding> {
    let Some(rule) = scope.rules.iter().find(|rule| rule.id == RULE) else { return Vec::new() };
    let mut findings = Vec::new();
    for example in &scope.plan.examples {
        let source = alone(example);
        let identity = identity_by_heading(scope, example, index);
        let build = understand(scope, &source, identity);
        for finding in judge(scope, &build) {
            if finding.kind != Kind::Finding || NEED_FILES.contains(&finding.rule) {
                continue;
            }
            findings.push(Finding {
                message: format!("the example breaks `{}`: {}", finding.rule, finding.message),
                rule: rule.id,
                severity: rule.severity,
                fix: None,
                ..finding
            });
        }
    }
    findings
}

/// The example as a file of its own at the same lines and columns: everything around it blank.
fn alone(example: &Place) -> Arc<Source> {
    let span = example.span;
    let keep = |at: usize, byte: u8| (span.start as usize..span.end as usize).contains(&at) || byte == b'\n';
    let bytes = example.source.bytes().iter().enumerate();
    let bytes = bytes.map(|(at, byte)| if keep(at, *byte) { *byte } else { b' ' }).collect();
    Source::new(example.source.path(), bytes)
}

/// The service that the nearest heading above an example names.
fn identity_by_heading(scope: &Scope<'_>, example: &Place, index: &PlanIndex) -> Identity {
    let mut identity = identity_of(scope, example.source.path(), index);
    let before = String::from_utf8_lossy(&example.source.bytes()[..example.span.start as usize]).into_owned();
    let heading = before.lines().rev().find(|line| line.starts_with('#')).map(normalise).unwrap_or_default();
    let names = scope.plan.services.iter().enumerate();
    let row = names
        .filter(|(_, row)| heading.contains(&normalise(&row.name.value)))
        .max_by_key(|(_, row)| row.name.value.len());
    identity.service = row.map(|(at, _)| at);
    identity.role = if identity.service.is_some() { Role::Service } else { Role::Other };
    identity
}
