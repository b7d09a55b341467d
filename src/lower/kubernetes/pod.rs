//! A pod, or the template of one: its labels, its containers.

use std::collections::HashMap;

use super::container::{Surroundings, workload};
use super::scalars::pairs;
use crate::lower::images::Images;
use crate::model::{Manifest, Pod, WorkloadKind};
use crate::syntax::yaml::Node;

/// The pod that stands at a path of an object; `None` when there is no `spec`.
pub(super) fn pod(manifest: &Manifest, path: &[&str], images: &dyn Images) -> Option<Pod> {
    let template = manifest.tree.at(path)?;
    let spec = template.get("spec").filter(|spec| spec.is_mapping())?;
    let metadata = template.get("metadata");
    let pairs_of = |key: &str| metadata.and_then(|metadata| metadata.get(key)).map(pairs).unwrap_or_default();
    let kind = if manifest.is_knative() { WorkloadKind::Knative } else { WorkloadKind::Pod };
    let containers = spec.get("containers").map(Node::items).unwrap_or_default();
    let first = spec.get("initContainers").map(Node::items).unwrap_or_default();
    let place = match path.split_last() {
        None => manifest.place.clone(),
        Some((last, above)) => {
            let entry = manifest.tree.at(above).and_then(|above| above.entry(last));
            entry.map_or_else(|| template.place.clone(), |entry| entry.key.place.clone())
        }
    };
    let around = Surroundings {
        manifest,
        spec,
        volumes: volumes(spec),
        images,
        // Of several containers of a Knative revision the one with a port serves.
        single: containers.len() == 1,
    };
    let all = containers.iter().enumerate().map(|(at, node)| (at, node, kind));
    let all = all.chain(first.iter().enumerate().map(|(at, node)| (at, node, WorkloadKind::PodInit)));
    Some(Pod {
        labels: pairs_of("labels"),
        annotations: pairs_of("annotations"),
        place,
        containers: all.map(|(at, node, kind)| workload(&around, at, node, kind)).collect(),
        spec: spec.clone(),
    })
}

/// The volumes of a pod by name.
fn volumes(spec: &Node) -> HashMap<&str, &Node> {
    let items = spec.get("volumes").map(Node::items).unwrap_or_default();
    items.iter().filter_map(|volume| Some((volume.get("name")?.text()?, volume))).collect()
}
