//! `empty-field`: what has to be said is not left empty, as a template that got no value leaves it.

use crate::finding::Findings;
use crate::model::{Manifest, ManifestFile, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::place_of;
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Objects that `valueFrom` and `envFrom` name.
const REFERENCES: [&str; 4] = ["secretKeyRef", "configMapKeyRef", "secretRef", "configMapRef"];

/// Volumes that hold another object, and the key that names it.
const VOLUMES: [(&str, &str); 4] = [
    ("configMap", "name"),
    ("secret", "secretName"),
    ("persistentVolumeClaim", "claimName"),
    ("hostPath", "path"),
];

fn check(file: &ManifestFile, _plan: &Plan, out: &mut Findings) {
    for object in file.objects.iter().filter(|object| object.has_known_api()) {
        out.concern(None, Some(object.label()));
        let metadata = object.tree.get("metadata");
        let generated = metadata.is_some_and(|metadata| metadata.get("generateName").is_some());
        if let Some(metadata) = metadata.filter(|_| !generated) {
            empty(metadata, "name", out);
        }
        if object.is_service() {
            service(object, out);
        }
        let Some(pod) = &object.pod else { continue };
        if let Some(selector) = object.tree.at(&["spec", "selector", "matchLabels"]) {
            labels(selector, out);
        }
        for volume in pod.spec.get("volumes").map(Node::items).unwrap_or_default() {
            self::volume(volume, out);
        }
        for workload in &pod.containers {
            out.concern(None, Some(workload.subject.clone()));
            container(workload, object.is_knative(), out);
        }
    }
}

/// Reports a key that is there without a value.
fn empty(node: &Node, key: &str, out: &mut Findings) {
    let Some(value) = node.get(key) else { return };
    if value.scalar().is_some_and(|scalar| scalar.is_null() || scalar.text.is_empty())
        && let Some(place) = place_of(node, key)
    {
        out.add(place, format!("`{key}` is empty"));
    }
}

fn service(object: &Manifest, out: &mut Findings) {
    let Some(spec) = object.tree.get("spec") else { return };
    empty(spec, "selector", out);
    if let Some(selector) = spec.get("selector") {
        labels(selector, out);
    }
    for port in spec.get("ports").map(Node::items).unwrap_or_default() {
        empty(port, "port", out);
    }
}

/// Labels of a selector without a value.
fn labels(selector: &Node, out: &mut Findings) {
    for entry in selector.entries().iter().filter(|entry| entry.value.is_null()) {
        if let Some(key) = entry.key.text() {
            out.add(&entry.key.place, format!("selects by `{key}`, which is empty"));
        }
    }
}

fn container(workload: &Workload, knative: bool, out: &mut Findings) {
    let tree = &workload.tree;
    empty(tree, "image", out);
    if !knative {
        empty(tree, "name", out);
    }
    if let Some(image) = &workload.image
        && let Some(part) = missing_part(&image.value.text)
    {
        out.add(&image.place, format!("the image `{}` has an empty {part}", image.value.text));
    }
    let items = |key: &str| tree.get(key).map(Node::items).unwrap_or_default();
    for port in items("ports") {
        empty(port, "containerPort", out);
    }
    for mount in items("volumeMounts") {
        empty(mount, "name", out);
        empty(mount, "mountPath", out);
    }
    for item in items("env") {
        empty(item, "name", out);
        if let Some(from) = item.get("valueFrom") {
            reference(from, out);
        }
    }
    for from in items("envFrom") {
        reference(from, out);
    }
}

/// The name of a volume, and of the object that it holds.
fn volume(volume: &Node, out: &mut Findings) {
    empty(volume, "name", out);
    for (kind, key) in VOLUMES {
        if let Some(source) = volume.get(kind) {
            empty(source, key, out);
        }
    }
}

/// The object that a reference names, and the key in it.
fn reference(from: &Node, out: &mut Findings) {
    for target in REFERENCES.iter().filter_map(|key| from.get(key)) {
        empty(target, "name", out);
        empty(target, "key", out);
    }
}

/// The part of an image reference that a template left empty.
fn missing_part(image: &str) -> Option<&'static str> {
    if image.starts_with('/') {
        return Some("registry");
    }
    if image.starts_with(':') || image.contains("//") && !image.contains("://") || image.contains("/:") {
        return Some("name");
    }
    if image.ends_with('/') {
        return Some("name");
    }
    if image.ends_with(':') {
        return Some("tag");
    }
    image.ends_with('@').then_some("digest")
}
