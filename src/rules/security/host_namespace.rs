//! `host-namespace`: no container shares the network, the processes or the memory of its host.

use crate::finding::Findings;
use crate::model::{ManifestFile, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::{is_bool, place_of};

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Workload(services), Check::Manifests(pods)]);

pub(in crate::rules) use crate::rules::always as planned;

/// Keys of a compose service that take `host`, with what is shared.
const SERVICE: [(&str, &str); 5] = [
    ("network_mode", "network"),
    ("pid", "processes"),
    ("ipc", "shared memory"),
    ("uts", "host name"),
    ("userns_mode", "user ids"),
];
/// Keys of a pod.
const POD: [(&str, &str); 3] =
    [("hostNetwork", "network"), ("hostPID", "processes"), ("hostIPC", "shared memory")];

fn services(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    if workload.kind.in_pod() {
        return;
    }
    for (key, what) in SERVICE {
        if let Some(node) = workload.tree.get(key).filter(|node| node.text() == Some("host")) {
            out.add(&node.place, format!("`{key}: host` shares the {what} of the host"));
        }
    }
}

fn pods(file: &ManifestFile, _plan: &Plan, out: &mut Findings) {
    for object in &file.objects {
        let Some(pod) = &object.pod else { continue };
        for (key, what) in POD {
            if is_bool(pod.spec.get(key), true)
                && let Some(place) = place_of(&pod.spec, key)
            {
                out.add(place, format!("`{key}` shares the {what} of the host")).subject(object.label());
            }
        }
    }
}
