//! `plimsoll init`: what it writes, what it leaves alone, and that a check runs with it right away.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Run, folder, plimsoll, repository, write};

const FLEETS: [&str; 11] = [
    "aim",
    "blueprint",
    "blueprint-broken",
    "blueprint-deploy-broken",
    "frames-api",
    "frames-api-broken",
    "harbour",
    "knative",
    "knative-broken",
    "messy",
    "phase4",
];

/// A folder that is the root of a repository of its own.
fn root(name: &str) -> PathBuf {
    let folder = folder(&format!("init/{name}"));
    fs::create_dir_all(folder.join(".git")).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else if entry.file_type().unwrap().is_file() {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A fleet of the testdata without its plan.
fn fleet(of: &str, name: &str) -> PathBuf {
    let folder = root(&format!("{of}-{name}"));
    copy(&repository("testdata/fleets").join(name), &folder);
    fs::remove_file(folder.join("plimsoll.toml")).unwrap();
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// What a plan says against itself: the file of each finding and its message.
fn contradictions(folder: &Path) -> Vec<(String, String)> {
    let own = plimsoll(folder, &["plan", "check", "--format", "json", "--fail-on", "note"]);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let found = own.findings().into_iter().filter(|finding| finding["rule"] == "plan-contradiction");
    found.map(|finding| (text(&finding["file"]), text(&finding["message"]))).collect()
}

#[test]
fn a_plan_that_contradicts_itself_is_seen_to() {
    let folder = root("contradicts");
    write(
        &folder.join("plimsoll.toml"),
        "extends = [\"recommended\"]\n[machines.quay]\n[services.rows]\nTide = { on = \"shed\" }\n",
    );
    let own = contradictions(&folder);
    assert!(
        matches!(own.as_slice(), [(file, message)] if file == "plimsoll.toml" && message.contains("`shed`")),
        "{own:?}"
    );
}

#[test]
fn every_fleet_gets_a_plan_that_loads_and_does_not_contradict_itself() {
    for name in FLEETS {
        let folder = fleet("fleet", name);
        let init = plimsoll(&folder, &["init"]);
        assert_eq!(init.code, Some(0), "{name}: {init:?}");
        assert!(
            init.stdout.contains("Wrote plimsoll.toml") && init.stdout.contains("finds "),
            "{name}: {init:?}"
        );
        let plan = read(&folder, "plimsoll.toml");
        // The bases of one fleet come back to themselves; of no other anything had to be taken back.
        assert_eq!(plan.contains("not in force, because"), name == "blueprint-broken", "{name}\n{plan}");
        let shown = plimsoll(&folder, &["plan", "show"]);
        assert_eq!(shown.code, Some(0), "{name}: {shown:?}\n{plan}");
        let (own, fault) = (contradictions(&folder), "is no machine of the plan");
        assert!(own.iter().all(|(file, _)| file != "plimsoll.toml"), "{name}: {own:?}\n{plan}");
        assert!(own.iter().all(|(_, message)| !message.contains(fault)), "{name}: {own:?}\n{plan}");
        let check = plimsoll(&folder, &["check", "--format", "json"]);
        assert!(matches!(check.code, Some(0 | 1)), "{name}: {check:?}");
    }
}

#[test]
fn the_fleet_in_order_is_understood() {
    let folder = fleet("understood", "blueprint");
    let init = plimsoll(&folder, &["init"]);
    let plan = read(&folder, "plimsoll.toml");
    for line in [
        "uid = 10001",
        "gid = 10001",
        "process = \"tini\"",
        "multi-stage = true",
        "version = \"3.11\"",
        "legacy = { version = \"3.10\", base = \"legacy-py310-cpu\" }",
        "path = \"/health\"",
        "interval = \"30s\"",
        "retries = 3",
        "registry = \"ghcr.io/example\"",
        "base-utils = { from = \"base-python\"",
        "family-web = { from = \"base-cpu-pydeps\"",
        "table = { file = \"docs/plan.md\", heading = \"6. Fleet table\" }",
    ] {
        let found = plan.lines().find(|found| found.starts_with(line));
        assert!(found.is_some(), "{line}\n{plan}");
    }
    assert!(plan.lines().any(|line| line.starts_with("uid = 10001") && line.contains("images")), "{plan}");
    assert!(init.stdout.contains("plimsoll plan import docs/plan.md"), "{init:?}");
    assert!(
        read(&folder, ".pre-commit-config.yaml").contains(r"|plimsoll\.toml|docs/plan\.md)$'"),
        "{init:?}"
    );
    // The fleet keeps its own plan, and so it keeps one that was read off it, but for what nobody wrote into a file: under
    // which other names four rows of the table are built.
    let check = plimsoll(&folder, &["check", "--format", "json"]);
    let (named, others): (Vec<_>, Vec<_>) =
        check.findings().into_iter().partition(|finding| finding["rule"] == "service-coverage");
    assert!(others.is_empty() && named.len() == 4, "{named:?} {others:?}");
}

#[test]
fn an_empty_folder_gets_a_plan_as_well() {
    let folder = root("empty");
    let init = plimsoll(&folder, &["init"]);
    assert!(init.code == Some(0) && init.stdout.contains("no Dockerfile"), "{init:?}");
    assert_eq!(plimsoll(&folder, &["plan", "show"]).code, Some(0));
    write(&folder.join("Dockerfile"), "FROM debian:12.5\nUSER 10001:10001\nCMD [\"sleep\", \"1\"]\n");
    let check = plimsoll(&folder, &["check"]);
    assert!(matches!(check.code, Some(0 | 1)), "{check:?}");
}

#[test]
fn nothing_is_overwritten_and_a_dry_run_writes_nothing() {
    let folder = root("left-alone");
    write(&folder.join("web/Dockerfile"), "FROM debian:12.5\nUSER 10001:10001\nCMD [\"sleep\", \"1\"]\n");
    write(&folder.join(".github/x"), "");
    let listed = || {
        let mut names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = listed();
    let dry = plimsoll(&folder, &["init", "--dry-run"]);
    assert_eq!((dry.code, listed()), (Some(0), before.clone()), "{dry:?}");
    for word in [
        "==> plimsoll.toml (would be written)",
        "extends = ",
        "repo: local",
        "actions/checkout@",
        "Nothing was written",
    ] {
        assert!(dry.stdout.contains(word), "{word}: {dry:?}");
    }
    write(&folder.join(".pre-commit-config.yaml"), "repos: []\n");
    let init = plimsoll(&folder, &["init"]);
    assert_eq!(init.code, Some(0), "{init:?}");
    assert!(init.stdout.contains("Not written: .pre-commit-config.yaml (exists already"), "{init:?}");
    assert!(init.stdout.contains("      - repo: local"), "what to add is printed: {init:?}");
    assert_eq!(read(&folder, ".pre-commit-config.yaml"), "repos: []\n");
    let (plan, workflow) = (read(&folder, "plimsoll.toml"), read(&folder, ".github/workflows/plimsoll.yml"));
    fs::remove_file(folder.join(".github/workflows/plimsoll.yml")).unwrap();
    write(&folder.join("plimsoll.toml"), "# mine\n");
    let again = plimsoll(&folder, &["init"]);
    assert!(again.code == Some(0) && again.stdout.contains("plimsoll.toml exists already"), "{again:?}");
    assert_eq!(
        (read(&folder, "plimsoll.toml").as_str(), read(&folder, ".github/workflows/plimsoll.yml")),
        ("# mine\n", workflow)
    );
    for arguments in [["init"].as_slice(), &["init", "--plan-only"]] {
        let third = plimsoll(&folder, arguments);
        assert!(
            third.code == Some(2) && third.stderr.contains("`plimsoll.toml` exists already"),
            "{third:?}"
        );
        assert!(third.stdout.is_empty(), "{third:?}");
    }
    assert!(plan.contains("uid = 10001"), "{plan}");
    let left: Vec<_> = listed().into_iter().filter(|name| name.to_string_lossy().contains(".new")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn hook_and_workflow_go_where_they_are_read() {
    // Remote on GitHub; GitLab; a folder below the root; the plan alone.
    let github = root("github");
    write(&github.join(".git/config"), "[remote \"origin\"]\n\turl = git@github.com:o/r.git\n");
    write(&github.join(".git/refs/remotes/origin/HEAD"), "ref: refs/remotes/origin/trunk\n");
    let init = plimsoll(&github, &["init"]);
    let workflow = read(&github, ".github/workflows/plimsoll.yml");
    assert!(init.code == Some(0) && workflow.contains("branches: ['trunk']"), "{init:?}\n{workflow}");
    assert!(
        workflow.contains("persist-credentials: false") && workflow.contains("\n  contents: read\n"),
        "{workflow}"
    );
    assert!(read(&github, ".pre-commit-config.yaml").contains("language: system"));
    // A gate of what a pull request brings, which nothing that it says becomes shell text of.
    for line in [
        "          fetch-depth: 0",
        "          BASE: ${{ github.base_ref }}",
        "          if [ -n \"$BASE\" ]; then since=(--since \"origin/$BASE\"); fi",
    ] {
        assert!(workflow.lines().any(|found| found == line), "{line}\n{workflow}");
    }
    let script = workflow.split_once("        run: |\n").unwrap().1;
    let script: Vec<&str> = script.lines().take_while(|line| line.starts_with("          ")).collect();
    assert!(script.len() == 4 && !script.iter().any(|line| line.contains("${{")), "{script:?}");
    let linked = root("github-linked");
    fs::remove_dir(linked.join(".git")).unwrap();
    write(&linked.join(".git"), "gitdir: ../github/.git/worktrees/linked\n");
    write(&github.join(".git/worktrees/linked/commondir"), "../..\n");
    let init = plimsoll(&linked, &["init"]);
    assert_eq!(read(&linked, ".github/workflows/plimsoll.yml"), workflow, "{init:?}");
    let gitlab = root("gitlab");
    write(&gitlab.join(".gitlab-ci.yml"), "stages: []\n");
    let init = plimsoll(&gitlab, &["init"]);
    assert!(init.stdout.contains("--output gitlab=") && !gitlab.join(".github").exists(), "{init:?}");
    assert_eq!(read(&gitlab, ".gitlab-ci.yml"), "stages: []\n");
    let below = github.join("deploy");
    fs::create_dir(&below).unwrap();
    let init = plimsoll(&below, &["init"]);
    assert!(init.stdout.contains("root of the repository lies above"), "{init:?}");
    assert!(below.join("plimsoll.toml").exists() && !below.join(".pre-commit-config.yaml").exists());
    let alone = root("alone");
    write(&alone.join(".github/x"), "");
    assert_eq!(plimsoll(&alone, &["init", "--plan-only"]).code, Some(0));
    assert!(!alone.join(".pre-commit-config.yaml").exists() && !alone.join(".github/workflows").exists());
    let elsewhere = plimsoll(&alone, &["init", "nowhere"]);
    assert!(elsewhere.code == Some(2) && elsewhere.stderr.contains("is no folder"), "{elsewhere:?}");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let folder = root("links");
    let outside = root("links-outside");
    symlink(outside.join("plan"), folder.join("plimsoll.toml")).unwrap();
    symlink(&outside, folder.join(".github")).unwrap();
    symlink(outside.join("hook"), folder.join(".pre-commit-config.yaml")).unwrap();
    let dry = plimsoll(&folder, &["init", "--dry-run"]);
    let fate = "==> .github/workflows/plimsoll.yml (would not be written: `.github` is a link or no folder";
    assert!(dry.code == Some(0) && dry.stdout.contains(fate), "{dry:?}");
    let init = plimsoll(&folder, &["init"]);
    assert!(init.code == Some(2) && init.stderr.contains("exists already"), "{init:?}");
    assert!(init.stderr.contains("`.github` is a link or no folder"), "{init:?}");
    let inside: Vec<_> = fs::read_dir(&outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(inside, [".git"], "nothing was written outside");
    symlink(outside.join("workflows-of-others"), outside.join("workflows")).unwrap();
    fs::remove_file(folder.join(".github")).unwrap();
    fs::create_dir(folder.join(".github")).unwrap();
    symlink(&outside, folder.join(".github/workflows")).unwrap();
    let init = plimsoll(&folder, &["init"]);
    assert!(
        init.stderr.contains("`.github/workflows` is a link or no folder")
            && !outside.join("plimsoll.yml").exists(),
        "{init:?}"
    );
}

#[cfg(unix)]
#[test]
fn names_of_strangers_stay_names() {
    let folder = root("names");
    for name in ["a\"b", "x\ny = 1", "\u{1b}[31mred", "[user]", "é ü", "'''", "\u{202e}abc"] {
        let text = format!(
            "FROM debian:12.5\nLABEL \"{name}\"=1\nUSER 10001:10001\nEXPOSE {}\nCMD [\"sleep\", \"1\"]\n",
            7000 + name.len()
        );
        write(&folder.join(name).join("Dockerfile"), &text);
        write(&folder.join("deploy").join(name).join("compose.yaml"), "services: {a: {image: b}}\n");
    }
    let init: Run = plimsoll(&folder, &["init"]);
    assert_eq!(init.code, Some(0), "{init:?}");
    let plan = read(&folder, "plimsoll.toml");
    let hostile = |text: &str| text.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}'));
    assert!(!hostile(&plan) && !hostile(&init.stdout), "{plan}");
    let check = plimsoll(&folder, &["check", "--format", "json"]);
    assert!(matches!(check.code, Some(0 | 1)), "{check:?}\n{plan}");
    assert!(plan.contains("uid = 10001") && !plan.contains("\ny = 1"), "{plan}");
}
