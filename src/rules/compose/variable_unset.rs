//! `variable-unset`: every variable has a value or a default.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};
use crate::syntax::yaml::{Node, Value};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// Variables that every shell gives to what it starts, and that Compose itself sets. `UID` is none: shells do not export it.
const GIVEN: [&str; 6] = ["COMPOSE_PROJECT_NAME", "HOME", "PATH", "PWD", "SHELL", "USER"];

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    let Some(resolved) = &project.resolved else { return };
    let mut told = HashSet::new();
    let mut stack = vec![resolved];
    while let Some(node) = stack.pop() {
        // A name without a value in `environment` takes what the caller has, and stays away when that is nothing.
        let used = if node.is_null() { &[] } else { node.variables() };
        let unset = used.iter().filter(|one| !one.is_set && one.operator.is_empty());
        for variable in unset.filter(|one| !GIVEN.contains(&one.name.as_str())) {
            if told.insert(variable.name.as_str()) {
                report(node, &variable.name, out);
            }
        }
        match &node.value {
            Value::Scalar(_) => {}
            Value::Sequence(items) => stack.extend(items.iter().rev()),
            Value::Mapping(entries) => stack.extend(entries.iter().rev().map(|entry| &entry.value)),
        }
    }
}

fn report(node: &Node, name: &str, out: &mut Findings) {
    let place = crate::rules::common::narrow(&node.place, name);
    out.add(&place, format!("`{name}` has no value here, so Compose puts in an empty text"))
        .help(format!("write `${{{name}:-default}}`, or `${{{name}:?}}` when somebody has to set it"));
}
