//! `live-health`

use crate::finding::Findings;
use crate::model::LiveContainer;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Container(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.sources.is_empty()
}

fn check(container: &LiveContainer, plan: &Plan, _: &mut Findings) -> bool {
    super::common::row(container, plan).is_some()
}
