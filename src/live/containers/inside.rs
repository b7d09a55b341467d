//! What only a program in the container tells. Nothing here is called unless the user allows it.

use smol_str::SmolStr;

use super::{proc, sockets};
use crate::engine::Engine;
use crate::model::{Listener, LiveFile, Process};

/// What a program prints, as a file.
pub(super) fn printed(engine: &Engine, id: &str, words: &[&str]) -> LiveFile {
    match output(engine, id, words) {
        Ok(Some(text)) => LiveFile::Text(text.into()),
        Ok(None) => LiveFile::Absent,
        Err(why) => LiveFile::Unknown(why),
    }
}

/// What a program prints; `None`: there is no such program.
fn output(engine: &Engine, id: &str, words: &[&str]) -> Result<Option<String>, SmolStr> {
    let printed = engine.exec(id, words).map_err(|error| SmolStr::new(error.message))?;
    match printed.code {
        Some(0) => Ok(Some(printed.output)),
        // It cannot be started (POSIX, sh: 2.8.2).
        Some(126 | 127) => Ok(None),
        Some(code) => Err(format!("`{}` ended with {code}", words[0]).into()),
        None => Err(format!("nobody tells how `{}` ended", words[0]).into()),
    }
}

/// The sockets that listen, as the container itself sees them.
pub(super) fn listeners(engine: &Engine, id: &str) -> Result<Vec<Listener>, SmolStr> {
    let text = output(engine, id, &["cat", "/proc/net/tcp", "/proc/net/tcp6"])?;
    text.map(|text| sockets::of_container(&text)).ok_or_else(|| "the container has no `cat`".into())
}

/// The processes, numbered as the container itself counts.
pub(super) fn processes(engine: &Engine, id: &str) -> Result<Vec<Process>, SmolStr> {
    let text = output(engine, id, &["sh", "-c", "exec cat /proc/[0-9]*/status 2>/dev/null"])?;
    let list = text.map(|text| without_guests(proc::statuses(&text)));
    list.ok_or_else(|| "the container has no `sh`".into())
}

/// Without what was started from outside, this call among it: such a process has no parent, and is not PID 1.
fn without_guests(mut list: Vec<Process>) -> Vec<Process> {
    list.sort_by_key(|process| process.pid);
    list.retain(|process| process.pid == 1 || process.parent != 0);
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
        let text = [status(7, 0, "cat"), status(1, 0, "tini"), status(6, 1, "serve")].concat();
        let list = without_guests(proc::statuses(&text));
        let shown: Vec<(u32, &str, u32, u32)> = list
            .iter()
            .map(|process| (process.pid, process.name.as_str(), process.uid, process.gid))
            .collect();
        assert_eq!(shown, [(1, "tini", 6, 2), (6, "serve", 6, 2)]);
    }
}
