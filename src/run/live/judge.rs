//! Rules speak about each endpoint, each container, and all of them.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::matrix::Judged;
use crate::finding::{Finding, Findings, Kind};
use crate::model::{Answer, ContainerState, Failure, LiveContainer, LiveEndpoint, LiveFleet};
use crate::plan::Plan;
use crate::rules::{Check, Rule};

/// What the rules of endpoints say about one: always about its row and its address.
pub(super) fn endpoint(rules: &[&'static Rule], endpoint: &LiveEndpoint, plan: &Plan) -> Vec<Finding> {
    let mut out = Findings::new();
    for (rule, check) in checks(rules) {
        if let Check::Endpoint(check) = check {
            out.speak_for(rule.id, rule.severity);
            check(endpoint, plan, &mut out);
        }
    }
    let mut said = out.into_vec();
    for finding in &mut said {
        finding.service = row_name(endpoint.service, plan);
        finding.subject = Some(subject(endpoint));
    }
    said
}

/// How findings name an endpoint: by its address; one that is not asked by its container.
pub(super) fn subject(endpoint: &LiveEndpoint) -> SmolStr {
    match &endpoint.container {
        Some(container) if endpoint.url.is_empty() => format!("container:{container}").into(),
        _ => endpoint.url.clone(),
    }
}

/// Everything that the rules say; `of_endpoints` is what they say about each endpoint alone, and `judged` hears what they
/// spoke about.
pub(super) fn all(
    rules: &[&'static Rule],
    fleet: &LiveFleet,
    of_endpoints: Vec<Vec<Finding>>,
    plan: &Plan,
    judged: &mut Judged,
) -> Vec<Finding> {
    let mut out = Findings::new();
    for live in &fleet.containers {
        container(rules, live, plan, judged, &mut out);
    }
    let of_containers = out.into_vec();
    let mut causes = Causes::new(&of_containers, &fleet.containers);
    let mut unreachable = Unreachable::default();
    let mut findings = Vec::new();
    for (live, said) in fleet.endpoints.iter().zip(of_endpoints) {
        let rule = live.contract.rule();
        if !rules.iter().any(|active| active.id == rule) {
            continue;
        }
        let said = match causes.tells(live) || unreachable.is_told(live) {
            true => Vec::new(),
            false => said,
        };
        causes.hear(live, &said);
        // No answer is no pass, whoever says so.
        judged.endpoint(live, rule, said.is_empty() && !matches!(live.answer, Answer::Http(_)));
        findings.extend(said);
    }
    findings.extend(of_containers);
    let mut out = Findings::new();
    for (rule, check) in checks(rules) {
        if let Check::Live(check) = check {
            out.speak_for(rule.id, rule.severity);
            check(fleet, plan, &mut out);
            if rule.id == "service-coverage" {
                fleet.expected.iter().flatten().for_each(|row| judged.expected(*row, rule.id));
            }
        }
    }
    findings.extend(out.into_vec());
    findings
}

/// Containers of which findings say already why their endpoints do not answer. One cause is one finding.
struct Causes<'f> {
    /// Another endpoint of theirs says that nobody reaches them.
    alone: HashSet<&'f str>,
    /// Nobody reaches a port of theirs.
    unreached: HashSet<&'f str>,
    /// They do not run.
    stopped: HashSet<&'f str>,
}

impl<'f> Causes<'f> {
    fn new(of_containers: &'f [Finding], containers: &[LiveContainer]) -> Self {
        let of = |rule: &str| -> HashSet<&'f str> {
            let found = of_containers
                .iter()
                .filter(|finding| finding.rule == rule && finding.kind == Kind::Finding)
                .filter_map(|finding| finding.subject.as_deref()?.strip_prefix("container:"));
            found.collect()
        };
        let mut stopped = of("live-health");
        let running = containers.iter().filter(|container| container.state == ContainerState::Running);
        running.for_each(|container| {
            stopped.remove(container.name.as_str());
        });
        Self { alone: HashSet::new(), unreached: of("live-port"), stopped }
    }

    /// Remembers what an endpoint of a container said for all of them.
    fn hear(&mut self, endpoint: &'f LiveEndpoint, said: &[Finding]) {
        if let (Answer::Unreachable(_), false) = (&endpoint.answer, said.is_empty()) {
            self.alone.extend(endpoint.container.as_deref());
        }
    }

    fn tells(&self, endpoint: &LiveEndpoint) -> bool {
        let Some(container) = endpoint.container.as_deref() else { return false };
        match endpoint.answer {
            Answer::Http(_) => false,
            Answer::Failed(_) => self.unreached.contains(container),
            Answer::NotAsked(_) => self.stopped.contains(container),
            Answer::Unreachable(_) => self.alone.contains(container),
        }
    }
}

/// Addresses of a service where nobody can be asked anything. The first endpoint there says so for the others.
#[derive(Default)]
struct Unreachable<'f>(HashSet<(Option<usize>, &'f str, Option<&'f str>, &'f str)>);

impl<'f> Unreachable<'f> {
    /// Whether another endpoint of the service has told already that this address does not answer.
    fn is_told(&mut self, endpoint: &'f LiveEndpoint) -> bool {
        let Answer::Failed(Failure::Refused | Failure::NoAddress(_) | Failure::Forbidden(_)) =
            &endpoint.answer
        else {
            return false;
        };
        let service = (endpoint.service, endpoint.name.as_str(), endpoint.container.as_deref());
        !self.0.insert((service.0, service.1, service.2, authority(&endpoint.url)))
    }
}

/// Host and port of an address: `10.0.0.5:8212` of `http://10.0.0.5:8212/health`.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn container(
    rules: &[&'static Rule],
    live: &LiveContainer,
    plan: &Plan,
    judged: &mut Judged,
    out: &mut Findings,
) {
    out.concern(row_name(live.service, plan), Some(format!("container:{}", live.name).into()));
    for (rule, check) in checks(rules) {
        if let Check::Container(check) = check {
            out.speak_for(rule.id, rule.severity);
            let before = out.len();
            if check(live, plan, out) || out.len() > before {
                judged.container(live, rule.id);
            }
        }
    }
}

fn checks(rules: &[&'static Rule]) -> impl Iterator<Item = (&'static Rule, &'static Check)> {
    rules.iter().flat_map(|rule| rule.check.each().map(|check| (*rule, check)))
}

fn row_name(row: Option<usize>, plan: &Plan) -> Option<SmolStr> {
    row.and_then(|row| plan.services.get(row)).map(|row| row.name.value.clone())
}
