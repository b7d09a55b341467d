//! `root-file-system`: the root file system is read only.

use crate::finding::Findings;
use crate::model::{Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::is_fragment;
use crate::rules::deployed::is_ours;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.deploy.read_only.as_ref().is_some_and(|wanted| wanted.value)
}

fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let Some(wanted) = &plan.deploy.read_only else { return };
    if !is_ours(workload, plan) || is_fragment(workload) {
        return;
    }
    let key = if workload.kind.in_pod() { "securityContext.readOnlyRootFilesystem" } else { "read_only" };
    let finding = match &workload.read_only {
        Some(said) if said.value => return,
        Some(said) => out.add(&said.place, "the root file system is writable, planned read only"),
        // A platform may set it for Knative; the manifest does not tell.
        None if workload.kind == WorkloadKind::PodInit => return,
        None => out.add(&workload.place, format!("does not say `{key}: true`, planned read only")),
    };
    finding.planned(wanted).help("give what the process writes to a `tmpfs` or a volume");
}
