//! Questions that rules of several groups ask of pods and their trees.

use crate::model::{Manifest, Pod, Workload, WorkloadKind};
use crate::source::Place;
use crate::syntax::yaml::{Node, Resolved, Typing};

/// The objects of a file that make pods, with the pod; parts of objects (patches) are left out.
pub(in crate::rules) fn whole_pods(objects: &[Manifest]) -> impl Iterator<Item = (&Manifest, &Pod)> {
    objects
        .iter()
        .filter(|object| !object.partial)
        .filter_map(|object| object.pod.as_ref().map(|pod| (object, pod)))
}

/// Where a node is, or its key when the value is empty.
pub(in crate::rules) fn place_of<'n>(parent: &'n Node, key: &str) -> Option<&'n Place> {
    let entry = parent.entry(key)?;
    let empty = entry.value.place.span.is_empty();
    Some(if empty { &entry.key.place } else { &entry.value.place })
}

/// Whether a node is the truth value as Kubernetes and Compose read it.
pub(in crate::rules) fn is_bool(node: Option<&Node>, wanted: bool) -> bool {
    let scalar = node.and_then(Node::scalar);
    scalar.is_some_and(|scalar| scalar.resolve(Typing::Kubernetes) == Resolved::Bool(wanted))
}

/// Whether a container runs for as long as its pod: no init container, unless it is a sidecar.
pub(in crate::rules) fn stays(workload: &Workload) -> bool {
    workload.kind != WorkloadKind::PodInit
        || workload.tree.get("restartPolicy").and_then(Node::text) == Some("Always")
}

/// Whether a text waits for a tool to put a value in (`${PORT}`, `{{ … }}`, `<PORT>`, `$(PORT)`).
pub(in crate::rules) fn is_placeholder(text: &str) -> bool {
    text.contains("${")
        || text.contains("{{")
        || text.contains("$(")
        || text.starts_with('<')
        || text.starts_with('$')
}
