//! The ports that a deployment file publishes or declares: those of the plan, and those that the image listens on.

use super::wanted;
use crate::finding::{Findings, Severity};
use crate::model::{Port, Spanned, Unknown, Workload, WorkloadKind, WorkloadPort};
use crate::plan::{Plan, ServiceRow};
use crate::rules::common::narrow;
use crate::rules::deployed::{is_compose, may_run_on_machine, row};
use crate::source::{Place, Span};

/// Ports of one workload that are told.
const MAX_TOLD: usize = 32;

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let row = row(workload, plan);
    let planned = row.map(wanted).unwrap_or_default();
    match row.filter(|_| !planned.is_empty()) {
        Some(row) => by_plan(workload, row, &planned, plan, out),
        None => by_image(workload, out),
    }
}

fn by_plan(workload: &Workload, row: &ServiceRow, wanted: &[&Spanned<u16>], plan: &Plan, out: &mut Findings) {
    let mut told = 0;
    let mut is_open = false;
    for said in workload.ports.iter().filter(|_| !is_platforms(workload)) {
        let port = &said.value;
        let found = match &port.container {
            Ok(found) => *found,
            Err(why) => {
                if !is_open {
                    out.open(&said.place, format!("cannot tell which port of the container this is: {why}"))
                        .planned(wanted[0]);
                }
                is_open = true;
                continue;
            }
        };
        if told == MAX_TOLD {
            return;
        }
        let before = out.len();
        match wanted.iter().find(|want| want.value == found) {
            None => unplanned(workload, said, found, wanted, out),
            Some(want) if may_run_on_machine(workload, plan) => published(said, want, row, plan, out),
            Some(_) => {}
        }
        told += out.len() - before;
    }
}

/// Whether the ports are `knative-port`'s to judge: Knative takes one port, and fills in its own when none is said.
fn is_platforms(workload: &Workload) -> bool {
    let filled_in = || workload.ports.iter().all(|port| port.place == workload.place);
    workload.kind == WorkloadKind::Knative && (workload.ports.len() != 1 || filled_in())
}

/// A port of the container that the plan does not name.
fn unplanned(
    workload: &Workload,
    said: &Spanned<WorkloadPort>,
    found: u16,
    wanted: &[&Spanned<u16>],
    out: &mut Findings,
) {
    let shown = shown(found, &said.value.protocol);
    let all: Vec<String> = wanted.iter().map(|want| format!("`{}`", want.value)).collect();
    let message = format!("{} `{shown}`, planned only {}", verb(workload, &said.value), all.join(" and "));
    let finding = out.add(&container_side(&said.place, found), message);
    finding.planned(wanted[0]);
    if let Some(place) = exposed(workload, found) {
        finding.related(place, "the image exposes it");
    }
}

/// The container's side of a port: the last number of a short form.
fn container_side(place: &Place, port: u16) -> Place {
    let number = port.to_string();
    let Some(at) = place.text().rfind(&number) else { return place.clone() };
    let start = place.span.start + at as u32;
    Place::new(&place.source, Span::new(start, start + number.len() as u32))
}

fn shown(port: u16, protocol: &str) -> String {
    if protocol == "tcp" { port.to_string() } else { format!("{port}/{protocol}") }
}

/// What the workload does with a port.
fn verb(workload: &Workload, port: &WorkloadPort) -> &'static str {
    match (is_compose(workload), port.host.is_some()) {
        (true, true) => "publishes the container's port",
        (true, false) => "exposes",
        (false, _) => "declares the container port",
    }
}

/// A planned port is served under its own number on the machines that the row names.
fn published(
    said: &Spanned<WorkloadPort>,
    want: &Spanned<u16>,
    row: &ServiceRow,
    plan: &Plan,
    out: &mut Findings,
) {
    let Some((first, last)) = said.value.host.filter(|_| row.on.is_some()) else { return };
    if (first..=last).contains(&want.value) {
        return;
    }
    // A port that another service of the machine has is `port-conflict`'s.
    let others = plan.services.iter().filter(|other| other.name.value != row.name.value && meet(row, other));
    if others.flat_map(wanted_of).any(|port| (first..=last).contains(&port)) {
        return;
    }
    let host = if first == last { first.to_string() } else { format!("{first}-{last}") };
    let message =
        format!("publishes `{}` as port `{host}` of the machine, planned `{}`", want.value, want.value);
    let place = said.value.host_place.as_ref().unwrap_or(&said.place);
    out.add(&narrow(place, &host), message).planned(want);
}

fn wanted_of(row: &ServiceRow) -> impl Iterator<Item = u16> {
    [&row.service_port, &row.health_port].into_iter().flatten().map(|port| port.value)
}

/// Whether two rows have a machine in common; a row without machines may run on any.
fn meet(one: &ServiceRow, other: &ServiceRow) -> bool {
    match (&one.on, &other.on) {
        (Some(one), Some(other)) => one.value.iter().any(|machine| other.value.contains(machine)),
        _ => true,
    }
}

/// Where the image exposes a port.
fn exposed(workload: &Workload, port: u16) -> Option<&Place> {
    let of_image = workload.container.ports().filter(|(depth, _)| *depth > 0).map(|(_, said)| said);
    let mut holding = of_image.filter(|said| said.value.as_ref().is_ok_and(|found| found.holds_tcp(port)));
    holding.next().map(|said| &said.place)
}

/// A port that Docker forwards to where the image, by its own words, does not listen. Only of images made here: they say
/// all of their ports or none.
fn by_image(workload: &Workload, out: &mut Findings) {
    if workload.dockerfile.is_none() || workload.container.unknown_end().is_some() {
        return;
    }
    let exposes: Vec<&Spanned<Result<Port, Unknown>>> =
        workload.container.ports().filter(|(depth, _)| *depth > 0).map(|(_, said)| said).collect();
    let Some(known) = exposes.iter().map(|said| said.value.as_ref().ok()).collect::<Option<Vec<&Port>>>()
    else {
        return;
    };
    let Some(first) = exposes.first() else { return };
    let holds = |port: u16| known.iter().any(|one| (one.first..=one.last).contains(&port));
    let forwarded = workload.ports.iter().filter(|said| said.value.host.is_some() || !is_compose(workload));
    let mut told = 0;
    for said in forwarded {
        let Ok(port) = said.value.container else { continue };
        if holds(port) || told == MAX_TOLD {
            continue;
        }
        told += 1;
        let shown = shown(port, &said.value.protocol);
        let all: Vec<String> = known.iter().take(4).map(|port| format!("`{}`", port.first)).collect();
        out.add(
            &container_side(&said.place, port),
            format!("{} `{shown}`, and the image exposes {}", verb(workload, &said.value), all.join(" and ")),
        )
        // EXPOSE is a word of documentation: a debugger's port is often left out.
        .severity(Severity::Note)
        .related(&first.place, "the image's EXPOSE")
        .help("name a port that the image listens on, or add the port to its EXPOSE");
    }
}
