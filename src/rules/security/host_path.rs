//! `host-path`: no container works in folders of its host.

use super::engine_socket::is_socket;
use crate::finding::Findings;
use crate::model::{MountKind, Workload};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Folders of the system itself; with what is below them.
const SYSTEM: [&str; 14] = [
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/usr",
    "/var/lib", "/var/run",
];

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    for mount in workload.mounts.iter().filter(|mount| mount.value.kind == MountKind::Bind) {
        let Some(path) = mount.value.source.as_ref().and_then(|source| source.certain()) else { continue };
        // `engine-socket` reports sockets.
        if is_socket(path) {
            continue;
        }
        let system = path == "/" || SYSTEM.iter().any(|folder| is_below(path, folder));
        let message = match (workload.kind.in_pod(), system) {
            (_, true) if !mount.value.read_only => format!("mounts `{path}` of the host, and may write to it"),
            // A service of one machine may well share its data; a pod lands on any node.
            (true, _) => format!("mounts `{path}` of whichever node it runs on"),
            _ => continue,
        };
        out.add(&mount.place, message);
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
