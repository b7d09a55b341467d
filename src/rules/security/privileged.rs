//! `privileged`: no container has all rights of the host.

use crate::finding::Findings;
use crate::model::{LiveContainer, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::live::common::{is_ours, report, who};

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Workload(check), Check::Container(live)]);

pub(in crate::rules) use crate::rules::always as planned;

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    if let Some(said) = workload.privileged.as_ref().filter(|said| said.value) {
        out.add(&said.place, "is privileged, so it has every capability and every device of the host")
            .help("add the one capability or device that it needs");
    }
}

/// A container of an engine.
fn live(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    if !is_ours(container, plan) {
        return false;
    }
    if container.privileged {
        let message = format!(
            "{} is privileged, so it has every capability and every device of the host",
            who(container, plan)
        );
        report(out, container, &container.place, message)
            .help("start it with the one capability or device that it needs");
    }
    true
}
