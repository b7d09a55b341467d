//! `duplicate-object`: an object is said once.

use std::collections::HashMap;

use super::kustomize::{Kustomize, folder_of, is_inside};
use crate::finding::{Findings, Severity};
use crate::fleet::Fleet;
use crate::model::Manifest;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Earlier objects of a name that one is compared with at most.
const MAX_COMPARED: usize = 32;

fn check(fleet: &Fleet, _plan: &Plan, out: &mut Findings) {
    let kustomize = Kustomize::of(fleet);
    let mut seen: HashMap<(&str, &str, &str), Vec<&Manifest>> = HashMap::new();
    for object in fleet.manifests.iter().flat_map(|file| &file.objects) {
        let Some(name) = object.name.as_ref().map(|name| name.value.as_str()) else { continue };
        // Everybody may say a namespace; a part of an object is laid over the whole.
        let passed = object.partial
            || object.is_kustomization()
            || object.kind.value == "Namespace"
            || name.contains(['$', '{', '<'])
            || kustomize.is_patch(object.source.path());
        if passed {
            continue;
        }
        let earlier = seen.entry((object.group(), &object.kind.value, name)).or_default();
        let found = earlier.iter().take(MAX_COMPARED).find_map(|first| Some((*first, clash(first, object, &kustomize)?)));
        if let Some((first, severity)) = found {
            report(first, object, severity, out);
        }
        earlier.push(object);
    }
}

/// Whether two objects of one kind and name are the same object for whoever applies them, and how sure that is.
fn clash(first: &Manifest, second: &Manifest, kustomize: &Kustomize<'_>) -> Option<Severity> {
    let namespace = |object: &Manifest| object.namespace.as_ref().map(|said| said.value.clone());
    let (one, other) = (namespace(first), namespace(second));
    if one != other {
        return None;
    }
    let (path, later) = (first.source.path(), second.source.path());
    if path == later || kustomize.lists_both(path, later) {
        return Some(Severity::Error);
    }
    // A kustomization says which files it takes.
    if kustomize.has_folder_of(path) || kustomize.has_folder_of(later) {
        return None;
    }
    let (folder, below) = (folder_of(path), folder_of(later));
    let same = folder == below;
    // Folders beside each other are machines, clusters or stages; one inside the other is applied with it.
    let nested = is_inside(below, folder) || is_inside(folder, below);
    match one.is_some() {
        true if same || nested => Some(Severity::Error),
        // Without a namespace the folder may hold variants of which one is applied; the plan knows one service of a name.
        false if (same || nested) && is_planned(first) && is_planned(second) => Some(Severity::Error),
        false if same => Some(Severity::Note),
        _ => None,
    }
}

fn is_planned(object: &Manifest) -> bool {
    object.pod.iter().flat_map(|pod| &pod.containers).any(|workload| workload.service.is_some())
}

fn report(first: &Manifest, second: &Manifest, severity: Severity, out: &mut Findings) {
    let message = if first.source.path() == second.source.path() {
        format!("`{}` is said twice in this file", second.label())
    } else {
        format!("`{}` is said in `{}` as well", second.label(), first.source.path())
    };
    out.add(&second.place, message)
        .subject(second.label())
        .severity(severity)
        .related(&first.place, "said here first")
        .help("give one of them another name, or leave it out");
}
