//! `health-contract`

use crate::finding::Findings;
use crate::model::LiveEndpoint;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Endpoint(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.sources.is_empty()
}

fn check(endpoint: &LiveEndpoint, _: &Plan, _: &mut Findings) {
    if endpoint.contract.rule() != "health-contract" {}
}
