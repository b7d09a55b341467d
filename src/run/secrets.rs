//! Hides the secrets of deployment files, as far as a report shows the file at all.

use std::collections::HashSet;
use std::sync::Arc;

use crate::finding::Finding;
use crate::fleet::Fleet;
use crate::model::{ImageSet, LiveContainer};
use crate::rules::{Redaction, hide_in_record, hide_in_tree, hide_lines};
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

/// Takes what variables brought into compose projects out of the messages.
pub(super) fn redact(findings: &mut [Finding], fleet: &Fleet) {
    if findings.is_empty() {
        return;
    }
    let mut redaction = Redaction::of(&fleet.projects);
    fleet.workloads().for_each(|workload| redaction.add_environment(workload));
    if redaction.is_empty() {
        return;
    }
    for finding in findings {
        redaction.text(&mut finding.message);
        finding.help.iter_mut().for_each(|help| redaction.text(help));
    }
}

/// Hides secrets in the records of images and takes them out of everything that findings say.
pub(super) fn hide_images(set: &ImageSet, findings: &mut [Finding]) {
    if findings.is_empty() {
        return;
    }
    let mut redaction = Redaction::default();
    for image in &set.images {
        hide_in_record(&image.tree).iter().for_each(|secret| redaction.add(secret));
        hide_in_tree(&image.tree);
        redaction.add_hidden_of(&image.source);
    }
    // What a Dockerfile sets is compared with what the image holds.
    for layer in set.expected.iter().flatten().flat_map(|expected| &expected.container.layers) {
        redaction.add_layer(layer);
    }
    if redaction.is_empty() {
        return;
    }
    // What is a secret under one name is none the less one where no name says so.
    set.images.iter().for_each(|image| redaction.hide_in(&image.source));
    findings.iter_mut().for_each(|finding| take_out(&redaction, finding));
}

/// Takes the secret variables and labels of running containers out of everything that findings say: a program prints what
/// it was given, and a health check what it asks with.
pub(super) fn redact_live(findings: &mut [Finding], containers: &[LiveContainer]) {
    if findings.is_empty() {
        return;
    }
    let mut redaction = Redaction::default();
    for container in containers {
        let image = container.image.config.iter();
        let layers = std::iter::once(&container.container).chain(image).flat_map(|all| &all.layers);
        layers.for_each(|layer| redaction.add_layer(layer));
    }
    if !redaction.is_empty() {
        findings.iter_mut().for_each(|finding| take_out(&redaction, finding));
    }
}

fn take_out(redaction: &Redaction, finding: &mut Finding) {
    redaction.text(&mut finding.message);
    finding.help.iter_mut().for_each(|help| redaction.text(help));
    for step in finding.origin.iter_mut().chain(&mut finding.related).chain(&mut finding.plan) {
        let mut what = step.what.to_string();
        redaction.text(&mut what);
        step.what = what.into();
    }
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
