//! `read-only-root`: a container cannot write to its own root file system.

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::is_fragment;
use crate::rules::deployed::is_ours;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let in_pod = workload.kind.in_pod();
    // `root-file-system` holds the fleet's own containers to the plan.
    let is_planned = plan.deploy.read_only.is_some() && is_ours(workload, plan);
    if is_planned || is_fragment(workload) || (in_pod && workload.image.is_none()) {
        return;
    }
    let said = workload.read_only.as_ref();
    if said.is_some_and(|said| said.value) {
        return;
    }
    let place = said.map_or(&workload.place, |said| &said.place);
    let help = match in_pod {
        true => "say `readOnlyRootFilesystem: true`, and mount an `emptyDir` where it writes",
        false => "say `read_only: true`, and list under `tmpfs` where it writes",
    };
    out.add(place, "may write to its root file system").help(help);
}
