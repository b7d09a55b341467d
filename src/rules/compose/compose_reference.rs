//! `compose-reference`: what a project names is defined and there.

use super::problems::{container_names, key, report};
use crate::finding::Findings;
use crate::model::{Presence, Project, ProjectProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    use ProjectProblemKind::{MissingFile, Reference};
    // What it lacks is in the files that it is laid over.
    if project.partial {
        return;
    }
    let mut elsewhere = container_names(project);
    // A file that git never has is made where the project runs.
    let ignored = project.lookups.paths.iter().filter(|named| named.presence == Presence::Ignored);
    elsewhere.extend(ignored.map(|named| key(&named.place)));
    for problem in project.problems.iter().filter(|problem| matches!(problem.kind, Reference | MissingFile)) {
        if !elsewhere.contains(&key(&problem.place)) {
            report(problem, out);
        }
    }
}
