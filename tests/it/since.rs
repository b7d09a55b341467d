//! `--since`: what a pull request brings, and nothing else.

use std::path::Path;
use std::process::Command;

use crate::support::{Run, folder, plimsoll, plimsoll_with_env, write};

const PLAN: &str =
    "extends = [\"recommended\"]\n[user]\nuid = 10001\n[images.hierarchy]\nbase = { from = \"debian:12\" }\n";
const GOOD: &str = "FROM debian:12.5\nUSER 10001\nCMD [\"sleep\", \"1\"]\n";

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(status.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&status.stderr));
}

fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "x", "--allow-empty"]);
}

/// A repository whose `main` has an old finding in `old/Dockerfile` and none in the others; a branch is checked out.
fn repository(name: &str) -> std::path::PathBuf {
    let folder = folder(&format!("since/{name}"));
    git(&folder, &["init", "-q"]);
    write(&folder.join("plimsoll.toml"), PLAN);
    write(&folder.join("old/Dockerfile"), "FROM debian:12.5\nRUN true\nUSER 0\n");
    write(&folder.join("web/Dockerfile"), GOOD);
    write(&folder.join("base/Dockerfile"), "FROM debian:12\nUSER 10001\n");
    write(&folder.join("child/Dockerfile"), "FROM base\nCMD [\"sleep\", \"1\"]\n");
    commit(&folder);
    git(&folder, &["checkout", "-qb", "work"]);
    folder
}

fn since(folder: &Path, revision: &str) -> Run {
    let check = ["check", ".", "--select", "runtime-user", "--format", "concise", "--since", revision];
    plimsoll(folder, &check)
}

/// The places of findings: `web/Dockerfile:1`.
fn places(run: &Run) -> Vec<String> {
    assert!(matches!(run.code, Some(0 | 1)), "{run:?}");
    let place = |line: &str| line.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
    run.stdout.lines().filter(|line| line.contains("[runtime-user]")).map(place).collect()
}

#[test]
fn what_was_there_is_quiet_and_what_comes_is_not() {
    let folder = repository("new");
    assert_eq!(places(&since(&folder, "main")), [""; 0]);
    // On a line that changed, in a file that git does not track, and after lines moved.
    write(&folder.join("web/Dockerfile"), GOOD.replace("10001", "0"));
    write(&folder.join("fresh/Dockerfile"), GOOD.replace("10001", "1"));
    write(&folder.join("old/Dockerfile"), "# a\n# b\nFROM debian:12.5\nRUN true\nUSER 0\n");
    let expected = ["fresh/Dockerfile:2", "web/Dockerfile:2"];
    assert_eq!(places(&since(&folder, "main")), expected);
    commit(&folder);
    assert_eq!(places(&since(&folder, "main")), expected);
    // From a folder of the repository.
    let run = plimsoll(&folder.join("web"), &["check", ".", "--select", "runtime-user", "--since", "main"]);
    assert!(run.code == Some(1) && run.stdout.contains("1 error"), "{run:?}");
    let run = plimsoll(&folder.join("old"), &["check", ".", "--select", "runtime-user", "--since", "main"]);
    assert!(run.code == Some(0) && run.stdout.contains("1 older"), "{run:?}");
}

#[test]
fn a_line_that_was_taken_out_leaves_no_line_and_is_found() {
    let folder = repository("taken-out");
    write(&folder.join("web/Dockerfile"), GOOD.replace("USER 10001\n", ""));
    assert_eq!(places(&since(&folder, "main")), ["web/Dockerfile:1"]);
}

#[test]
fn what_a_base_image_breaks_in_its_children_is_new() {
    let folder = repository("base");
    write(&folder.join("base/Dockerfile"), "FROM debian:12\nUSER 0\n");
    assert_eq!(places(&since(&folder, "main")), ["child/Dockerfile:1"]);
}

#[test]
fn who_touches_a_line_answers_for_it() {
    let folder = repository("touched");
    write(&folder.join("old/Dockerfile"), "FROM debian:12.5\nRUN true\nUSER  0\n");
    assert_eq!(places(&since(&folder, "main")), ["old/Dockerfile:3"]);
}

#[test]
fn a_stricter_plan_answers_for_what_it_forbids() {
    let folder = repository("plan");
    write(&folder.join("plimsoll.toml"), PLAN.replace("10001", "10002"));
    let all = ["child/Dockerfile:1", "old/Dockerfile:3", "web/Dockerfile:2"];
    assert_eq!(places(&since(&folder, "main")), all);
}

#[test]
fn what_the_other_branch_mended_since_is_not_new() {
    let folder = repository("forked");
    commit(&folder);
    git(&folder, &["checkout", "-q", "main"]);
    write(&folder.join("old/Dockerfile"), GOOD);
    commit(&folder);
    git(&folder, &["checkout", "-q", "work"]);
    assert_eq!(places(&since(&folder, "main")), [""; 0]);
}

#[test]
fn names_from_the_repository_do_no_harm() {
    let folder = repository("names");
    // A name with a line break and quotes, a link out of the tree, text that looks like a diff.
    write(&folder.join("a\n+++ b/old/Dockerfile\n@@ -0,0 +1,99 @@/Dockerfile"), GOOD.replace("10001", "0"));
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc", folder.join("out")).unwrap();
    write(&folder.join("web/notes"), "+++ b/old/Dockerfile\n@@ -0,0 +1,99 @@\n");
    commit(&folder);
    let run = since(&folder, "main");
    assert_eq!(run.stdout.matches("[runtime-user]").count(), 1, "{run:?}");
    assert!(!run.stdout.contains("old/Dockerfile:3"), "{run:?}");
    // The link is written down again for the next branch.
    assert_eq!(since(&folder, "work").code, Some(0));
}

#[test]
fn what_cannot_be_compared_is_exit_2_with_advice() {
    let folder = repository("refused");
    for revision in ["no-such-branch", "--help", "-n", "", "main..work"] {
        let argument = format!("--since={revision}");
        let run = plimsoll(&folder, &["check", ".", &argument]);
        assert_eq!(run.code, Some(2), "{revision}: {run:?}");
        assert!(
            run.stderr.contains("no revision") && run.stderr.contains("fetch-depth"),
            "{revision}: {run:?}"
        );
    }
    let alone = std::env::temp_dir().join(format!("plimsoll-alone-{}", std::process::id()));
    write(&alone.join("Dockerfile"), GOOD);
    let run = plimsoll(&alone, &["check", ".", "--since", "main"]);
    std::fs::remove_dir_all(&alone).unwrap();
    assert!(run.code == Some(2) && run.stderr.contains("not a git repository"), "{run:?}");
}

#[test]
fn no_folder_of_the_call_is_left_behind() {
    let folder = repository("left");
    let temporary = crate::support::folder("since/temporary");
    let environment = [("TMPDIR", temporary.to_str().unwrap())];
    let check = ["check", ".", "--select", "runtime-user", "--since", "main"];
    let run = plimsoll_with_env(&folder, &check, &environment);
    assert!(run.code == Some(0) && run.stdout.contains("1 older"), "{run:?}");
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    // It was made there: without it nothing can be compared.
    let nowhere = [("TMPDIR", "/nowhere/at/all")];
    let run = plimsoll_with_env(&folder, &check, &nowhere);
    assert!(run.code == Some(2) && run.stderr.contains("no temporary folder"), "{run:?}");
}
