//! Findings about a value that replaces another one show that one as well: the line that set it first.

use std::collections::BTreeMap;

use crate::finding::{Finding, Findings};
use crate::model::Project;
use crate::source::Place;
use crate::syntax::yaml::{Node, Value};

/// Adds the lines that were overridden to the findings of a project.
pub(super) fn show(project: &Project, out: Findings) -> Vec<Finding> {
    let mut findings = out.into_vec();
    let replaced = match &project.resolved {
        Some(root) if !findings.is_empty() => values(root),
        _ => return findings,
    };
    for finding in &mut findings {
        let place = &finding.place;
        let start = place.span.start;
        let before = replaced.range(..=(place.source.path(), start)).next_back();
        let Some(((path, _), node)) = before else { continue };
        let holds = *path == place.source.path() && start < node.place.span.end;
        let Some(earlier) = node.overrides().first().filter(|_| holds).cloned() else { continue };
        if !finding.related.iter().any(|step| step.place == earlier) {
            finding.related(&earlier, "overridden, this said it before");
        }
    }
    findings
}

/// Texts and lists that replace earlier ones, by where they start.
fn values(root: &Node) -> BTreeMap<(&str, u32), &Node> {
    let mut found = BTreeMap::new();
    // A stack instead of recursion: the depth is the input's.
    let mut rest = vec![root];
    while let Some(node) = rest.pop() {
        match &node.value {
            // Mappings are merged, and what they hold says for itself what it replaces.
            Value::Mapping(entries) => rest.extend(entries.iter().map(|entry| &entry.value)),
            Value::Sequence(items) => {
                note(node, &mut found);
                rest.extend(items);
            }
            Value::Scalar(_) => note(node, &mut found),
        }
    }
    found
}

fn note<'n>(node: &'n Node, found: &mut BTreeMap<(&'n str, u32), &'n Node>) {
    if !node.overrides().is_empty() {
        let Place { source, span } = &node.place;
        found.insert((source.path(), span.start), node);
    }
}
