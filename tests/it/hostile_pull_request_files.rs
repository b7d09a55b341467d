//! A pull request that puts its files where nobody looks, and one whose plan cannot be held against it.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::hostile_pull_request::{BAD, GOOD, PLAN, all_formats, gate, pull_request};
use crate::support::{FORMATS, plimsoll, write};

const FOLDERS: [&str; 6] =
    [".hid/x", "target/x", "node_modules/x", "web/venv", "a/.b/__pycache__/c", ".hid/.x"];

fn compose(folder: &str) -> String {
    format!("services:\n  web:\n    build: {folder}\n")
}

#[test]
fn what_git_tracks_is_judged_in_whatever_folder_it_lies() {
    for (at, folder) in FOLDERS.iter().enumerate() {
        let job = pull_request(&format!("folder-{at}"));
        write(&job.fleet.join("compose.yaml"), compose(folder));
        write(&job.fleet.join(folder).join("Dockerfile"), BAD);
        write(
            &job.fleet.join(folder).join("compose.yaml"),
            "services:\n  y:\n    image: x\n    privileged: true\n",
        );
        job.commit();
        let step = gate(&job, &[]);
        assert_eq!(step.output("exit-code"), "1", "{folder}: {}", step.log);
        for (rule, file) in [("runtime-user", "Dockerfile"), ("privileged", "compose.yaml")] {
            let words = (format!("file={folder}/{file},"), format!("title={rule}::"));
            let is_told = |line: &str| line.contains(&words.0) && line.contains(&words.1);
            assert!(step.log.lines().any(is_told), "{words:?}: {}", step.log);
        }
        assert_eq!(all_formats(&job, &["--since", "main"]).code, Some(1), "{folder}");
        // What was there before is older, also in such a folder.
        job.git(&["branch", "-f", "main"]);
        write(&job.fleet.join("web/Dockerfile"), GOOD.replace("\"1\"", "\"2\""));
        job.commit();
        let step = gate(&job, &[]);
        assert_eq!(step.output("exit-code"), "0", "{folder}: {}", step.log);
    }
    let job = pull_request("hidden-name");
    write(&job.fleet.join("web/.app.Dockerfile"), BAD);
    job.commit();
    assert_eq!(gate(&job, &[]).output("exit-code"), "1");
}

#[test]
fn what_git_does_not_track_is_passed_over_there_and_judged_when_it_is_built() {
    let job = pull_request("folder-untracked");
    for folder in FOLDERS {
        write(&job.fleet.join(folder).join("Dockerfile"), BAD);
    }
    let run = all_formats(&job, &["--since", "main"]);
    assert!(run.code == Some(0) && !run.stdout.contains("Dockerfile"), "{run:?}");
    for (folder, name) in [(".hid/x", "Dockerfile"), ("web", "build.txt")] {
        write(&job.fleet.join(folder).join(name), BAD);
        let build = format!("services:\n  web:\n    build: {{ context: {folder}, dockerfile: {name} }}\n");
        write(&job.fleet.join("compose.yaml"), build);
        let path = format!("{folder}/{name}");
        let run = all_formats(&job, &["--since", "main"]);
        assert!(run.code == Some(1) && run.stdout.contains(&path), "{path}: {run:?}");
        for format in ["json", "sarif", "html"] {
            let text = fs::read_to_string(job.runner.join(format!("report.{format}"))).unwrap();
            assert!(text.contains(&path) && text.contains("runtime-user"), "{path}: {format}");
        }
        // Who names a file alone asks for no other.
        let alone = plimsoll(&job.fleet, &["check", "compose.yaml", "--format", "json"]);
        assert!(!alone.findings().iter().any(|finding| finding["file"] == *path), "{alone:?}");
    }
    // One that is checked is not told, by whatever way a compose file comes to it.
    std::os::unix::fs::symlink("web", job.fleet.join("now")).unwrap();
    for folder in ["web", "now", "./web/../web"] {
        write(&job.fleet.join("compose.yaml"), compose(folder));
        let json = plimsoll(&job.fleet, &["check", "--format", "json"]).json();
        assert_eq!(json["checked"]["not_checked"], serde_json::json!([]), "{folder}");
    }
}

#[test]
fn a_pipe_in_the_place_of_git_hangs_nothing() {
    let job = pull_request("pipe-git");
    fs::remove_dir_all(job.fleet.join(".git")).unwrap();
    assert!(Command::new("mkfifo").arg(job.fleet.join(".git")).status().unwrap().success());
    write(&job.fleet.join("web/Dockerfile"), BAD);
    let mut child = Command::new(crate::support::BINARY)
        .arg("check")
        .current_dir(&job.fleet)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..300 {
        if let Some(status) = child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(1));
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    panic!("it waits for a writer");
}

#[test]
fn values_that_go_from_a_plan_are_named() {
    let job = pull_request("plan-values");
    let values = "[user]\nuid = 10001\n[machines.m1]\nhost = \"a\"\n[services.rows.web]\n";
    write(&job.fleet.join("plimsoll.toml"), format!("extends = []\n{values}"));
    job.commit();
    job.git(&["branch", "-f", "main"]);
    write(&job.fleet.join("plimsoll.toml"), "extends = []\n");
    job.commit();
    let step = gate(&job, &[]);
    for words in
        ["`runtime-user` is no longer planned", "the machine `m1` is gone", "the row of `web` is gone"]
    {
        assert!(step.log.contains(words), "{words}: {}", step.log);
    }
}

#[test]
fn a_plan_of_the_revision_that_cannot_be_used_is_told() {
    let job = pull_request("plan-unusable");
    write(&job.fleet.join("plimsoll.toml"), format!("{PLAN}no-such-rule = \"error\"\n"));
    job.commit();
    job.git(&["branch", "-f", "main"]);
    write(
        &job.fleet.join("plimsoll.toml"),
        PLAN.replace("runtime-user = { severity = \"error\"", "runtime-user = { severity = \"off\""),
    );
    write(&job.fleet.join("web/Dockerfile"), BAD);
    job.commit();
    let words = "the plan of `main` cannot be used: line ";
    let step = gate(&job, &[]);
    assert!(step.log.contains(words), "{}", step.log);
    assert!(step.summary.contains("so nothing is held to the rules that it protects"), "{}", step.summary);
    all_formats(&job, &["--since", "main"]);
    for format in FORMATS.iter().filter(|format| ["json", "sarif", "html", "markdown"].contains(format)) {
        let text = fs::read_to_string(job.runner.join(format!("report.{format}"))).unwrap();
        assert!(text.contains("so nothing is held to the rules"), "{format}: {text}");
    }
    // One that came since is no fault of the revision.
    let job = pull_request("plan-new");
    fs::copy(job.fleet.join("plimsoll.toml"), job.fleet.join("own.toml")).unwrap();
    job.commit();
    let step = gate(&job, &[("PLAN", "own.toml")]);
    assert!(step.output("exit-code") == "0" && !step.log.contains("cannot be used"), "{}", step.log);
}
