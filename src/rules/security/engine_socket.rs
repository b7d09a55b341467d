//! `engine-socket`: no container can give orders to the engine of its host.

use crate::finding::Findings;
use crate::model::{MountKind, Workload};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Sockets that start containers as root.
const SOCKETS: [&str; 5] = ["docker.sock", "containerd.sock", "crio.sock", "podman.sock", "dockershim.sock"];

/// Whether a path of the host is the socket of an engine.
pub(super) fn is_socket(path: &str) -> bool {
    SOCKETS.iter().any(|socket| path.rsplit('/').next() == Some(socket))
}

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    for mount in workload.mounts.iter().filter(|mount| mount.value.kind == MountKind::Bind) {
        if let Some(source) = mount.value.source.as_ref().filter(|source| is_socket(&source.text)) {
            let message = format!("mounts `{}`: whoever writes to it is root on the host", source.text);
            out.add(&mount.place, message);
        }
    }
}
