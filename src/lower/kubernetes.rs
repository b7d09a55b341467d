//! Kubernetes and Knative manifests to objects and the containers that they start.
//!
//! The trees of one file come in, a [`ManifestFile`] comes out. Objects of kinds that make no pod are kept as trees;
//! unknown kinds are passed over by whoever asks. No plan is known here.
//!
//! Where a pod's `spec` stands per kind: Kubernetes API reference, `core/v1`, `apps/v1`, `batch/v1`; Knative:
//! knative/serving `pkg/apis/serving/v1`.

mod container;
mod environment;
mod pod;
mod probe;
mod quantity;
mod scalars;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use smol_str::SmolStr;

use self::scalars::{pairs, text};
use super::images::Images;
use crate::model::{Manifest, ManifestFile, Spanned, WorkloadKind};
use crate::source::Source;
use crate::syntax::yaml::{Node, Problem, ProblemKind, Stream, Value};

/// How deep lists of lists are followed.
const MAX_LISTS: usize = 8;

/// Reads the objects of one file. Never fails: what cannot be read is left out or a problem of the result.
#[must_use]
pub fn manifests(source: &Arc<Source>, stream: Stream, images: &dyn Images) -> ManifestFile {
    let documents = stream.documents.into_iter().map(|document| document.root).collect();
    let objects = without_lists(documents).into_iter();
    let objects = objects.filter_map(|tree| object(source, tree, images)).collect();
    ManifestFile { source: Arc::clone(source), objects, problems: told(stream.problems) }
}

/// What is wrong for everybody: a second merge key is merged here.
pub(super) fn told(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.retain(|problem| problem.kind != ProblemKind::RepeatedMerge);
    problems
}

/// The trees with each list replaced by its items, in order. Lists nested deeper than anybody writes are left out.
fn without_lists(trees: Vec<Node>) -> Vec<Node> {
    let mut flat = Vec::with_capacity(trees.len());
    let mut open: Vec<std::vec::IntoIter<Node>> = vec![trees.into_iter()];
    while let Some(items) = open.last_mut() {
        match items.next() {
            None => {
                open.pop();
            }
            Some(tree) => match items_of(tree) {
                Ok(inner) if open.len() <= MAX_LISTS => open.push(inner.into_iter()),
                Ok(_) => {}
                Err(tree) => flat.push(tree),
            },
        }
    }
    flat
}

/// The items of a `List`, `PodList`, …: what `kubectl get` prints for several objects.
///
/// # Errors
/// The tree itself, when it is no list.
fn items_of(mut tree: Node) -> Result<Vec<Node>, Node> {
    let is_list = tree.get("kind").and_then(Node::text).is_some_and(|kind| kind.ends_with("List"))
        && tree.get("items").is_some_and(Node::is_sequence);
    if !is_list {
        return Err(tree);
    }
    let Value::Mapping(entries) = &mut tree.value else { return Err(tree) };
    let items = entries.iter_mut().rev().find(|entry| entry.key.text() == Some("items"));
    match items.map(|entry| &mut entry.value.value) {
        Some(Value::Sequence(items)) => Ok(std::mem::take(items)),
        _ => Err(tree),
    }
}

/// One object; `None` when the tree says no `apiVersion` or no `kind`.
fn object(source: &Arc<Source>, tree: Node, images: &dyn Images) -> Option<Manifest> {
    let (api_version, kind) = match (tree.get("apiVersion"), tree.get("kind")) {
        (Some(api_version), Some(kind)) => (text(api_version)?, text(kind)?),
        // kustomize takes its own file without both.
        _ if is_kustomization(source) => {
            let first = tree.entries().first()?.key.place.clone();
            let said = |text: &str| Spanned::new(text.into(), first.clone());
            (said("kustomize.config.k8s.io/v1beta1"), said("Kustomization"))
        }
        _ => return None,
    };
    let metadata = tree.get("metadata");
    let said = |key: &str| metadata.and_then(|metadata| metadata.get(key)).and_then(text);
    let pairs_of = |key: &str| metadata.and_then(|metadata| metadata.get(key)).map(pairs).unwrap_or_default();
    let name = said("name").filter(|name| !name.value.is_empty());
    let mut manifest = Manifest {
        source: Arc::clone(source),
        place: name.as_ref().map_or(&kind.place, |name| &name.place).clone(),
        namespace: said("namespace"),
        labels: pairs_of("labels"),
        annotations: pairs_of("annotations"),
        name,
        pod: None,
        partial: false,
        api_version,
        kind,
        tree,
    };
    let path = template_path(&manifest);
    manifest.pod = path.and_then(|path| pod::pod(&manifest, path, images));
    manifest.partial = is_partial(&manifest, path.is_some());
    Some(manifest)
}

/// Whether kustomize reads the file as its own (kustomize `api/konfig`, `RecognizedKustomizationFileNames`).
#[must_use]
pub fn is_kustomization(source: &Source) -> bool {
    let name = source.path().rsplit('/').next().unwrap_or_default();
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

/// Whether an object lacks what the API server asks of a whole one, so that it is a patch.
fn is_partial(manifest: &Manifest, makes_pods: bool) -> bool {
    let spec = manifest.tree.get("spec");
    let says = |key: &str| spec.is_some_and(|spec| spec.get(key).is_some());
    if manifest.tree.get("$patch").is_some() {
        return true;
    }
    if manifest.is_service() {
        return !says("ports") && !says("externalName");
    }
    let Some(pod) = &manifest.pod else { return makes_pods };
    let main = pod.containers.iter().filter(|workload| workload.kind != WorkloadKind::PodInit);
    let mut none = true;
    for workload in main {
        none = false;
        if workload.tree.get("image").is_none() {
            return true;
        }
    }
    let selects = manifest.group() == "apps" && !says("selector");
    selects || (none && pod.spec.get("containers").is_none())
}

/// The keys that lead to what a pod is made of: `metadata` and `spec` stand there. `None` for kinds that make no pod.
fn template_path(manifest: &Manifest) -> Option<&'static [&'static str]> {
    match (manifest.group(), manifest.kind.value.as_str()) {
        ("", "Pod") => Some(&[]),
        ("", "PodTemplate") => Some(&["template"]),
        ("", "ReplicationController") => Some(&["spec", "template"]),
        ("apps" | "extensions", "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet") => {
            Some(&["spec", "template"])
        }
        ("batch", "Job") => Some(&["spec", "template"]),
        ("batch", "CronJob") => Some(&["spec", "jobTemplate", "spec", "template"]),
        ("serving.knative.dev", "Service" | "Configuration") => Some(&["spec", "template"]),
        _ => None,
    }
}

/// `Deployment/web: app`.
fn subject(manifest: &Manifest, container: &str) -> SmolStr {
    SmolStr::new(format!("{}: {container}", manifest.label()))
}
