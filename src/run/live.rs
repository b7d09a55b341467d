//! `plimsoll validate-fleet`: a running fleet is asked, read, judged.

use std::path::PathBuf;

use smol_str::SmolStr;

use super::active::{Active, at_live};
use super::{CheckRequest, Outcome, RunError, inputs, plan};
use crate::finding::{Finding, Findings};
use crate::live::{FleetSource, Question, Reply};
use crate::lower::live::read_body;
use crate::model::{LiveEndpoint, LiveFleet};
use crate::plan::{Plan, PlanIndex};
use crate::report::Checked;
use crate::rules::{Check, Rule};
use crate::settle::settle;

mod containers;
mod matrix;
mod targets;

use targets::Target;

/// What `validate-fleet` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct FleetRequest {
    /// Compose files and manifests whose services are asked too.
    pub paths: Vec<PathBuf>,
    /// `--machine`: only services on these machines (names or aliases). Empty: all.
    pub machines: Vec<String>,
    /// `--host`: where every service is asked, whatever the plan says of its machine.
    pub host: Option<String>,
    /// `--service`: only these planned services. Empty: all.
    pub services: Vec<String>,
    /// `--allow-post`: whether contracts that want a POST are asked.
    pub allow_post: bool,
    /// Plan, rules and what fails.
    pub check: CheckRequest,
}

/// Hears how far a call is: endpoints that answered, endpoints in all, the service of the last answer, and whether that was
/// good.
pub type FleetProgress<'a> = &'a (dyn Fn(usize, usize, &str, bool) + Sync);

/// Asks a running fleet, and holds it against the plan.
///
/// # Errors
/// When the plan is wrong, the engine cannot be asked, or there is nothing to ask.
pub fn validate_fleet(
    request: &FleetRequest,
    source: &dyn FleetSource,
    progress: FleetProgress<'_>,
) -> Result<Outcome, RunError> {
    let plan = plan::load_for(&request.check.plan, &request.paths)?;
    let index = PlanIndex::new(&plan);
    let active = Active::of(&request.check, &plan, at_live);
    let scope = targets::Scope::new(request, &plan, &index)?;
    let read = containers::read(source, &scope)?;
    let found = targets::find(&scope, read.as_deref())?;
    let questions: Vec<Question> = found.targets.iter().map(Target::question).collect();
    let accepts = |at: usize, reply: &Reply| {
        let endpoint = endpoint(&found.targets[at], reply);
        judge_endpoint(&active.run, &endpoint, &plan).is_empty()
    };
    let done = std::sync::atomic::AtomicUsize::new(0);
    let heard = |at: usize, reply: &Reply, is_last: bool| {
        if is_last {
            let count = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            progress(count, questions.len(), &found.targets[at].name, accepts(at, reply));
        }
    };
    let replies = source.ask(&questions, &accepts, &heard);
    let mut endpoints: Vec<LiveEndpoint> =
        found.targets.iter().zip(&replies).map(|(target, reply)| endpoint(target, reply)).collect();
    endpoints.extend(found.unasked.iter().map(Target::unasked));
    let expected = read.is_some().then(|| scope.rows.clone());
    let fleet = LiveFleet { endpoints, containers: read.unwrap_or_default(), expected };

    let mut judged = matrix::Judged::default();
    let findings = judge(&active.run, &fleet, &plan, &mut judged);
    let options = active.options(&request.check, &plan, &inputs::working_directory()?, false);
    let settled = settle(findings, &[], &plan, &options);
    let mut files = std::collections::BTreeMap::new();
    for (kind, count) in [("endpoint", fleet.endpoints.len()), ("container", fleet.containers.len())] {
        if count > 0 {
            files.insert(SmolStr::new(kind), count);
        }
    }
    let checked = Checked {
        mode: "validate-fleet",
        plan: plan.path.clone().or_else(|| request.check.plan.pack.clone()),
        files,
        rules: active.ids(),
        not_planned: active.not_planned,
        not_checked: found.not_checked,
        fleet: matrix::rows(&judged, &settled),
        ..Checked::default()
    };
    Ok(Outcome { settled, checked, unread: Vec::new() })
}

fn endpoint(target: &Target, reply: &Reply) -> LiveEndpoint {
    let reading = read_body(&reply.answer, target.contract.format);
    let url = target.urls.get(reply.url).cloned().unwrap_or_default();
    LiveEndpoint { url, answer: reply.answer.clone(), reading, ..target.blank() }
}

/// What the rules of endpoints say about one.
fn judge_endpoint(rules: &[&'static Rule], endpoint: &LiveEndpoint, plan: &Plan) -> Vec<Finding> {
    let mut out = Findings::new();
    let service = endpoint.service.map(|row| plan.services[row].name.value.clone());
    out.concern(service, Some(endpoint.url.clone()));
    for rule in rules {
        for check in rule.check.each() {
            if let Check::Endpoint(check) = check {
                out.speak_for(rule.id, rule.severity);
                check(endpoint, plan, &mut out);
            }
        }
    }
    out.into_vec()
}

/// Lets the rules speak about each endpoint, each container, and all of them.
fn judge(
    rules: &[&'static Rule],
    fleet: &LiveFleet,
    plan: &Plan,
    judged: &mut matrix::Judged,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for endpoint in &fleet.endpoints {
        let rule = endpoint.contract.rule();
        if rules.iter().any(|active| active.id == rule) {
            judged.endpoint(endpoint, rule);
            findings.extend(judge_endpoint(rules, endpoint, plan));
        }
    }
    let mut out = Findings::new();
    for container in &fleet.containers {
        let service = container.service.map(|row| plan.services[row].name.value.clone());
        out.concern(service, Some(format!("container:{}", container.name).into()));
        for rule in rules {
            for check in rule.check.each() {
                if let Check::Container(check) = check {
                    out.speak_for(rule.id, rule.severity);
                    if check(container, plan, &mut out) {
                        judged.container(container, rule.id);
                    }
                }
            }
        }
    }
    out.concern(None, None);
    for rule in rules {
        for check in rule.check.each() {
            if let Check::Live(check) = check {
                out.speak_for(rule.id, rule.severity);
                check(fleet, plan, &mut out);
            }
        }
    }
    findings.extend(out.into_vec());
    findings
}
