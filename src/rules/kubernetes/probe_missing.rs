//! `probe-missing`: something watches the container, since kubelet runs no HEALTHCHECK.

use crate::finding::Findings;
use crate::model::{Manifest, ManifestFile, ProbeKind, Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::whole_pods;

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    path(plan).is_some() || required(plan)
}

fn required(plan: &Plan) -> bool {
    plan.health.required.as_ref().is_some_and(|said| said.value)
}

/// Where services are asked for their health: `[health] path`, or that of the contract `healthz`.
fn path(plan: &Plan) -> Option<&str> {
    if let Some(path) = &plan.health.path {
        return Some(&path.value);
    }
    let contract = plan.contracts.iter().find(|contract| contract.name.value == "healthz")?;
    Some(contract.values.iter().find(|(key, _)| key == "path")?.1.value.as_str())
}

fn check(file: &ManifestFile, plan: &Plan, out: &mut Findings) {
    for (_, pod) in whole_pods(&file.objects).filter(|(object, _)| serves(object)) {
        for workload in pod.containers.iter().filter(|one| one.kind != WorkloadKind::PodInit) {
            let row = workload.service.map(|row| plan.services[row].name.value.clone());
            // Without a demand for all, only what the plan knows is held to its path.
            if row.is_some() || required(plan) {
                out.concern(row, Some(workload.subject.clone()));
                container(workload, plan, out);
            }
        }
    }
}

/// Whether the pods of an object run on until they are stopped.
fn serves(object: &Manifest) -> bool {
    !matches!(object.kind.value.as_str(), "Job" | "CronJob" | "Pod" | "PodTemplate")
}

fn container(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let has = |kind: ProbeKind| workload.probes.iter().any(|probe| probe.value.kind == kind);
    let (live, ready) = (has(ProbeKind::Liveness), has(ProbeKind::Readiness));
    // A health check of the image that nothing takes the place of is `override-drops-health`.
    let dropped = workload.replaced(|layer| layer.healthcheck.as_ref().map(|said| &said.place)).is_some();
    let knative = workload.kind == WorkloadKind::Knative;
    let missing = match (live, ready) {
        (false, false) if dropped => return,
        // A container of a revision without a port does not serve.
        (false, false) if knative && workload.knative_port().is_none() => return,
        (false, false) => "neither `livenessProbe` nor `readinessProbe`",
        (true, false) if required(plan) && !knative => "no `readinessProbe`",
        (false, true) if required(plan) => "no `livenessProbe`",
        _ => return,
    };
    let finding = out.add(&workload.place, format!("has {missing}, and a HEALTHCHECK does not run in a pod"));
    if let Some(path) = path(plan) {
        finding.help(format!("add `httpGet: {{path: {path}, port: …}}`"));
    }
    let said = plan.health.path.as_ref().map(|path| &path.place);
    if let Some(place) = said.or(plan.health.required.as_ref().map(|required| &required.place)) {
        finding.planned_at(place, "planned here");
    }
}
