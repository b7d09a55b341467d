//! `lost-continuation`: a line that goes on says so with `\`.

use super::problems::report;
use crate::finding::Findings;
use crate::model::{Build, ProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    report(build, ProblemKind::LostContinuation, out);
}
