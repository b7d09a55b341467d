//! A `/proc` of files.

use std::net::Ipv4Addr;

use super::*;

const ID: &str = "5a98c9cf5b7fa0c79ba8412433ba4d81d9d128af51298c0c34dc9424ed74e5d3";

fn played(name: &str) -> Proc {
    let root = std::env::temp_dir().join(format!("plimsoll-proc-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    Proc { root }
}

fn put(proc: &Proc, pid: u32, name: &str, text: &str) {
    let path = proc.root.join(pid.to_string()).join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn process(proc: &Proc, pid: u32, group: &str, uid: u32) {
    put(proc, pid, "cgroup", group);
    let status = format!(
        "Name:\tserve\nPid:\t{pid}\nPPid:\t1\nUid:\t9\t{uid}\t9\t9\nGid:\t9\t{uid}\t9\t9\nGroups:\t{uid}\n"
    );
    put(proc, pid, "status", &status);
    put(proc, pid, "cmdline", "/bin/serve\0--port\0\u{38}\0");
    let local = if cfg!(target_endian = "little") { "0100007F" } else { "7F000001" };
    put(
        proc,
        pid,
        "net/tcp",
        &format!("  sl\n 0: {local}:0050 0:0 0A 0 0 0 0 0 41\n 1: 00000000:0051 0:0 0A 0 0 0 0 0 42\n"),
    );
}

fn listed(pid: u32) -> Process {
    Process {
        pid,
        parent: 0,
        uid: 77,
        gid: 77,
        groups: None,
        name: "listed".into(),
        command: Vec::new(),
        capabilities: None,
        no_new_privileges: None,
    }
}

#[test]
fn only_processes_of_the_container_are_completed() {
    let proc = played("complete");
    for (pid, group) in [
        (10, format!("9:name=systemd:/docker/{ID}\n0::/docker/{ID}\n")),
        (11, format!("0::/system.slice/docker-{ID}.scope\n")),
        (12, format!("0::/../{ID}\n")),
        (13, "0::/user.slice\n".to_owned()),
        (14, format!("0::/docker/{}\n", ID.replace('5', "6"))),
    ] {
        process(&proc, pid, &group, 10001);
    }
    for (pid, expected) in [(10, 10001), (11, 10001), (12, 10001), (13, 77), (14, 77), (15, 77)] {
        let mut one = listed(pid);
        proc.complete(ID, &mut one);
        assert_eq!((one.uid, one.gid, one.pid), (expected, expected, pid));
        assert_eq!(one.command.is_empty(), expected == 77);
        assert_eq!(one.name, "listed");
    }
    // What an engine says in place of an id never makes a foreign process the container's.
    for id in ["", "/", "slice", "0"] {
        let mut one = listed(13);
        proc.complete(id, &mut one);
        assert_eq!(one.uid, 77, "{id}");
    }
    let mut found: Vec<u32> = proc.processes(ID).iter().map(|process| process.pid).collect();
    found.sort_unstable();
    assert_eq!(found, [10, 11, 12]);
    fs::remove_dir_all(&proc.root).unwrap();
}

#[test]
fn numbers_are_those_inside() {
    let proc = played("maps");
    process(&proc, 10, &format!("0::/docker/{ID}\n"), 110_001);
    for map in ["uid_map", "gid_map"] {
        put(&proc, 10, map, "0 100000 65536\n");
    }
    let mut one = listed(10);
    proc.complete(ID, &mut one);
    assert_eq!((one.uid, one.gid, one.groups), (10001, 10001, Some(vec![10001])));
    assert_eq!(one.command, ["/bin/serve", "--port", "8"]);
    fs::remove_dir_all(&proc.root).unwrap();
}

#[test]
#[cfg(unix)]
fn sockets_of_the_host_are_told_apart() {
    let proc = played("sockets");
    process(&proc, 10, &format!("0::/docker/{ID}\n"), 1);
    process(&proc, 20, "0::/user.slice\n", 1);
    let all = proc.listeners(ID, 10).unwrap();
    assert_eq!(all.iter().map(|listener| listener.port).collect::<Vec<_>>(), [81, 80]);
    assert!(proc.listeners(ID, 20).unwrap_err().contains("does not show"));
    assert!(proc.own_listeners(ID, 10, &[10]).unwrap_err().contains("may not see"));
    fs::create_dir_all(proc.root.join("10/fd")).unwrap();
    for (number, target) in [("0", "/dev/null"), ("3", "socket:[41]"), ("4", "socket:[x]")] {
        std::os::unix::fs::symlink(target, proc.root.join("10/fd").join(number)).unwrap();
    }
    let own = proc.own_listeners(ID, 10, &[10, 20]).unwrap();
    assert_eq!(own, [Listener { address: Ipv4Addr::LOCALHOST.into(), port: 80 }]);
    fs::remove_dir_all(&proc.root).unwrap();
}
