//! `port-conflict`: no two services of one machine want the same port.

mod hosts;

use std::collections::HashMap;

use crate::finding::Findings;
use crate::fleet::{Fleet, Member};
use crate::plan::{Plan, ServiceRow};
use crate::rules::{Check, always};
use crate::source::Place;

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Fleet(check), Check::Fleet(hosts::check)]);

/// Ports of one compose project are compared without a plan.
pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// A port that a Dockerfile exposes for its service.
#[derive(Clone, Copy)]
struct Claim<'f> {
    row: usize,
    place: &'f Place,
    port: u16,
}

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let mut taken: HashMap<u16, Vec<Claim<'_>>> = HashMap::new();
    let claims: Vec<Claim<'_>> = fleet.members.iter().flat_map(|member| claims_of(member, plan)).collect();
    // Members come in the order of their paths: a pair is told at the later one.
    for claim in &claims {
        let earlier = taken.entry(claim.port).or_default();
        if let Some(other) = earlier.iter().find(|other| conflicts(plan, claim.row, other.row, claim.port)) {
            report(plan, claim, other.row, other.place, true, out);
        }
        earlier.push(*claim);
    }
    // A service whose file does not say so may still be planned on the port.
    let mut planned: HashMap<u16, Vec<(usize, &Place)>> = HashMap::new();
    for (row, service) in plan.services.iter().enumerate() {
        for port in ports_of(service) {
            let exposed =
                taken.get(&port.value).is_some_and(|claims| claims.iter().any(|claim| claim.row == row));
            if !exposed {
                planned.entry(port.value).or_default().push((row, &port.place));
            }
        }
    }
    for claim in &claims {
        let others = planned.get(&claim.port).into_iter().flatten();
        if let Some((row, place)) =
            others.into_iter().find(|(row, _)| conflicts(plan, claim.row, *row, claim.port))
        {
            report(plan, claim, *row, place, false, out);
        }
    }
}

/// The TCP ports of a planned service's Dockerfile, those left out that its own row does not plan: they are
/// `service-ports`' findings.
fn claims_of<'f>(member: &'f Member, plan: &'f Plan) -> impl Iterator<Item = Claim<'f>> {
    let row = member.service.filter(|row| *row < plan.services.len());
    row.into_iter().flat_map(move |row| {
        member.ports.iter().filter_map(move |said| {
            let port =
                said.value.as_ref().ok().filter(|port| port.first == port.last && port.protocol == "tcp")?;
            let wrong = is_wrong(&plan.services[row], port.first);
            (!wrong).then_some(Claim { row, place: &said.place, port: port.first })
        })
    })
}

fn ports_of(row: &ServiceRow) -> impl Iterator<Item = &crate::model::Spanned<u16>> {
    let health = row.health_port.as_ref();
    let service =
        row.service_port.as_ref().filter(move |port| health.is_none_or(|other| other.value != port.value));
    service.into_iter().chain(health)
}

/// Whether the row plans other ports: then the port is `service-ports`' finding.
fn is_wrong(row: &ServiceRow, port: u16) -> bool {
    let mut planned = ports_of(row).peekable();
    planned.peek().is_some() && planned.all(|other| other.value != port)
}

/// Whether two services meet on one machine, and not by what both rows plan (which is the plan's own contradiction).
fn conflicts(plan: &Plan, one: usize, other: usize, port: u16) -> bool {
    let plans = |row: usize| ports_of(&plan.services[row]).any(|planned| planned.value == port);
    let machines = |row: usize| plan.services[row].on.as_ref().map(|on| &on.value);
    let meet = match (machines(one), machines(other)) {
        (Some(one), Some(other)) => one.iter().any(|machine| other.contains(machine)),
        _ => true,
    };
    one != other && meet && !(plans(one) && plans(other))
}

fn report(plan: &Plan, claim: &Claim<'_>, other: usize, place: &Place, exposes: bool, out: &mut Findings) {
    let name = &plan.services[other].name.value;
    let how = if exposes { "exposes it as well" } else { "is planned on it" };
    let message = format!("exposes `{}`, but `{name}` {how} on the same machine", claim.port);
    let finding = out.add(claim.place, message);
    finding.service(plan.services[claim.row].name.value.clone());
    match exposes {
        true => finding.related(place, "the other service"),
        false => finding.planned_at(place, "planned here"),
    };
}
