//! `compose-reference`: what a project names is defined and there.

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
    use ProjectProblemKind::{MissingFile, Reference};
    for problem in project.problems.iter().filter(|problem| matches!(problem.kind, Reference | MissingFile)) {
        report(problem, out);
    }
}
