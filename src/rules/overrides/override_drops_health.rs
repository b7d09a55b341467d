//! `override-drops-health`: a deployment file does not take the health check away.

use crate::finding::{Finding, Findings, Severity};
use crate::model::{Fact, Healthcheck, Origin, ProbeKind, Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::deployed::{is_compose, is_ours, serves};
use crate::rules::{Check, always};
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    match is_compose(workload) {
        true => switched_off(workload, plan, out),
        false => unprobed(workload, plan, out),
    }
}

/// Whether the plan wants containers watched.
fn is_wanted(plan: &Plan) -> bool {
    plan.health.required.as_ref().map_or(plan.health.path.is_some(), |required| required.value)
}

/// What the image itself says, when it watches anything.
fn of_image(workload: &Workload) -> Option<(Healthcheck, Origin)> {
    match workload.image_container().healthcheck() {
        Fact::Known { value, origin } if value.command.is_some() => Some((value.clone(), origin)),
        _ => None,
    }
}

/// Whether a compose service switches off a health check that the image has or the plan wants, which is this rule's
/// finding.
pub(in crate::rules) fn is_reported(workload: &Workload, plan: &Plan) -> bool {
    let is_off = is_compose(workload) && switch(workload).is_some();
    is_off && (of_image(workload).is_some() || is_wanted(plan) && is_ours(workload, plan))
}

/// Where a compose service says `disable: true`, or `test: ["NONE"]`.
fn switch(workload: &Workload) -> Option<&Place> {
    let said = workload.overlay().healthcheck.as_ref().filter(|said| said.value.command.is_none())?;
    // A health check without a test only changes the timing of the image's.
    let of_tree = workload.tree.get("healthcheck");
    let key = ["disable", "test"].iter().find_map(|key| of_tree?.get(key));
    match (of_tree, key) {
        (Some(_), None) => None,
        (_, key) => Some(key.map_or(&said.place, |key| &key.place)),
    }
}

/// A health check that is switched off.
fn switched_off(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let Some(place) = switch(workload) else { return };
    let wanted = is_wanted(plan) && is_ours(workload, plan);
    match of_image(workload) {
        Some((_, origin)) => {
            let finding = out.add(place, "switches the image's health check off");
            finding.related(&origin.last().place, "the image's HEALTHCHECK");
            finish(finding, plan, wanted);
        }
        None if wanted => {
            finish(out.add(place, "switches the health check off, and the plan wants one"), plan, true);
        }
        None => (),
    }
}

fn finish(finding: &mut Finding, plan: &Plan, wanted: bool) {
    finding.help("leave it to the image, or write a `test` of its own");
    plan_line(finding, plan, wanted);
}

fn plan_line(finding: &mut Finding, plan: &Plan, wanted: bool) {
    match (wanted, &plan.health.required, &plan.health.path) {
        (true, Some(required), _) => finding.planned(required),
        (true, None, Some(path)) => finding.planned(path),
        _ => finding.severity(Severity::Warning),
    };
}

/// A pod's container that nothing asks: the kubelet knows no HEALTHCHECK.
fn unprobed(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let asks = |kind: ProbeKind| kind != ProbeKind::Startup;
    if !serves(workload) || workload.probes.iter().any(|probe| asks(probe.value.kind)) {
        return;
    }
    // Where the image has none either, there is nothing to drop: that is `probe-missing`.
    let Some((_, origin)) = of_image(workload) else { return };
    let wanted = is_wanted(plan) && workload.service.is_some();
    // Knative waits for the port by itself.
    if !wanted && workload.kind == WorkloadKind::Knative {
        return;
    }
    let finding = out.add(
        &workload.place,
        "has no liveness and no readiness probe, and the kubelet does not run the image's HEALTHCHECK",
    );
    finding.related(&origin.last().place, "the kubelet does not read this");
    let path = plan.health.path.as_ref().map_or("/", |path| path.value.as_str());
    finding.help(format!("write a `livenessProbe` with `httpGet` of `{path}`"));
    plan_line(finding, plan, wanted);
}
