//! `port-interface`: a published port says on which address.

use crate::finding::Findings;
use crate::model::{Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    if workload.kind != WorkloadKind::Compose {
        return;
    }
    for port in &workload.ports {
        // A port that only other containers reach is published on no address.
        let Some((first, last)) = port.value.host else { continue };
        if port.value.host_ip.is_some() {
            continue;
        }
        let shown = if first == last { first.to_string() } else { format!("{first}-{last}") };
        out.add(&port.place, format!("publishes `{shown}` on every interface of the host"))
            .help(format!("write the address before it: `127.0.0.1:{shown}:…`"));
    }
}
