//! `dependency-health`: who waits for a healthy service waits for one with a health check.

use std::collections::HashMap;

use crate::finding::{Findings, Severity};
use crate::model::{Fact, Healthcheck, Project, Workload};
use crate::plan::Plan;
use crate::rules::common::about;
use crate::rules::overrides::drops_health;
use crate::rules::{Check, always};
use crate::syntax::yaml::{Entry, Node};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, plan: &Plan, out: &mut Findings) {
    let by_name: HashMap<&str, &Workload> =
        project.services.iter().map(|workload| (workload.name.value.as_str(), workload)).collect();
    for workload in &project.services {
        let Some(depends_on) = workload.tree.get("depends_on") else { continue };
        for entry in depends_on.entries() {
            let condition = entry.value.get("condition").filter(|node| node.text() == Some("service_healthy"));
            let target = entry.key.text().and_then(|name| by_name.get(name));
            if let (Some(condition), Some(target)) = (condition, target) {
                judge(workload, target, entry, condition, plan, out);
            }
        }
    }
}

fn judge(
    workload: &Workload,
    target: &Workload,
    entry: &Entry,
    condition: &Node,
    plan: &Plan,
    out: &mut Findings,
) {
    let name = &target.name.value;
    match target.container.healthcheck() {
        Fact::Known { value: Healthcheck { command: Some(_), .. }, .. } => {}
        Fact::Unknown { why, .. } => {
            let message = format!("cannot tell whether `{name}` has a health check to wait for: {why}");
            about(out.open(&condition.place, message), workload, plan);
        }
        // Who switches it off is told that.
        Fact::Known { .. } if drops_health(target, plan) => {}
        Fact::Known { origin, .. } => {
            let message = format!("waits until `{name}` is healthy, but its health check is switched off");
            about(out.add(&condition.place, message), workload, plan)
                .related(&origin.last().place, "switched off here")
                .severity(severity(entry));
        }
        Fact::Absent => {
            let message = format!("waits until `{name}` is healthy, but it has no health check");
            about(out.add(&condition.place, message), workload, plan)
                .related(&target.place, "the service")
                .help(format!("give `{name}` a `healthcheck`, or wait for `service_started`"))
                .severity(severity(entry));
        }
    }
}

/// A dependency that is not required only makes Compose warn.
fn severity(entry: &Entry) -> Severity {
    match entry.value.get("required").and_then(Node::text) {
        Some("false") => Severity::Warning,
        _ => Severity::Error,
    }
}
