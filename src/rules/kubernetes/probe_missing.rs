//! `probe-missing`: a container is asked whether it lives and whether it is ready, since kubelet runs no HEALTHCHECK.

use crate::finding::Findings;
use crate::model::{Manifest, ManifestFile, ProbeKind, Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::whole_pods;

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(file: &ManifestFile, plan: &Plan, out: &mut Findings) {
    for (_, pod) in whole_pods(&file.objects).filter(|(object, _)| serves(object)) {
        for workload in pod.containers.iter().filter(|one| one.kind != WorkloadKind::PodInit) {
            container(workload, plan, out);
        }
    }
}

/// Whether the pods of an object run on until they are stopped.
fn serves(object: &Manifest) -> bool {
    !matches!(object.kind.value.as_str(), "Job" | "CronJob" | "Pod" | "PodTemplate")
}

fn container(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let has = |kind: ProbeKind| workload.probes.iter().any(|probe| probe.value.kind == kind);
    // Knative asks by itself whether the port is open. A container of a revision without a port serves nobody.
    let knative = workload.kind == WorkloadKind::Knative;
    let live = has(ProbeKind::Liveness) || (knative && workload.knative_port().is_none());
    let ready = has(ProbeKind::Readiness) || knative;
    let what = match (live, ready) {
        (true, true) => return,
        (true, false) => "no `readinessProbe`",
        (false, true) => "no `livenessProbe`",
        (false, false) => "neither `livenessProbe` nor `readinessProbe`",
    };
    let unwatched = !has(ProbeKind::Liveness) && !has(ProbeKind::Readiness);
    if unwatched && is_dropped(workload, plan) {
        return;
    }
    let service = workload.service.map(|row| plan.services[row].name.value.clone());
    out.concern(service, Some(workload.subject.clone()));
    out.add(&workload.place, format!("has {what}, and no HEALTHCHECK runs in a pod"));
}

/// Whether `override-drops-health` reports the container: the image checks itself, or the plan wants a check.
fn is_dropped(workload: &Workload, plan: &Plan) -> bool {
    let of_image = workload
        .replaced(|layer| layer.healthcheck.as_ref().filter(|said| said.value.command.is_some()).map(|said| &said.place))
        .is_some();
    let required = plan.health.required.as_ref().map(|said| said.value);
    let wanted = required.unwrap_or(plan.health.path.is_some()) && workload.service.is_some();
    wanted || (of_image && workload.kind != WorkloadKind::Knative)
}
