//! `/proc` of this machine (proc(5)), for processes that are provably those of a container.
//!
//! The numbers of processes come from an engine that may run in another machine, or see other numbers than this program
//! does. A process counts as a container's only while its control group is named after the container's id.

mod ids;
mod status;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;

use smol_str::SmolStr;

use self::ids::IdMap;
pub(super) use self::status::statuses;
use super::sockets;
use crate::model::{Listener, Process};

/// What is read of a file, in bytes; sockets that listen stand in front of the others.
const MAX_FILE: u64 = 1 << 20;
/// What is read of a command line, in bytes.
const MAX_COMMAND: u64 = 16 << 10;
/// Open files of one process that are looked at.
const MAX_OPEN: usize = 65_536;
/// Why nothing is known where the engine's processes are not those of this machine.
const ELSEWHERE: &str = "`/proc` of this machine does not show the container's processes";

/// Where processes are looked up.
#[derive(Debug)]
pub(super) struct Proc {
    root: PathBuf,
}

impl Proc {
    pub(super) fn of_this_machine() -> Self {
        Self { root: PathBuf::from("/proc") }
    }

    fn text(&self, pid: u32, name: &str, max: u64) -> Option<String> {
        let mut bytes = Vec::new();
        File::open(self.root.join(pid.to_string()).join(name))
            .ok()?
            .take(max)
            .read_to_end(&mut bytes)
            .ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether a process is one of a container: its control groups are named after the id.
    fn is_of(&self, id: &str, pid: u32) -> bool {
        let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id && self.text(pid, "cgroup", MAX_FILE).is_some_and(|groups| groups.contains(id))
    }

    /// Puts in what the engine does not tell of a process, when it is the container's. Users and groups are numbered as the
    /// container numbers them.
    pub(super) fn complete(&self, id: &str, process: &mut Process) {
        if let Some(known) = self.process(id, process.pid) {
            *process = Process { name: std::mem::take(&mut process.name), ..known };
        }
    }

    fn process(&self, id: &str, pid: u32) -> Option<Process> {
        if !self.is_of(id, pid) {
            return None;
        }
        let mut process = statuses(&self.text(pid, "status", MAX_FILE)?).pop()?;
        let map = |name: &str| IdMap::of(&self.text(pid, name, MAX_FILE).unwrap_or_default());
        let (users, groups) = (map("uid_map"), map("gid_map"));
        process.uid = users.inside(process.uid);
        process.gid = groups.inside(process.gid);
        process.groups.iter_mut().flatten().for_each(|group| *group = groups.inside(*group));
        let command = self.text(pid, "cmdline", MAX_COMMAND).unwrap_or_default();
        let words = command.strip_suffix('\0').unwrap_or(&command);
        process.command = match words.is_empty() {
            true => Vec::new(),
            false => words.split('\0').map(SmolStr::new).collect(),
        };
        // It may have ended meanwhile, and its number may be another's.
        self.is_of(id, pid).then_some(process)
    }

    /// Every process of a container on this machine.
    pub(super) fn processes(&self, id: &str) -> Vec<Process> {
        let Ok(folder) = fs::read_dir(&self.root) else { return Vec::new() };
        let pids = folder.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        pids.filter_map(|pid| self.process(id, pid)).collect()
    }

    /// The sockets that listen in the network of a process.
    pub(super) fn listeners(&self, id: &str, pid: u32) -> Result<Vec<Listener>, SmolStr> {
        self.sockets(id, pid).map(|text| sockets::of_container(&text))
    }

    /// The same, only those that these processes hold: the network is that of the host.
    pub(super) fn own_listeners(&self, id: &str, pid: u32, pids: &[u32]) -> Result<Vec<Listener>, SmolStr> {
        let text = self.sockets(id, pid)?;
        let mut held = HashSet::new();
        for pid in pids.iter().filter(|pid| self.is_of(id, **pid)) {
            self.hold(*pid, &mut held).ok_or(
                "its network is the host's, and this user may not see which sockets there are its own",
            )?;
        }
        let own = sockets::listening(&text).filter(|socket| held.contains(&socket.inode));
        let mut own: Vec<Listener> = own.map(|socket| socket.listener).collect();
        own.sort_unstable();
        own.dedup();
        Ok(own)
    }

    fn sockets(&self, id: &str, pid: u32) -> Result<String, SmolStr> {
        if !self.is_of(id, pid) {
            return Err(ELSEWHERE.into());
        }
        let first = self.text(pid, "net/tcp", MAX_FILE);
        // Without IPv6 there is no second table.
        let second = self.text(pid, "net/tcp6", MAX_FILE).unwrap_or_default();
        match first {
            Some(first) if self.is_of(id, pid) => Ok(format!("{first}\n{second}")),
            _ => Err("its sockets cannot be read from `/proc`".into()),
        }
    }

    /// The sockets that a process holds; `None`: nobody may look.
    fn hold(&self, pid: u32, held: &mut HashSet<u64>) -> Option<()> {
        let folder = fs::read_dir(self.root.join(pid.to_string()).join("fd")).ok()?;
        for entry in folder.take(MAX_OPEN).map_while(Result::ok) {
            let target = fs::read_link(entry.path()).unwrap_or_default();
            let inode = target.to_str().and_then(|target| target.strip_prefix("socket:[")?.strip_suffix(']'));
            held.extend(inode.and_then(|inode| inode.parse::<u64>().ok()));
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
