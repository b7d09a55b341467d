//! `privilege-escalation`: no process of a pod gets more rights than it was started with.

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::{is_bool, place_of};

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

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
