//! `capabilities`: no container gets capabilities beyond those that engines give by default.

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

/// What engines give by default (moby `oci/caps/defaults.go`); adding one behind `drop: [ALL]` is the right way.
const DEFAULT: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
/// Those that are as good as root on the host.
const ROOT: [&str; 7] =
    ["ALL", "BPF", "DAC_READ_SEARCH", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO"];

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    for added in workload.cap_add.iter().filter(|added| !DEFAULT.contains(&added.value.as_str())) {
        let message = match ROOT.contains(&added.value.as_str()) {
            true => format!("adds the capability `{}`, which is as good as root on the host", added.value),
            false => format!("adds the capability `{}`", added.value),
        };
        out.add(&added.place, message);
    }
}
