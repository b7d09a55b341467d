//! What only a program in the container tells. Nothing here is called unless the user allows it.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::{proc, sockets};
use crate::engine::Engine;
use crate::model::{Listener, Process};

/// What a program prints; none when there is no such program. `Err`: why that is not known.
pub(super) fn printed(engine: &Engine, id: &str, words: &[&str]) -> Result<Option<String>, SmolStr> {
    match engine.exec(id, words) {
        Ok(printed) if printed.code == Some(0) => Ok(Some(printed.output)),
        // 126 and 127: it cannot be started.
        Ok(printed) if matches!(printed.code, Some(126 | 127)) => Ok(None),
        Ok(printed) => {
            let code =
                printed.code.map_or_else(|| "without an exit code".into(), |code| format!("with {code}"));
            Err(format!("`{}` ended {code}", words.join(" ")).into())
        }
        Err(error) => Err(error.message.into()),
    }
}

/// The sockets that listen, as the container itself sees them.
pub(super) fn listeners(engine: &Engine, id: &str) -> Result<Vec<Listener>, SmolStr> {
    match printed(engine, id, &["cat", "/proc/net/tcp", "/proc/net/tcp6"]) {
        Ok(Some(text)) => Ok(sockets::of_container(&text)),
        Ok(None) => Err("the container has no `cat`".into()),
        Err(why) => Err(why),
    }
}

/// The processes, numbered as the container itself counts.
pub(super) fn processes(engine: &Engine, id: &str) -> Result<Vec<Process>, SmolStr> {
    match printed(engine, id, &["sh", "-c", "cat /proc/[0-9]*/status 2>/dev/null; true"]) {
        Ok(Some(text)) => Ok(without_guests(proc::statuses(&text))),
        Ok(None) => Err("the container has no `sh`".into()),
        Err(why) => Err(why),
    }
}

/// Without what was started from outside, this call among it: such a process has no parent inside and is not PID 1, and what
/// it starts has a greater number.
fn without_guests(mut list: Vec<Process>) -> Vec<Process> {
    list.sort_by_key(|process| process.pid);
    let mut guests = HashSet::from([0]);
    list.retain(|process| {
        let is_guest = process.pid != 1 && guests.contains(&process.parent);
        if is_guest {
            guests.insert(process.pid);
        }
        !is_guest
    });
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_started_from_outside_is_left_out() {
        let status = |pid: u32, parent: u32, name: &str| {
            format!(
                "Name:\t{name}\nPid:\t{pid}\nPPid:\t{parent}\nUid:\t5\t6\t7\t8\nGid:\t1\t2\t3\t4\nGroups:\t \n"
            )
        };
        let text =
            [status(8, 7, "cat"), status(7, 0, "sh"), status(1, 0, "tini"), status(6, 1, "serve")].concat();
        let list = without_guests(proc::statuses(&text));
        let shown: Vec<(u32, &str, u32, u32)> = list
            .iter()
            .map(|process| (process.pid, process.name.as_str(), process.uid, process.gid))
            .collect();
        assert_eq!(shown, [(1, "tini", 6, 2), (6, "serve", 6, 2)]);
    }
}
