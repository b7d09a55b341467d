//! `capabilities-kept`: a container drops the capabilities that engines give by default.

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::is_fragment;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    let part = workload.kind.in_pod() && workload.image.is_none();
    if part || is_fragment(workload) || workload.cap_drop.iter().any(|dropped| dropped.value == "ALL") {
        return;
    }
    let raw = workload.cap_drop.iter().any(|dropped| dropped.value == "NET_RAW");
    let kept = if raw { "" } else { ", `NET_RAW` among them" };
    let help = if workload.kind.in_pod() { "`capabilities: {drop: [ALL]}`" } else { "`cap_drop: [ALL]`" };
    let place = workload.cap_drop.first().map_or(&workload.place, |dropped| &dropped.place);
    out.add(place, format!("keeps capabilities that it may not need{kept}"))
        .help(format!("say {help}, and add back what it needs"));
}
