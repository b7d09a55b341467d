//! `compose-schema`: Compose accepts the project: every key, type and value, and everything that it names.

use std::collections::HashSet;

use super::problems::{container_names, health_tests, key, report};
use super::written::each_service;
use crate::finding::Findings;
use crate::model::{Presence, Project, ProjectProblem, ProjectProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    use ProjectProblemKind::{Interpolation, MissingFile, Reference, Schema, Value};
    let mut elsewhere = health_tests(project);
    // A file that git never has is made where the project runs.
    let ignored = project.lookups.paths.iter().filter(|named| named.presence == Presence::Ignored);
    elsewhere.extend(ignored.map(|named| key(&named.place)));
    let mut references = container_names(project);
    references.extend(without_base(project));
    let told = |problem: &ProjectProblem| match problem.kind {
        Schema | Value | Interpolation => true,
        // What an override lacks is in the files that it is laid over.
        Reference | MissingFile => !project.partial && !references.contains(&key(&problem.place)),
        _ => false,
    };
    let problems = project.problems.iter().filter(|problem| told(problem));
    for problem in problems.filter(|problem| !elsewhere.contains(&key(&problem.place))) {
        report(problem, out);
    }
}

/// The keys of services that extend one of a file that was not read: what they lack may be there.
fn without_base(project: &Project) -> impl Iterator<Item = (&str, u32)> {
    let missing: HashSet<_> = project
        .problems
        .iter()
        .filter(|problem| problem.kind == ProjectProblemKind::MissingFile)
        .map(|problem| key(&problem.place))
        .collect();
    each_service(project).filter_map(move |service| {
        let file = service.value.at(&["extends", "file"])?;
        let is_remote = file.text().is_some_and(|file| file.contains(':'));
        (is_remote || missing.contains(&key(&file.place))).then(|| key(&service.key.place))
    })
}
