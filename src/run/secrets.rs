//! Hides the secrets of deployment files: in the files, as far as a report shows them at all, and in what findings say.

use std::collections::HashSet;
use std::sync::Arc;

use crate::finding::Finding;
use crate::fleet::Fleet;
use crate::model::{Project, Workload};
use crate::rules::{Mask, hide_in_tree, hide_lines};
use crate::source::{Place, Source};

/// Hides secrets in the files that a finding shows.
pub(super) fn hide(findings: &[Finding], fleet: &Fleet) {
    let shown: HashSet<&str> = findings.iter().flat_map(places).map(|place| place.source.path()).collect();
    let is_shown = |source: &Arc<Source>| shown.contains(source.path());
    for project in &fleet.projects {
        let own = project.files.iter().any(|file| is_shown(&file.source));
        let documents = project.files.iter().flat_map(|file| &file.documents);
        documents.filter(|_| own).for_each(|document| hide_in_tree(&document.root));
        // Files that `include` and `extends` bring have their nodes here.
        project.resolved.iter().filter(|_| !shown.is_empty()).for_each(hide_in_tree);
    }
    for file in fleet.manifests.iter().filter(|file| is_shown(&file.source)) {
        file.objects.iter().for_each(|object| hide_in_tree(&object.tree));
    }
    let mut done = HashSet::new();
    let of_lines = findings.iter().flat_map(places).filter(|place| is_environment(place.source.path()));
    for place in of_lines {
        if done.insert(place.source.path()) {
            hide_lines(&place.source);
        }
    }
}

/// Takes what secret variables of deployment files hold out of what findings say.
pub(super) fn mask(findings: &mut [Finding], fleet: &Fleet) {
    let mut mask = Mask::default();
    fleet.projects.iter().for_each(|project| add_variables(&mut mask, project));
    fleet.workloads().for_each(|workload| add_environment(&mut mask, workload));
    findings.iter_mut().for_each(|finding| mask.hide_in(finding));
}

/// What the secret variables of a project and of its services hold, and what is hidden in its files.
pub(super) fn of_project(project: &Project) -> Mask {
    let mut mask = Mask::default();
    add_variables(&mut mask, project);
    project.services.iter().for_each(|workload| add_environment(&mut mask, workload));
    for source in project.files.iter().map(|file| &file.source) {
        let hidden = source.hidden();
        let values = hidden.iter().filter_map(|span| std::str::from_utf8(source.slice(*span)).ok());
        values.for_each(|value| mask.add_value(value.trim_matches(['"', '\''])));
    }
    mask
}

fn add_variables(mask: &mut Mask, project: &Project) {
    project.environment.iter().for_each(|(name, value)| mask.add(name, value));
}

fn add_environment(mask: &mut Mask, workload: &Workload) {
    let own = workload.container.layers.first().into_iter().flat_map(|layer| &layer.env);
    own.for_each(|pair| mask.add(&pair.value.0, &pair.value.1.text));
}

/// Every place of a finding that a report may show with its line.
fn places(finding: &Finding) -> impl Iterator<Item = &Place> {
    let steps = finding.origin.iter().chain(&finding.related).chain(&finding.plan);
    std::iter::once(&finding.place).chain(steps.map(|step| &step.place))
}

/// Whether a file holds variables line by line: `.env`, `api.env`, `.env.prod`.
fn is_environment(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.ends_with(".env") || name.starts_with(".env.") || name == "env"
}
