//! Ports of the host that deployment files want: compose's `published`, a pod's `hostPort`.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use super::conflicts;
use crate::finding::Findings;
use crate::fleet::Fleet;
use crate::model::{Pod, Project, Spanned, Workload, WorkloadPort};
use crate::plan::Plan;
use crate::rules::common::{about, are_variants, machines_of, never_together};
use crate::rules::deployed::may_run_on_machine;
use crate::source::Place;
use crate::syntax::yaml::Node;

/// Claims of one port that a further one is held against; a hostile file has thousands.
const MAX_HELD: usize = 64;

/// A port of the host that a container wants.
struct Claim<'f> {
    workload: &'f Workload,
    place: &'f Place,
    port: u16,
    protocol: &'f str,
    address: Option<&'f SmolStr>,
    /// Which project or pod it belongs to.
    unit: usize,
}

/// A project or pod.
struct Unit<'f> {
    /// The project; `None`: a pod.
    project: Option<&'f Project>,
    /// Machines that are known to run it; empty: none is known.
    machines: Vec<usize>,
}

pub(super) fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let mut units = Vec::new();
    let mut claims = Vec::new();
    for project in fleet.projects.iter().filter(|project| !project.partial) {
        of_project(project, units.len(), &mut claims);
        units.push(Unit { project: Some(project), machines: machines_of(project, plan) });
    }
    let objects = fleet.manifests.iter().flat_map(|file| &file.objects);
    for pod in objects.filter_map(|object| object.pod.as_ref()) {
        of_pod(pod, units.len(), &mut claims);
        units.push(Unit { project: None, machines: Vec::new() });
    }
    // A pair is told at the one that is later in the order of paths and lines.
    claims.sort_by(|one, other| {
        let key = |claim: &Claim<'_>| claim.place.span.start;
        one.place.source.path().cmp(other.place.source.path()).then(key(one).cmp(&key(other)))
    });
    let mut taken: HashMap<(u16, &str), Vec<&Claim<'_>>> = HashMap::new();
    let mut alone = Vec::new();
    // Claims that a later one of a planned service was reported against.
    let mut told: HashSet<(*const Place, usize)> = HashSet::new();
    for claim in &claims {
        let earlier = taken.entry((claim.port, claim.protocol)).or_default();
        match earlier.iter().find(|other| meet(claim, other, &units, plan)) {
            Some(other) => {
                report(claim, other, plan, out);
                told.extend(claim.workload.service.map(|row| (std::ptr::from_ref(other.place), row)));
            }
            None => alone.push(claim),
        }
        if earlier.len() < MAX_HELD {
            earlier.push(claim);
        }
    }
    for claim in alone {
        let other = against_plan(claim, &units[claim.unit], plan);
        let Some((row, place)) = other.filter(|(row, _)| !told.contains(&(std::ptr::from_ref(claim.place), *row)))
        else {
            continue;
        };
        let name = &plan.services[row].name.value;
        let message = format!("publishes `{}`, but `{name}` is planned on it on the same machine", claim.port);
        about(out.add(claim.place, message), claim.workload, plan).planned_at(place, "planned here");
    }
}

fn of_project<'f>(project: &'f Project, unit: usize, claims: &mut Vec<Claim<'f>>) {
    for workload in &project.services {
        // On the host's own network nothing is published.
        if workload.tree.get("network_mode").and_then(Node::text) == Some("host") {
            continue;
        }
        for said in &workload.ports {
            claims.extend(claim(workload, said, said.value.host, unit));
        }
    }
}

fn of_pod<'f>(pod: &'f Pod, unit: usize, claims: &mut Vec<Claim<'f>>) {
    let on_host = pod.spec.get("hostNetwork").and_then(Node::text) == Some("true");
    for workload in &pod.containers {
        for said in &workload.ports {
            let own = said.value.container.as_ref().ok().filter(|_| on_host).map(|port| (*port, *port));
            claims.extend(claim(workload, said, said.value.host.or(own), unit));
        }
    }
}

