//! `metrics-contract`: an endpoint of metrics answers what Prometheus reads, and what is planned.

mod body;
mod media;
mod planned;

use super::answer::{Fault, faults, report};
use crate::finding::Findings;
use crate::model::{Answer, BodyReading, LiveEndpoint};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::metrics::MetricFault;

pub(in crate::rules) const CHECK: Check = Check::Endpoint(check);

/// Findings of one endpoint; what is found beyond them is named by the last one.
const MAX_FINDINGS: usize = 4;

/// A contract of metrics.
pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    super::answer::planned(plan, "metrics-contract")
}

fn check(endpoint: &LiveEndpoint, _: &Plan, out: &mut Findings) {
    if endpoint.contract.rule() != "metrics-contract" {
        return;
    }
    let found = faults(endpoint, |found| judge(endpoint, found));
    // Each fault has a line of the plan of its own, and most have a cause of their own.
    let alone = found.len().min(MAX_FINDINGS).saturating_sub(1);
    for fault in &found[..alone] {
        report(endpoint, std::slice::from_ref(fault), out);
    }
    report(endpoint, &found[alone..], out);
    if let BodyReading::Metrics(metrics) = &endpoint.reading
        && let Some(cap) = metrics.problems.iter().find(|problem| problem.kind == MetricFault::TooMuch)
    {
        let message = format!("cannot judge all metrics of `{}`: {}", endpoint.url, cap.message);
        out.open(&endpoint.place, message).service(endpoint.name.clone()).subject(endpoint.url.clone());
    }
}

/// What is wrong with the body of an answer that came whole.
fn judge(endpoint: &LiveEndpoint, out: &mut Vec<Fault>) {
    let (Answer::Http(answer), BodyReading::Metrics(metrics)) = (&endpoint.answer, &endpoint.reading) else {
        return;
    };
    let contract = &endpoint.contract;
    if let Some(fault) = body::no_metrics(contract, answer) {
        out.push(fault);
        return;
    }
    let wrong_type = media::judge(contract, answer);
    // What is read by the grammar of another format says nothing.
    let is_other = wrong_type.as_ref().is_some_and(|wrong| wrong.is_other_format);
    out.extend(wrong_type.map(|wrong| wrong.fault));
    if !is_other {
        body::judge(contract, answer, metrics, out);
    }
    planned::judge(contract, answer, metrics, out);
}
