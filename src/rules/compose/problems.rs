//! Problems of a project as findings.

use std::collections::HashSet;

use crate::finding::{Finding, Findings};
use crate::model::{Project, ProjectProblem};
use crate::source::Place;

/// Container names: `container-name-duplicate` speaks of those.
pub(in crate::rules) fn container_names(project: &Project) -> HashSet<(&str, u32)> {
    let names = project.services.iter().filter_map(|workload| workload.tree.get("container_name"));
    names.map(|node| key(&node.place)).collect()
}

/// The first words of health checks: `healthcheck-form` speaks of those.
pub(in crate::rules) fn health_tests(project: &Project) -> HashSet<(&str, u32)> {
    let tests = project.services.iter().filter_map(|workload| workload.tree.at(&["healthcheck", "test"]));
    tests.filter_map(|test| test.items().first()).map(|node| key(&node.place)).collect()
}

/// A place as something that a set holds.
pub(in crate::rules) fn key(place: &Place) -> (&str, u32) {
    (place.source.path(), place.span.start)
}

/// Reports one problem with its help and its other place.
pub(in crate::rules) fn report<'f>(problem: &ProjectProblem, out: &'f mut Findings) -> &'f mut Finding {
    let finding = out.add(&problem.place, problem.message.clone());
    if let Some(help) = &problem.help {
        finding.help(help.clone());
    }
    if let Some((place, note)) = &problem.related {
        finding.related(place, note.clone());
    }
    finding
}
