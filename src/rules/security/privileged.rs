//! `privileged`: no container has all rights of the host.

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    if let Some(said) = workload.privileged.as_ref().filter(|said| said.value) {
        out.add(&said.place, "is privileged, so it has every capability and every device of the host")
            .help("add the one capability or device that it needs");
    }
}
