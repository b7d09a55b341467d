//! `target-port`: a Service leads to a port of its pods.
//!
//! A name is looked up among the ports of each pod with the same protocol (`pkg/controller/endpoint`, `FindPort`); a
//! number is taken as it is, though nothing may listen there.

use std::collections::HashSet;

use super::select::{Candidate, Pods};
use crate::finding::{Findings, Severity};
use crate::fleet::Fleet;
use crate::model::{Manifest, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::{is_placeholder, place_of, stays};
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Ports of Knative's proxy in each pod, by name and number.
const PROXY: [&str; 6] =
    ["user-port", "queue-port", "http-queueadm", "http-autometric", "http-usermetric", "https-port"];
const PROXY_NUMBERS: [u16; 7] = [8008, 8012, 8013, 8022, 8112, 9090, 9091];

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let pods = Pods::of(fleet);
    let objects = fleet.manifests.iter().flat_map(|file| &file.objects);
    for service in objects.filter(|object| object.is_service() && !object.partial) {
        let selected = pods.selector(service).and_then(|pairs| pods.selected(service, &pairs));
        let Some(selected) = selected.filter(|selected| !selected.is_empty()) else { continue };
        // What a patch or an unknown kind starts is not seen whole.
        if selected.iter().any(|pod| pod.object.pod.is_none() || pod.object.partial) {
            continue;
        }
        for port in service.tree.at(&["spec", "ports"]).map(Node::items).unwrap_or_default() {
            judge(service, port, &selected, plan, out);
        }
    }
}

fn judge(service: &Manifest, port: &Node, selected: &[&Candidate<'_>], plan: &Plan, out: &mut Findings) {
    let key = if port.get("targetPort").is_some_and(|said| !said.is_null()) { "targetPort" } else { "port" };
    let (Some(text), Some(place)) = (port.get(key).and_then(Node::text), place_of(port, key)) else { return };
    if is_placeholder(text) {
        return;
    }
    let protocol = port.get("protocol").and_then(Node::text).unwrap_or("TCP").to_ascii_lowercase();
    let containers = || selected.iter().filter_map(|pod| pod.object.pod.as_ref()).flat_map(|pod| &pod.containers);
    let containers = || containers().filter(|one| stays(one));
    let knative = selected.iter().any(|pod| pod.object.is_knative());
    let Ok(number) = text.parse::<u16>() else {
        let holds = containers().flat_map(|one| &one.ports).any(|said| {
            said.value.name.as_deref() == Some(text) && said.value.protocol == protocol
        });
        let found = holds || (knative && PROXY.contains(&text));
        if !found {
            let message = format!("leads to the port `{text}`, and no port of the pods has this name");
            let finding = out.add(place, message);
            finding.subject(service.label());
            names(containers(), finding);
        }
        return;
    };
    if (knative && PROXY_NUMBERS.contains(&number)) || containers().any(|one| may_listen(one, number, plan)) {
        return;
    }
    let known: HashSet<u16> = containers().flat_map(listened).collect();
    if known.is_empty() {
        return;
    }
    let mut known: Vec<String> = known.iter().map(|port| format!("`{port}`")).collect();
    known.sort_unstable();
    let message = format!("leads to port `{number}`, and the pods say {}", known.join(", "));
    let finding = out.add(place, message);
    finding.subject(service.label());
    // A port may be left out of a container that listens on it, unless the platform or the plan fixes the ports.
    let fixed = knative || containers().any(|one| one.service.is_some_and(|row| plan.services[row].service_port.is_some()));
    if !fixed {
        finding.severity(Severity::Warning);
    }
}

fn names<'w>(containers: impl Iterator<Item = &'w Workload>, finding: &mut crate::finding::Finding) {
    let names: Vec<String> = containers
        .flat_map(|one| &one.ports)
        .filter_map(|said| said.value.name.as_ref())
        .map(|name| format!("`{name}`"))
        .take(8)
        .collect();
    if !names.is_empty() {
        finding.help(format!("the pods have {}", names.join(", ")));
    }
}

/// Whether a container may listen on a port: it says so, its image or the plan does, or nobody says anything.
fn may_listen(workload: &Workload, number: u16, plan: &Plan) -> bool {
    let row = workload.service.map(|row| &plan.services[row]);
    let planned = row.is_some_and(|row| {
        [&row.service_port, &row.health_port].into_iter().flatten().any(|port| port.value == number)
    });
    let unsure = workload.ports.iter().any(|said| said.value.container.is_err())
        || workload.container.ports().any(|(_, said)| said.value.is_err());
    let exposed = workload
        .container
        .ports()
        .any(|(_, said)| said.value.as_ref().is_ok_and(|port| (port.first..=port.last).contains(&number)));
    planned || unsure || exposed || listened(workload).contains(&number)
}

/// The ports that a container says.
fn listened(workload: &Workload) -> Vec<u16> {
    let declared = workload.ports.iter().filter_map(|said| said.value.container.as_ref().ok().copied());
    declared.chain(workload.knative_port()).collect()
}
