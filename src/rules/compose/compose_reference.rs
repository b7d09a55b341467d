//! `compose-reference`: what a project names is defined and there.

use std::collections::HashSet;

use super::problems::{container_names, key, report};
use super::written::each_service;
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
    // What an override lacks is in the files that it is laid over.
    if project.partial {
        return;
    }
    let mut elsewhere = container_names(project);
    elsewhere.extend(without_base(project));
    // A file that git never has is made where the project runs.
    let ignored = project.lookups.paths.iter().filter(|named| named.presence == Presence::Ignored);
    elsewhere.extend(ignored.map(|named| key(&named.place)));
    for problem in project.problems.iter().filter(|problem| matches!(problem.kind, Reference | MissingFile)) {
        if !elsewhere.contains(&key(&problem.place)) {
            report(problem, out);
        }
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
