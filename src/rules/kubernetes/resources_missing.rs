//! `resources-missing`: a container says what it needs and how much it may take.

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::stays;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    if !workload.kind.in_pod() || !stays(workload) || workload.image.is_none() {
        return;
    }
    let resources = &workload.resources;
    // A limit without a request is the request as well.
    let missing: Vec<&str> = [
        (resources.cpu_reserved.is_none() && resources.cpu_limit.is_none(), "`requests.cpu`"),
        (resources.memory_reserved.is_none() && resources.memory_limit.is_none(), "`requests.memory`"),
        (resources.cpu_limit.is_none(), "`limits.cpu`"),
        (resources.memory_limit.is_none(), "`limits.memory`"),
    ]
    .iter()
    .filter(|(is_missing, _)| *is_missing)
    .map(|(_, name)| *name)
    .collect();
    if !missing.is_empty() {
        out.add(&workload.place, format!("says no {}", missing.join(", ")));
    }
}
