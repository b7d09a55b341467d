//! `privilege-escalation`: no process of a pod gets more rights than it was started with.

use crate::finding::{Findings, Severity};
use crate::model::{LiveContainer, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::live::common::{is_alive, is_ours, report, who};
use crate::rules::pods::{is_bool, place_of};

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Workload(check), Check::Container(live)]);

pub(in crate::rules) use crate::rules::always as planned;

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    const KEY: &str = "allowPrivilegeEscalation";
    if !workload.kind.in_pod() || workload.image.is_none() {
        return;
    }
    let context = workload.tree.get("securityContext");
    if is_bool(context.and_then(|context| context.get(KEY)), false) {
        return;
    }
    let (place, message) = match context.and_then(|context| place_of(context, KEY)) {
        Some(place) => (place, "allows privilege escalation"),
        None => (&workload.place, "does not deny privilege escalation"),
    };
    out.add(place, message).help(format!("say `securityContext: {{{KEY}: false}}`"));
}

/// A container of an engine: what the kernel says of its first process.
fn live(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    let first = container.processes.as_ref().ok().and_then(|processes| processes.first());
    let first = first.filter(|_| is_alive(container) && is_ours(container, plan));
    let Some(denied) = first.and_then(|process| process.no_new_privileges) else { return false };
    if !denied {
        let message = format!("{} does not deny privilege escalation", who(container, plan));
        report(out, container, &container.place, message)
            .severity(Severity::Note)
            .help("start it with `security_opt: [no-new-privileges:true]`");
    }
    true
}
