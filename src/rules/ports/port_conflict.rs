//! `port-conflict`: no two services of one machine want the same port.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::fleet::{Fleet, Member};
use crate::plan::{Plan, ServiceRow};
use crate::rules::Check;
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.services.is_empty()
}

/// A port that a service takes: by its Dockerfile, or by its row alone.
struct Claim<'f> {
    row: usize,
    member: Option<&'f Member>,
    place: &'f Place,
}

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let mut claims: HashMap<u16, Vec<Claim<'_>>> = HashMap::new();
    for (row, service) in plan.services.iter().enumerate() {
        for port in ports_of(service) {
            claims.entry(port.value).or_default().push(Claim { row, member: None, place: &port.place });
        }
    }
    // Members come in the order of their paths: the later one of a pair is the one that is being looked at.
    for member in &fleet.members {
        let Some(row) = member.service.filter(|row| *row < plan.services.len()) else { continue };
        for said in &member.ports {
            let Ok(port) = &said.value else { continue };
            if port.first != port.last || port.protocol != "tcp" || is_wrong(&plan.services[row], port.first) {
                continue;
            }
            let earlier = claims.entry(port.first).or_default();
            if let Some(other) = earlier.iter().find(|other| conflicts(plan, row, other.row, port.first)) {
                report(plan, row, other, &said.place, port.first, out);
            }
            earlier.push(Claim { row, member: Some(member), place: &said.place });
        }
    }
}

fn ports_of(row: &ServiceRow) -> impl Iterator<Item = &crate::model::Spanned<u16>> {
    let health = row.health_port.as_ref();
    let service = row.service_port.as_ref().filter(move |port| health.is_none_or(|other| other.value != port.value));
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

fn report(plan: &Plan, row: usize, other: &Claim<'_>, place: &Place, port: u16, out: &mut Findings) {
    let name = &plan.services[other.row].name.value;
    let how = if other.member.is_some() { "exposes it as well" } else { "is planned on it" };
    let finding = out.add(place, format!("exposes `{port}`, but `{name}` {how} on the same machine"));
    finding.service(plan.services[row].name.value.clone());
    match other.member {
        Some(_) => finding.related(other.place, "the other service"),
        None => finding.planned_at(other.place, "planned here"),
    };
}
