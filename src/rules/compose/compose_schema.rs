//! `compose-schema`: Compose accepts the project: every key, type and value, and everything that it names.

use super::problems::{container_names, health_tests, key, report};
use crate::finding::Findings;
use crate::model::{Presence, Project, ProjectProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    use ProjectProblemKind::{Interpolation, MissingFile, Reference, Schema, Value};
    let mut elsewhere = health_tests(project);
    elsewhere.extend(container_names(project));
    // A file that git never has is made where the project runs.
    let ignored = project.lookups.paths.iter().filter(|named| named.presence == Presence::Ignored);
    elsewhere.extend(ignored.map(|named| key(&named.place)));
    let told = |kind: ProjectProblemKind| match kind {
        Schema | Value | Interpolation => true,
        // What an override lacks is in the files that it is laid over.
        Reference | MissingFile => !project.partial,
        _ => false,
    };
    let problems = project.problems.iter().filter(|problem| told(problem.kind));
    for problem in problems.filter(|problem| !elsewhere.contains(&key(&problem.place))) {
        report(problem, out);
    }
}
