//! The processes of a container: the engine lists them, `/proc` tells the rest.

use serde_json::Value;
use smol_str::SmolStr;

use super::{Reader, inside};
use crate::model::Process;

/// Processes of one container at most.
const MAX_PROCESSES: usize = 4_096;

impl Reader<'_> {
    /// Its processes, PID 1 first. `pid`: the number of PID 1 as the host counts.
    pub(super) fn processes(&self, id: &str, pid: u32) -> Result<Vec<Process>, SmolStr> {
        let listed = match self.engine.top(id) {
            Ok(top) => table(&top),
            Err(error) => Err(error.message.into()),
        };
        let mut list = match listed {
            Ok(list) => list,
            Err(why) => return self.processes_unlisted(id, pid).ok_or(why),
        };
        list.iter_mut().for_each(|process| self.proc.complete(id, process));
        list.sort_by_key(|process| (process.pid != pid, process.pid));
        Ok(list)
    }

    /// The processes where the engine does not list them.
    fn processes_unlisted(&self, id: &str, pid: u32) -> Option<Vec<Process>> {
        let mut list = self.proc.processes(id);
        if list.is_empty() && self.allow_exec {
            return inside::processes(self.engine, id).ok().filter(|list| !list.is_empty());
        }
        list.sort_by_key(|process| (process.pid != pid, process.pid));
        (!list.is_empty()).then_some(list)
    }
}

/// The table of `top`, by its titles.
fn table(top: &Value) -> Result<Vec<Process>, SmolStr> {
    let titles: Vec<&str> = top["Titles"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|title| title.as_str().unwrap_or_default())
        .collect();
    let column = |name: &str| titles.iter().position(|title| title.eq_ignore_ascii_case(name));
    let known = (column("PID"), column("PPID"), column("UID"), column("GID"));
    let (Some(pid), Some(parent), Some(uid), Some(gid)) = known else {
        return Err("the engine lists its processes without their users and groups".into());
    };
    let name = column("COMMAND").or_else(|| column("COMM"));
    let rows = top["Processes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let process = |row: &Value| {
        let number = |at: usize| row[at].as_str()?.trim().parse().ok();
        Some(Process {
            pid: number(pid)?,
            parent: number(parent)?,
            uid: number(uid)?,
            gid: number(gid)?,
            groups: None,
            name: name.and_then(|at| row[at].as_str()).unwrap_or_default().chars().take(64).collect(),
            command: Vec::new(),
            capabilities: None,
            no_new_privileges: None,
        })
    };
    let list: Option<Vec<Process>> = rows.iter().take(MAX_PROCESSES).map(process).collect();
    match list {
        Some(list) if !list.is_empty() => Ok(list),
        Some(_) => Err("the engine lists no process of it".into()),
        None => Err("the engine lists its processes in a way that cannot be read".into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::table;

    #[test]
    fn tables_are_read_by_their_titles() {
        let top = json!({
            "Processes": [["31977", "31957", "10001", "10002", "tini"], ["32025", "31977", "0", "0", "a b"]],
            "Titles": ["PID", "PPID", "UID", "GID", "COMMAND"],
        });
        let list = table(&top).unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!((list[0].pid, list[0].parent, list[0].uid, list[0].gid), (31977, 31957, 10001, 10002));
        assert_eq!((list[1].uid, list[1].name.as_str()), (0, "a b"));
        assert!(list[0].groups.is_none() && list[0].capabilities.is_none());
        let swapped = json!({"Titles": ["gid", "uid", "ppid", "pid"], "Processes": [["1", "2", "3", "4"]]});
        let list = table(&swapped).unwrap();
        assert_eq!((list[0].gid, list[0].uid, list[0].parent, list[0].pid), (1, 2, 3, 4));
    }

    #[test]
    fn odd_tables_tell_nothing() {
        let titles = json!(["PID", "PPID", "UID", "GID"]);
        for (top, words) in [
            (json!(null), "without their users"),
            (
                json!({"Titles": ["UID", "PID", "PPID", "C"], "Processes": [["root", "1", "0", "0"]]}),
                "without their users",
            ),
            (json!({"Titles": titles, "Processes": []}), "no process"),
            (json!({"Titles": titles}), "no process"),
            (json!({"Titles": titles, "Processes": [["1", "0", "root", "0"]]}), "cannot be read"),
            (json!({"Titles": titles, "Processes": [["1"], 7, null]}), "cannot be read"),
            (json!({"Titles": titles, "Processes": [["-1", "0", "0", "0"]]}), "cannot be read"),
        ] {
            let why = table(&top).unwrap_err();
            assert!(why.contains(words), "{top}: {why}");
        }
    }
}