/// A range is no claim: the engine picks one that is free.
fn claim<'f>(
    workload: &'f Workload,
    said: &'f Spanned<WorkloadPort>,
    host: Option<(u16, u16)>,
    unit: usize,
) -> Option<Claim<'f>> {
    let (port, last) = host?;
    let address = said.value.host_ip.as_ref().filter(|address| !matches!(address.as_str(), "0.0.0.0" | "::"));
    let protocol = said.value.protocol.as_str();
    let place = said.value.host_place.as_ref().unwrap_or(&said.place);
    (port == last && port > 0).then_some(Claim { workload, place, port, protocol, address, unit })
}

/// Whether two claims are for one port of one machine.
fn meet(claim: &Claim<'_>, other: &Claim<'_>, units: &[Unit<'_>], plan: &Plan) -> bool {
    let overlaps = match (claim.address, other.address) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    if !overlaps || never_together(claim.workload, other.workload) {
        return false;
    }
    if claim.unit == other.unit {
        return true;
    }
    if let (Some(one), Some(other)) = (units[claim.unit].project, units[other.unit].project)
        && are_variants(one, other)
    {
        return false;
    }
    // Two deployments of one service are a matter of `service-coverage`.
    let (one, two) = (claim.workload.service, other.workload.service);
    if one.is_some() && one == two {
        return false;
    }
    let (one, two) = (machines(claim, units, plan), machines(other, units, plan));
    one.iter().any(|machine| two.contains(machine))
}

/// Machines that are known to run a claim's container: those that list the file, else those of its row.
fn machines<'a>(claim: &Claim<'_>, units: &'a [Unit<'_>], plan: &'a Plan) -> &'a [usize] {
    let listed = &units[claim.unit].machines;
    let is_variant = || units[claim.unit].project.is_some_and(|project| project.variant);
    if !listed.is_empty() || is_variant() || !may_run_on_machine(claim.workload, plan) {
        return listed;
    }
    let row = claim.workload.service.and_then(|row| plan.services.get(row));
    row.and_then(|row| row.on.as_ref()).map_or(&[], |on| on.value.as_slice())
}

fn report(claim: &Claim<'_>, other: &Claim<'_>, plan: &Plan, out: &mut Findings) {
    let protocol = if claim.protocol == "tcp" { String::new() } else { format!("/{}", claim.protocol) };
    let subject = &other.workload.subject;
    let message = match std::ptr::eq(claim.workload, other.workload) {
        true => format!("publishes `{}{protocol}` twice", claim.port),
        false => {
            let same = if claim.unit == other.unit { "" } else { " on the same machine" };
            format!("publishes `{}{protocol}`, which `{subject}` publishes already{same}", claim.port)
        }
    };
    about(out.add(claim.place, message), claim.workload, plan).related(other.place, "the other port");
}

/// The other service of the same machine that the plan gives the port to, with the line.
fn against_plan<'p>(claim: &Claim<'_>, unit: &Unit<'_>, plan: &'p Plan) -> Option<(usize, &'p Place)> {
    if claim.protocol != "tcp" {
        return None;
    }
    let own = claim.workload.service.filter(|row| *row < plan.services.len());
    let wants = |row: usize| {
        let row = &plan.services[row];
        let ports = row.service_port.iter().chain(&row.health_port);
        ports.into_iter().find(|port| port.value == claim.port)
    };
    // A port that the own row plans, too, is the plan's own contradiction.
    if own.is_some_and(|own| wants(own).is_some()) {
        return None;
    }
    let listed = |other: usize| {
        let on = plan.services[other].on.as_ref();
        on.is_some_and(|on| on.value.iter().any(|machine| unit.machines.contains(machine)))
    };
    let meets = |other: usize| match own {
        Some(own) if unit.machines.is_empty() => {
            may_run_on_machine(claim.workload, plan) && conflicts(plan, own, other, claim.port)
        }
        own => own != Some(other) && listed(other),
    };
    (0..plan.services.len()).find_map(|row| Some((row, &wants(row)?.place)).filter(|_| meets(row)))
}
