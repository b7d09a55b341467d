//! `read-only-root`: a container cannot write to its own root file system.

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    let in_pod = workload.kind.in_pod();
    if in_pod && workload.image.is_none() {
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
