//! `knative-field`: no field that Knative refuses.
//!
//! knative/serving `pkg/apis/serving/fieldmask.go` (what each mask leaves out) and `k8s_validation.go` (reserved names and
//! paths, the shape of probes). Fields that a feature flag of the cluster allows are not reported.

use crate::finding::Findings;
use crate::model::{Manifest, ManifestFile, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::{is_bool, place_of};
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Of the pod.
const POD: [&str; 8] = [
    "restartPolicy",
    "terminationGracePeriodSeconds",
    "activeDeadlineSeconds",
    "nodeName",
    "hostname",
    "subdomain",
    "priority",
    "readinessGates",
];
/// Of a container.
const CONTAINER: [&str; 5] = ["lifecycle", "stdin", "stdinOnce", "tty", "volumeDevices"];
/// Of a container's `securityContext`.
const SECURITY: [&str; 3] = ["seLinuxOptions", "windowsOptions", "procMount"];
/// What a volume may be; the last four only where the cluster allows it.
const VOLUMES: [&str; 8] =
    ["name", "secret", "configMap", "projected", "emptyDir", "persistentVolumeClaim", "hostPath", "csi"];
/// Where nothing may be mounted.
const PATHS: [&str; 3] = ["/", "/dev", "/dev/log"];

fn check(file: &ManifestFile, _plan: &Plan, out: &mut Findings) {
    let judged = |object: &&Manifest| object.is_knative() && !object.is_cloud_run();
    for object in file.objects.iter().filter(judged) {
        let Some(pod) = &object.pod else { continue };
        out.concern(None, Some(object.label()));
        refused(&pod.spec, &POD, out);
        for volume in pod.spec.get("volumes").map(Node::items).unwrap_or_default() {
            let kinds = volume.entries().iter().filter_map(|entry| Some((entry.key.text()?, entry)));
            for (kind, entry) in kinds.filter(|(kind, _)| !VOLUMES.contains(kind) && *kind != "image") {
                out.add(&entry.key.place, format!("is a volume of kind `{kind}`, which Knative refuses"));
            }
        }
        revision_name(object, out);
        for workload in &pod.containers {
            out.concern(None, Some(workload.subject.clone()));
            container(workload, out);
        }
    }
}

/// Reports the keys of a mapping that Knative refuses.
fn refused(node: &Node, keys: &[&str], out: &mut Findings) {
    for entry in node.entries() {
        if let Some(key) = entry.key.text().filter(|key| keys.contains(key)) {
            out.add(&entry.key.place, format!("says `{key}`, which Knative refuses"));
        }
    }
}

fn container(workload: &Workload, out: &mut Findings) {
    let tree = &workload.tree;
    refused(tree, &CONTAINER, out);
    if workload.name.value == "queue-proxy" {
        out.add(&workload.name.place, "is named `queue-proxy`, like the container that Knative adds");
    }
    if let Some(context) = tree.get("securityContext") {
        refused(context, &SECURITY, out);
        if is_bool(context.get("privileged"), true)
            && let Some(place) = place_of(context, "privileged")
        {
            out.add(place, "is privileged, which Knative refuses");
        }
    }
    for mount in &workload.mounts {
        let path = mount.value.target.text.trim_end_matches('/');
        let path = if path.is_empty() && !mount.value.target.text.is_empty() { "/" } else { path };
        if PATHS.contains(&path) {
            out.add(&mount.place, format!("mounts over `{path}`, which Knative refuses"));
        }
    }
}

/// The name of a revision starts with the name of its Service (`validateRevisionName` of `v1/revision_validation.go`).
fn revision_name(object: &Manifest, out: &mut Findings) {
    let node = object.tree.at(&["spec", "template", "metadata", "name"]);
    let (Some(node), Some(owner)) = (node, &object.name) else { return };
    let Some(name) = node.text().filter(|name| !name.is_empty() && !name.contains(['$', '{'])) else { return };
    if !name.starts_with(&format!("{}-", owner.value)) {
        let message = format!("names the revision `{name}`, which has to start with `{}-`", owner.value);
        out.add(&node.place, message);
    }
}
