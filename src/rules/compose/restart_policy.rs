//! `restart-policy`: services start again as the plan says.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{Project, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::{about, is_fragment};
use crate::rules::deployed::is_ours;
use crate::source::Place;
use crate::syntax::yaml::{Entry, Node};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.deploy.restart.is_some()
}

fn check(project: &Project, plan: &Plan, out: &mut Findings) {
    let Some(wanted) = &plan.deploy.restart else { return };
    let ending = ending_by_design(project);
    for workload in &project.services {
        let name = workload.name.value.as_str();
        if !is_ours(workload, plan) || is_fragment(workload) || ending.contains(name) {
            continue;
        }
        let (place, message) = match said(workload) {
            Some((policy, _)) if policy == wanted.value => continue,
            Some((policy, place)) => (place, format!("restarts `{policy}`, planned `{}`", wanted.value)),
            None => (&workload.place, format!("says no `restart`, planned `{}`", wanted.value)),
        };
        about(out.add(place, message), workload, plan)
            .planned(wanted)
            .help(format!("write `restart: {}`", wanted.value));
    }
}

/// The policy in the words of `restart`, and where it is said. `deploy.restart_policy` counts where `restart` is absent.
fn said(workload: &Workload) -> Option<(&str, &Place)> {
    if let Some(node) = workload.tree.get("restart") {
        return Some((node.text()?, &node.place));
    }
    let node = workload.tree.at(&["deploy", "restart_policy", "condition"])?;
    let policy = match node.text()? {
        "none" => "no",
        "any" => "always",
        other => other,
    };
    Some((policy, &node.place))
}

/// Services that others wait for until they have ended.
fn ending_by_design(project: &Project) -> HashSet<&str> {
    let dependencies = project.services.iter().filter_map(|workload| workload.tree.get("depends_on"));
    let waits = |entry: &&Entry| {
        entry.value.get("condition").and_then(Node::text) == Some("service_completed_successfully")
    };
    dependencies.flat_map(Node::entries).filter(waits).filter_map(|entry| entry.key.text()).collect()
}
