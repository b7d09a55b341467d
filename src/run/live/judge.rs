//! Rules speak about each endpoint, each container, and all of them.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::matrix::Judged;
use crate::finding::{Finding, Findings, Kind};
use crate::model::{Answer, LiveContainer, LiveEndpoint, LiveFleet};
use crate::plan::Plan;
use crate::rules::{Check, Rule};

/// What the rules of endpoints say about one.
pub(super) fn endpoint(rules: &[&'static Rule], endpoint: &LiveEndpoint, plan: &Plan) -> Vec<Finding> {
    let mut out = Findings::new();
    out.concern(row_name(endpoint.service, plan), Some(endpoint.url.clone()));
    for (rule, check) in checks(rules) {
        if let Check::Endpoint(check) = check {
            out.speak_for(rule.id, rule.severity);
            check(endpoint, plan, &mut out);
        }
    }
    out.into_vec()
}

/// Everything that the rules say; `judged` hears what they spoke about.
pub(super) fn all(
    rules: &[&'static Rule],
    fleet: &LiveFleet,
    plan: &Plan,
    judged: &mut Judged,
) -> Vec<Finding> {
    let mut out = Findings::new();
    for live in &fleet.containers {
        container(rules, live, plan, judged, &mut out);
    }
    let of_containers = out.into_vec();
    let unreached: HashSet<&str> = of_containers
        .iter()
        .filter(|finding| finding.rule == "live-port" && finding.kind == Kind::Finding)
        .filter_map(|finding| finding.subject.as_deref()?.strip_prefix("container:"))
        .collect();
    let mut findings = Vec::new();
    for live in &fleet.endpoints {
        let rule = live.contract.rule();
        if !rules.iter().any(|active| active.id == rule) {
            continue;
        }
        let said = endpoint(rules, live, plan);
        // One cause is one finding: where nobody can reach the port, no answer is no news.
        let is_told = !matches!(live.answer, Answer::Http(_))
            && live.container.as_deref().is_some_and(|name| unreached.contains(name));
        judged.endpoint(live, rule, is_told || (said.is_empty() && !matches!(live.answer, Answer::Http(_))));
        if !is_told {
            findings.extend(said);
        }
    }
    drop(unreached);
    findings.extend(of_containers);
    let mut out = Findings::new();
    for (rule, check) in checks(rules) {
        if let Check::Live(check) = check {
            out.speak_for(rule.id, rule.severity);
            check(fleet, plan, &mut out);
            if rule.id == "service-coverage" {
                fleet.expected.iter().flatten().for_each(|row| judged.expected(*row, fleet, rule.id));
            }
        }
    }
    findings.extend(out.into_vec());
    findings
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
