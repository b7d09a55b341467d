//! `health-contract`

use super::answer::{Fault, faults, judge_json, judge_page, report};
use crate::finding::Findings;
use crate::model::{Answer, BodyFormat, LiveEndpoint};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Endpoint(check);

/// Any contract of this rule: that of `[health]`, or one of a name.
pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    super::answer::planned(plan, "health-contract")
}

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
