//! `compose-schema`: Compose accepts every key, type and value of the project.

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
    use ProjectProblemKind::{Interpolation, Schema, Value};
    let is_told = |kind: ProjectProblemKind| matches!(kind, Schema | Value | Interpolation);
    let elsewhere = health_tests(project);
    let problems = project.problems.iter().filter(|problem| is_told(problem.kind));
    for problem in problems.filter(|problem| !elsewhere.contains(&key(&problem.place))) {
        report(problem, out);
    }
}
