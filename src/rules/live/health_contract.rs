//! `health-contract`: an endpoint answers what its contract says.

use super::answer::{Fault, faults, judge_json, judge_page, report};
use crate::finding::Findings;
use crate::model::{Answer, BodyFormat, LiveEndpoint};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Endpoint(check);

/// Always: deployment files have endpoints of their own, in health checks and probes, that no plan needs to name.
pub(in crate::rules) use crate::rules::always as planned;

fn check(endpoint: &LiveEndpoint, _: &Plan, out: &mut Findings) {
    if endpoint.contract.rule() != "health-contract" {
        return;
    }
    let found = faults(endpoint, |found| body(endpoint, found));
    report(endpoint, &found, out);
}

fn body(endpoint: &LiveEndpoint, out: &mut Vec<Fault>) {
    let Answer::Http(answer) = &endpoint.answer else { return };
    match endpoint.contract.format {
        BodyFormat::Json => drop(judge_json(&endpoint.contract, answer, &endpoint.reading, out)),
        BodyFormat::Html | BodyFormat::Text => judge_page(&endpoint.contract, answer, out),
        _ => {}
    }
}
