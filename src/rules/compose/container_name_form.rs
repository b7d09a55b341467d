//! `container-name-form`: the engine takes the container name.

use crate::finding::Findings;
use crate::model::{Project, ProjectProblemKind};
use crate::plan::Plan;
use crate::rules::common::{about, certain_text};
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, plan: &Plan, out: &mut Findings) {
    for workload in &project.services {
        let Some(node) = workload.tree.get("container_name") else { continue };
        let Some(name) = certain_text(node) else { continue };
        let refused = project
            .problems
            .iter()
            .any(|problem| problem.kind == ProjectProblemKind::Schema && problem.place == node.place);
        if is_valid(name) || refused {
            continue;
        }
        let message = format!("Docker refuses the container name `{name}`");
        about(out.add(&node.place, message), workload, plan)
            .help("begin with a letter or digit, and use only letters, digits, `_`, `.` and `-`: at least two characters");
    }
}

/// Docker's form of names (`RestrictedNamePattern` of the engine).
fn is_valid(name: &str) -> bool {
    let mut bytes = name.bytes();
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    bytes.next().is_some_and(|first| first.is_ascii_alphanumeric()) && name.len() > 1 && bytes.all(rest)
}
