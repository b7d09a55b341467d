//! A planned service whose image nobody of the fleet makes, and what a deployment file gives an image without a check.

use super::finish_for;
use crate::finding::Findings;
use crate::model::{Fact, ProbeAction, ProbeKind, Workload};
use crate::plan::Plan;
use crate::rules::deployed::{has_foreign_image, image_place, is_compose};

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    // What the service itself says is judged by the other rules of the group, and pods have probes.
    if !has_foreign_image(workload) || !is_compose(workload) || workload.overlay().healthcheck.is_some() {
        return;
    }
    let place = image_place(workload);
    match workload.container.healthcheck() {
        Fact::Known { value, .. } if value.command.is_some() => {}
        Fact::Unknown { why, .. } => {
            out.open(place, format!("cannot tell whether there is a health check: {why}"));
        }
        _ => {
            let finding =
                out.add(place, "has no health check, and neither does its image, and the plan wants one");
            finish_for(finding, plan, "write `healthcheck` with a `test`");
        }
    }
}

/// Whether the deployment watches the container itself: a health check of the service, a probe of the pod.
pub(in crate::rules) fn mends(workload: &Workload, _plan: &Plan) -> bool {
    let asks = |kind: ProbeKind, action: &ProbeAction| {
        kind != ProbeKind::Startup && !matches!(action, ProbeAction::Unknown)
    };
    match is_compose(workload) {
        true => {
            workload.overlay().healthcheck.as_ref().is_some_and(|health| health.value.command.is_some())
        }
        false => {
            workload.runs_to_end()
                || workload.probes.iter().any(|probe| asks(probe.value.kind, &probe.value.action))
        }
    }
}
