//! `probe-port`: a probe asks a port that the container has.
//!
//! A port by name has to be one of the container's own (`pkg/probe/util.go`, `ResolveContainerPort`); a number may be
//! another container's. Knative resolves names against its one port (`k8s_validation.go`, `validateProbe`).

use std::collections::HashSet;

use crate::finding::{Findings, Severity};
use crate::model::{ManifestFile, Pod, ProbeAction, Spanned, Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::{is_placeholder, whole_pods};

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) use crate::rules::always as planned;

/// The ports that the containers of a pod declare.
struct Declared {
    numbers: HashSet<u16>,
    /// Whether one of them cannot be told.
    unsure: bool,
}

impl Declared {
    fn of(pod: &Pod) -> Self {
        let ports = || pod.containers.iter().flat_map(|one| &one.ports).map(|said| &said.value.container);
        Self {
            numbers: ports().filter_map(|port| port.as_ref().ok().copied()).collect(),
            unsure: ports().any(Result::is_err),
        }
    }
}

type Said = Spanned<smol_str::SmolStr>;

fn check(file: &ManifestFile, plan: &Plan, out: &mut Findings) {
    for (_, pod) in whole_pods(&file.objects).filter(|(object, _)| !object.is_cloud_run()) {
        let declared = Declared::of(pod);
        for workload in &pod.containers {
            let service = workload.service.map(|row| plan.services[row].name.value.clone());
            out.concern(service, Some(workload.subject.clone()));
            for probe in &workload.probes {
                let key = probe.value.kind.key();
                // Another host is asked about its own ports.
                let host = workload.tree.at(&[key, "httpGet", "host"]).or(workload.tree.at(&[key, "tcpSocket", "host"]));
                let port = match &probe.value.action {
                    ProbeAction::Http { port, .. } | ProbeAction::Tcp { port } | ProbeAction::Grpc { port } => port,
                    ProbeAction::Exec(_) | ProbeAction::Unknown => continue,
                };
                if let Some(port) = port.as_ref().filter(|port| host.is_none() && !is_placeholder(&port.value)) {
                    judge(workload, &declared, plan, port, out);
                }
            }
        }
    }
}

fn judge(workload: &Workload, declared: &Declared, plan: &Plan, port: &Said, out: &mut Findings) {
    if workload.kind == WorkloadKind::Knative {
        return knative(workload, port, out);
    }
    match port.value.parse::<u16>() {
        Ok(number) => by_number(workload, declared, plan, port, number, out),
        Err(_) => by_name(workload, port, out),
    }
}

fn by_name(workload: &Workload, port: &Said, out: &mut Findings) {
    let names = || workload.ports.iter().filter_map(|said| said.value.name.as_ref());
    if names().any(|name| *name == port.value) {
        return;
    }
    let message = format!("asks the port `{}`, and no port of the container has this name", port.value);
    let finding = out.add(&port.place, message);
    let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
    match known.is_empty() {
        true => finding.help("write the number, or name the port under `ports`"),
        false => finding.help(format!("the container has {}", known.join(", "))),
    };
}

fn by_number(workload: &Workload, declared: &Declared, plan: &Plan, port: &Said, number: u16, out: &mut Findings) {
    // Ports are informational, so a container that declares none says nothing.
    if workload.ports.is_empty() || declared.unsure || declared.numbers.contains(&number) {
        return;
    }
    let exposed = workload.container.ports().any(|(_, said)| said.value.as_ref().is_ok_and(|port| port.holds_tcp(number)));
    let row = workload.service.map(|row| &plan.services[row]);
    let is_planned = row.is_some_and(|row| {
        [&row.service_port, &row.health_port].into_iter().flatten().any(|planned| planned.value == number)
    });
    if exposed || is_planned {
        return;
    }
    let message = format!("asks port `{number}`, which no container of the pod declares");
    let finding = out.add(&port.place, message);
    // The plan or the image knows the ports; otherwise it may only be left out.
    let known = row.is_some_and(|row| row.service_port.is_some())
        || workload.container.ports().any(|(_, said)| said.value.is_ok());
    if !known {
        finding.severity(Severity::Note);
    }
    let known: Vec<String> = workload
        .ports
        .iter()
        .filter_map(|said| said.value.container.as_ref().ok())
        .map(|port| format!("`{port}`"))
        .collect();
    finding.help(format!("the container declares {}", known.join(", ")));
}

fn knative(workload: &Workload, port: &Said, out: &mut Findings) {
    let Some(serving) = workload.knative_port() else { return };
    let name = workload.ports.first().and_then(|said| said.value.name.as_deref()).unwrap_or("http");
    let wrong = match port.value.parse::<u16>() {
        // 0 is what the defaults fill in.
        Ok(number) => number != serving && number != 0,
        Err(_) => port.value != name,
    };
    if wrong {
        let message = format!("asks port `{}`, and the container's one port is `{serving}`", port.value);
        out.add(&port.place, message).help("leave the port out: Knative asks the container's port");
    }
}
