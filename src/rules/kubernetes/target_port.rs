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

/// Ports that one message names.
const MAX_SHOWN: usize = 8;

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
        let open = Open::of(&selected, plan);
        for port in service.tree.at(&["spec", "ports"]).map(Node::items).unwrap_or_default() {
            judge(service, port, &open, out);
        }
    }
}

/// What the pods of a Service listen on: put together once, because a Service may have as many ports as its pods.
struct Open<'f> {
    /// Ports with a name: name and protocol, in order.
    names: Vec<&'f str>,
    named: HashSet<(&'f str, &'f str)>,
    /// Ports that the containers say.
    said: HashSet<u16>,
    /// The same for a message.
    shown: String,
    /// First and last of what the images expose.
    exposed: Vec<(u16, u16)>,
    planned: HashSet<u16>,
    /// Whether a port that nobody can tell may be any.
    unsure: bool,
    /// Whether the platform or the plan fixes the ports.
    fixed: bool,
    knative: bool,
}

impl<'f> Open<'f> {
    fn of(selected: &[&'f Candidate<'f>], plan: &Plan) -> Self {
        let knative = selected.iter().any(|pod| pod.object.is_knative());
        let mut open = Self {
            names: Vec::new(),
            named: HashSet::new(),
            said: HashSet::new(),
            shown: String::new(),
            exposed: Vec::new(),
            planned: HashSet::new(),
            unsure: false,
            fixed: knative,
            knative,
        };
        let containers = selected.iter().filter_map(|pod| pod.object.pod.as_ref()).flat_map(|pod| &pod.containers);
        containers.filter(|one| stays(one)).for_each(|one| open.container(one, plan));
        let mut known: Vec<String> = open.said.iter().map(u16::to_string).collect();
        known.sort_unstable();
        open.shown = listed(known.iter().take(MAX_SHOWN));
        if known.len() > MAX_SHOWN {
            open.shown += &format!(" and {} more", known.len() - MAX_SHOWN);
        }
        open
    }

    fn container(&mut self, one: &'f Workload, plan: &Plan) {
        for said in one.ports.iter().map(|said| &said.value) {
            if let Some(name) = &said.name {
                self.names.push(name);
                self.named.insert((name, &said.protocol));
            }
            match &said.container {
                Ok(port) => _ = self.said.insert(*port),
                Err(_) => self.unsure = true,
            }
        }
        self.said.extend(one.knative_port());
        for (_, said) in one.container.ports() {
            match &said.value {
                Ok(port) => self.exposed.push((port.first, port.last)),
                Err(_) => self.unsure = true,
            }
        }
        if let Some(row) = one.service.map(|row| &plan.services[row]) {
            let ports = [&row.service_port, &row.health_port].into_iter().flatten();
            self.planned.extend(ports.map(|port| port.value));
            self.fixed |= row.service_port.is_some();
        }
    }

    /// Whether a container may listen on a port: it says so, its image or the plan does, or nobody can tell.
    fn may_be(&self, number: u16) -> bool {
        let exposed = || self.exposed.iter().any(|(first, last)| (*first..=*last).contains(&number));
        let proxy = self.knative && PROXY_NUMBERS.contains(&number);
        proxy || self.unsure || self.said.contains(&number) || self.planned.contains(&number) || exposed()
    }
}

fn judge(service: &Manifest, port: &Node, open: &Open<'_>, out: &mut Findings) {
    let key = if port.get("targetPort").is_some_and(|said| !said.is_null()) { "targetPort" } else { "port" };
    let (Some(text), Some(place)) = (port.get(key).and_then(Node::text), place_of(port, key)) else { return };
    if is_placeholder(text) {
        return;
    }
    let protocol = port.get("protocol").and_then(Node::text).unwrap_or("TCP").to_ascii_lowercase();
    let Ok(number) = text.parse::<u16>() else {
        if !(open.named.contains(&(text, protocol.as_str())) || open.knative && PROXY.contains(&text)) {
            let message = format!("leads to the port `{text}`, and no port of the pods has this name");
            let finding = out.add(place, message);
            finding.subject(service.label());
            if !open.names.is_empty() {
                finding.help(format!("the pods have {}", listed(open.names.iter().take(MAX_SHOWN))));
            }
        }
        return;
    };
    if open.said.is_empty() || open.may_be(number) {
        return;
    }
    let finding = out.add(place, format!("leads to port `{number}`, and the pods say {}", open.shown));
    finding.subject(service.label());
    // A port may be left out of a container that listens on it, unless the platform or the plan fixes the ports.
    if !open.fixed {
        finding.severity(Severity::Warning);
    }
}

/// Names in backticks.
fn listed(names: impl Iterator<Item = impl std::fmt::Display>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
