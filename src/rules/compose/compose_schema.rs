//! `compose-schema`: Compose accepts every key, type and value of the file, and every variable that must be set is set.

use super::problems::{health_tests, key, report};
use crate::finding::Findings;
use crate::model::{Project, ProjectProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    use ProjectProblemKind::{Interpolation, Schema};
    let problems = project.problems.iter().filter(|problem| matches!(problem.kind, Schema | Interpolation));
    let elsewhere = health_tests(project);
    for problem in problems.filter(|problem| !elsewhere.contains(&key(&problem.place))) {
        report(problem, out);
    }
}
