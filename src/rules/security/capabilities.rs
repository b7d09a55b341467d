//! `capabilities`: no container gets capabilities beyond those that engines give by default.

use crate::finding::Findings;
use crate::model::{LiveContainer, Process, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::live::common::{is_ours, report, shown, who};

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Workload(check), Check::Container(live)]);

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
        let message = adds(&added.value);
        out.add(&added.place, message);
    }
}

fn adds(capability: &str) -> String {
    match ROOT.contains(&capability) {
        true => format!("adds the capability `{capability}`, which is as good as root on the host"),
        false => format!("adds the capability `{capability}`"),
    }
}

/// A container of an engine. One that is privileged has all of them, which `privileged` says.
fn live(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    if !is_ours(container, plan) || container.privileged {
        return false;
    }
    let who = who(container, plan);
    let before = out.len();
    for added in container.cap_add.iter().filter(|added| !DEFAULT.contains(&added.as_str())) {
        report(out, container, &container.place, format!("{who} {}", adds(added)));
    }
    // A process of root has what its container has; of another user none should have any.
    let holds = |process: &&Process| process.uid != 0 && process.capabilities.is_some_and(|held| held != 0);
    let processes = container.processes.as_deref().unwrap_or_default();
    if let Some(process) = processes.iter().find(holds).filter(|_| out.len() == before) {
        let message = format!(
            "`{}` in {who} holds capabilities (`{:#x}`) though it runs as `{}`",
            shown(&process.name),
            process.capabilities.unwrap_or_default(),
            process.uid
        );
        report(out, container, &container.place, message)
            .help("take them from its file (`setcap -r`), or say `no-new-privileges`");
    }
    true
}
