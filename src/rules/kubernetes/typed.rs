//! Which type the API server wants where, for the fields that people write with another one.
//!
//! From the Kubernetes API reference (`core/v1`, `apps/v1`); the types of plain scalars are those of YAML 1.1.

use crate::model::{Manifest, Pod, Workload, WorkloadKind};
use crate::syntax::yaml::{Node, Value};

/// What the API server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// A truth value.
    Truth,
    /// A whole number, or the name of a port, which has a letter (`core/validation`, `ValidatePortNumOrName`).
    Port,
}

/// Keys of a container.
const CONTAINER: [(&str, Type); 6] = [
    ("name", Type::Text),
    ("image", Type::Text),
    ("imagePullPolicy", Type::Text),
    ("workingDir", Type::Text),
    ("stdin", Type::Truth),
    ("tty", Type::Truth),
];
/// Keys of a port of a container.
const PORT: [(&str, Type); 4] = [
    ("containerPort", Type::Whole),
    ("hostPort", Type::Whole),
    ("name", Type::Text),
    ("protocol", Type::Text),
];
/// Keys of a probe.
const PROBE: [(&str, Type); 5] = [
    ("initialDelaySeconds", Type::Whole),
    ("periodSeconds", Type::Whole),
    ("timeoutSeconds", Type::Whole),
    ("successThreshold", Type::Whole),
    ("failureThreshold", Type::Whole),
];
/// Keys of a `securityContext`.
const SECURITY: [(&str, Type); 7] = [
    ("runAsUser", Type::Whole),
    ("runAsGroup", Type::Whole),
    ("fsGroup", Type::Whole),
    ("runAsNonRoot", Type::Truth),
    ("privileged", Type::Truth),
    ("readOnlyRootFilesystem", Type::Truth),
    ("allowPrivilegeEscalation", Type::Truth),
];
/// Keys of a pod's `spec`.
const POD: [(&str, Type); 5] = [
    ("hostNetwork", Type::Truth),
    ("hostPID", Type::Truth),
    ("hostIPC", Type::Truth),
    ("terminationGracePeriodSeconds", Type::Whole),
    ("serviceAccountName", Type::Text),
];
/// Keys of a workload's `spec`.
const WORKLOAD: [(&str, Type); 5] = [
    ("replicas", Type::Whole),
    ("minReadySeconds", Type::Whole),
    ("revisionHistoryLimit", Type::Whole),
    ("backoffLimit", Type::Whole),
    ("suspend", Type::Truth),
];
/// Keys of a Service's port.
const SERVICE_PORT: [(&str, Type); 5] = [
    ("port", Type::Whole),
    ("targetPort", Type::Port),
    ("nodePort", Type::Whole),
    ("name", Type::Text),
    ("protocol", Type::Text),
];

/// Every field of an object of which the type is known, with the type.
pub(super) fn fields(object: &Manifest) -> Vec<(&Node, Type)> {
    let mut found = Vec::new();
    let tree = &object.tree;
    for key in ["name", "namespace"] {
        found.extend(tree.at(&["metadata", key]).map(|node| (node, Type::Text)));
    }
    texts(tree.get("metadata"), &["labels", "annotations"], &mut found);
    match object.kind.value.as_str() {
        "ConfigMap" | "Secret" if object.group().is_empty() => {
            texts(Some(tree), &["data", "stringData"], &mut found);
        }
        "Service" if object.is_service() => {
            texts(tree.get("spec"), &["selector"], &mut found);
            for port in items(tree.at(&["spec", "ports"])) {
                keys(port, &SERVICE_PORT, &mut found);
            }
        }
        _ => {}
    }
    if let Some(pod) = &object.pod {
        if let Some(spec) = tree.get("spec") {
            keys(spec, &WORKLOAD, &mut found);
            texts(spec.get("selector"), &["matchLabels"], &mut found);
            texts(spec.at(&["template", "metadata"]), &["labels", "annotations"], &mut found);
        }
        of_pod(pod, &mut found);
    }
    found
}

fn of_pod<'n>(pod: &'n Pod, found: &mut Vec<(&'n Node, Type)>) {
    keys(&pod.spec, &POD, found);
    if let Some(context) = pod.spec.get("securityContext") {
        keys(context, &SECURITY, found);
    }
    for workload in &pod.containers {
        container(workload, found);
    }
}

fn container<'n>(workload: &'n Workload, found: &mut Vec<(&'n Node, Type)>) {
    let tree = &workload.tree;
    keys(tree, &CONTAINER, found);
    for list in ["command", "args"] {
        found.extend(items(tree.get(list)).iter().map(|word| (word, Type::Text)));
    }
    for item in items(tree.get("env")) {
        keys(item, &[("name", Type::Text), ("value", Type::Text)], found);
    }
    for port in items(tree.get("ports")) {
        keys(port, &PORT, found);
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = tree.get(probe) {
            keys(probe, &PROBE, found);
            found.extend(probe.at(&["httpGet", "path"]).map(|path| (path, Type::Text)));
            let asks = ["httpGet", "tcpSocket"].into_iter().filter_map(|how| probe.at(&[how, "port"]));
            // Knative puts its own port in.
            found.extend(
                asks.filter(|_| workload.kind != WorkloadKind::Knative).map(|port| (port, Type::Port)),
            );
        }
    }
    if let Some(context) = tree.get("securityContext") {
        keys(context, &SECURITY, found);
    }
    for mount in items(tree.get("volumeMounts")) {
        keys(mount, &[("mountPath", Type::Text), ("readOnly", Type::Truth)], found);
    }
}

fn keys<'n>(node: &'n Node, keys: &[(&str, Type)], found: &mut Vec<(&'n Node, Type)>) {
    found.extend(keys.iter().filter_map(|(key, wanted)| Some((node.get(key)?, *wanted))));
}

/// Every value of some mappings of texts.
fn texts<'n>(node: Option<&'n Node>, keys: &[&str], found: &mut Vec<(&'n Node, Type)>) {
    for key in keys {
        let mapping = node.and_then(|node| node.get(key)).map(Node::entries).unwrap_or_default();
        found.extend(mapping.iter().map(|entry| (&entry.value, Type::Text)));
    }
}

fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        Some(Value::Sequence(items)) => items,
        _ => &[],
    }
}
