//! `compose-user-type`: `user` of a service is a text, so a number stands in quotes.

use super::problems::report;
use crate::finding::Findings;
use crate::model::{Project, ProjectProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for problem in project.problems.iter().filter(|problem| problem.kind == ProjectProblemKind::UserType) {
        let text = problem.place.text().into_owned();
        let finding = report(problem, out);
        // Digits alone read the same in quotes; `0x2711` and `10_001` would not.
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') {
            finding.safe_fix(problem.place.clone(), format!("\"{text}\""));
        }
    }
}
