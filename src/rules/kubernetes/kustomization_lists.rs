//! `kustomization-lists`: a manifest beside a kustomization is listed by it.

use std::collections::HashSet;

use super::kustomize::{folder_of, join};
use crate::finding::Findings;
use crate::fleet::Fleet;
use crate::model::{Manifest, ManifestFile};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::yaml::{Node, Value};

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(fleet: &Fleet, _plan: &Plan, out: &mut Findings) {
    let is_own = |file: &&ManifestFile| file.objects.iter().any(Manifest::is_kustomization);
    let kustomizations = fleet.manifests.iter().filter(is_own);
    let mut folders: HashSet<&str> = HashSet::new();
    let mut named: HashSet<String> = HashSet::new();
    for object in kustomizations.flat_map(|file| &file.objects) {
        let folder = folder_of(object.source.path());
        folders.insert(folder);
        named.extend(texts(&object.tree).into_iter().map(|text| join(folder, text)));
    }
    for file in fleet.manifests.iter().filter(|file| !is_own(file)) {
        let path = file.source.path();
        let Some(object) = file.objects.iter().find(|object| is_applied(object)) else { continue };
        if folders.contains(folder_of(path)) && !named.contains(path) {
            let message = format!("no kustomization lists `{path}`, so `{}` is not applied", object.label());
            out.add(&object.place, message)
                .subject(object.label())
                .help("add it to `resources` of the kustomization beside it");
        }
    }
}

/// Groups whose objects tell other tools what to do with the folder, and are applied from elsewhere.
const TOOLS: [&str; 5] = [
    "argoproj.io",
    "config.kubernetes.io",
    "kind.x-k8s.io",
    "kustomize.toolkit.fluxcd.io",
    "source.toolkit.fluxcd.io",
];

/// Whether an object is meant for the cluster, and is no part, no example, and no file of a tool.
fn is_applied(object: &Manifest) -> bool {
    let file = object.source.path().rsplit('/').next().unwrap_or_default();
    let is_example = ["example", "sample", "template"].iter().any(|part| file.contains(part));
    let group = object.group();
    let has_api = object.has_known_api() || group.contains('.');
    let has_name = object.name.as_ref().is_some_and(|name| !name.value.is_empty());
    has_name && has_api && !object.partial && !is_example && !TOOLS.contains(&group) && object.kind.value != "Config"
}

/// The texts of a tree that may be paths of files: one line, with the end that manifests have.
fn texts(tree: &Node) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![tree];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Scalar(scalar) => {
                let text = scalar.text.as_str();
                // `key=file.yaml` of a generator.
                let path = text.rsplit_once('=').map_or(text, |(_, path)| path);
                if path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json") {
                    found.push(path);
                }
            }
            Value::Sequence(items) => open.extend(items),
            Value::Mapping(entries) => open.extend(entries.iter().map(|entry| &entry.value)),
        }
    }
    found
}
