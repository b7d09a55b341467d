//! `/proc/PID/status`.

use crate::model::Process;

/// Groups of a process at most (`NGROUPS_MAX` of the kernel).
const MAX_GROUPS: usize = 65_536;

/// The processes of one such text, or of several put together. One without a number, user or group is left out.
pub(in crate::live::containers) fn statuses(text: &str) -> Vec<Process> {
    let mut list = Vec::new();
    let mut now: Option<Partial> = None;
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        if key == "Name" {
            list.extend(now.take().and_then(Partial::whole));
            now = Some(Partial { name: value.to_owned(), ..Partial::default() });
        } else if let Some(now) = &mut now {
            now.set(key, value);
        }
    }
    list.extend(now.and_then(Partial::whole));
    list
}

/// What is read of a process so far.
#[derive(Default)]
struct Partial {
    name: String,
    pid: Option<u32>,
    parent: Option<u32>,
    uid: Option<u32>,
    gid: Option<u32>,
    groups: Option<Vec<u32>>,
    capabilities: Option<u64>,
    no_new_privileges: Option<bool>,
}

impl Partial {
    fn set(&mut self, key: &str, value: &str) {
        let number = |at: usize| value.split_ascii_whitespace().nth(at)?.parse().ok();
        match key {
            "Pid" => self.pid = number(0),
            "PPid" => self.parent = number(0),
            // Real, effective, saved, of the file system.
            "Uid" => self.uid = number(1),
            "Gid" => self.gid = number(1),
            "Groups" => {
                let groups = value.split_ascii_whitespace().take(MAX_GROUPS);
                self.groups = Some(groups.filter_map(|group| group.parse().ok()).collect());
            }
            "CapEff" => self.capabilities = u64::from_str_radix(value, 16).ok(),
            "NoNewPrivs" => {
                self.no_new_privileges = match value {
                    "0" => Some(false),
                    "1" => Some(true),
                    _ => None,
                }
            }
            _ => {}
        }
    }

    fn whole(self) -> Option<Process> {
        Some(Process {
            pid: self.pid?,
            parent: self.parent?,
            uid: self.uid?,
            gid: self.gid?,
            groups: self.groups,
            name: self.name.chars().take(64).collect(),
            command: Vec::new(),
            capabilities: self.capabilities,
            no_new_privileges: self.no_new_privileges,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::statuses;

    #[test]
    fn effective_numbers_count() {
        let text = "Name:\ttini\nPid:\t31977\nPPid:\t31957\nUid:\t1\t10001\t2\t3\nGid:\t4\t10002\t5\t6\nGroups:\t10001 44 \n\
                    CapEff:\t00000000a80425fb\nNoNewPrivs:\t1\n";
        let list = statuses(text);
        assert_eq!(list.len(), 1);
        let process = &list[0];
        assert_eq!((process.pid, process.parent, process.uid, process.gid), (31977, 31957, 10001, 10002));
        assert_eq!(process.groups.as_deref(), Some(&[10001, 44][..]));
        assert_eq!((process.capabilities, process.no_new_privileges), (Some(0xa804_25fb), Some(true)));
    }

    #[test]
    fn what_is_missing_stays_unknown() {
        let bare = "Name:\ta\nPid:\t1\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n";
        let list = statuses(bare);
        assert!(
            list[0].groups.is_none() && list[0].capabilities.is_none() && list[0].no_new_privileges.is_none()
        );
        for text in [
            "",
            "Name:\ta\n",
            "Pid:\t1\nUid:\t1\t1\n",
            "Name:\ta\nPid:\tx\nPPid:\t0\nUid:\t0\t0\nGid:\t0\t0\n",
        ] {
            assert!(statuses(text).is_empty(), "{text}");
        }
    }
}
