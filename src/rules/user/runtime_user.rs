//! `runtime-user`: the container runs as the planned user.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.user.uid.is_some() || plan.user.non_root.is_some()
}

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let _ = (build, out);
}
