//! action.yml and action.sh: every input reaches the script, every output is made, and nothing in a repository steers the
//! log of a job.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::action_job::{Job, commands};
use crate::support::{BINARY, folder, repository, write};

/// Inputs that a step of action.yml itself looks at.
const OF_THE_YAML: [&str; 1] = ["upload-sarif"];

fn action() -> String {
    fs::read_to_string(repository("action.yml")).unwrap()
}

/// The keys of a mapping that begins a line of action.yml.
fn keys(section: &str) -> Vec<String> {
    let action = action();
    let body = action.split(&format!("\n{section}:\n")).nth(1).unwrap();
    let lines = body.lines().take_while(|line| line.is_empty() || line.starts_with(' '));
    let key = |line: &str| line.strip_prefix("  ")?.strip_suffix(':').map(str::to_owned);
    lines.filter_map(key).filter(|key| !key.starts_with(' ')).collect()
}

#[test]
fn every_input_reaches_the_script_and_none_is_shell_text() {
    let (action, script) = (action(), fs::read_to_string(repository("action.sh")).unwrap());
    let inputs = keys("inputs");
    assert!(inputs.len() >= 10, "{inputs:?}");
    for input in &inputs {
        let variable = format!("PLIMSOLL_{}", input.to_uppercase().replace('-', "_"));
        let handed = format!("{variable}: ${{{{ inputs.{input} }}}}\n");
        let used = script.contains(&format!("${variable}")) || script.contains(&format!("${{{variable}"));
        let by_yaml = OF_THE_YAML.contains(&input.as_str()) && action.contains(&format!("inputs.{input} =="));
        assert!(by_yaml || (action.contains(&handed) && used), "{input}");
    }
    for line in action.lines().filter(|line| line.trim_start().starts_with("run:")) {
        assert!(!line.contains("${{"), "{line}");
    }
    // Every action is named by its commit.
    for line in action.lines().filter_map(|line| line.trim().strip_prefix("uses: ")) {
        let commit = line.split('@').nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
    }
}

#[test]
fn a_check_leaves_annotations_sarif_summary_and_outputs_and_the_gate_falls() {
    let job = Job::new("findings");
    write(&job.fleet.join("web/Dockerfile"), "FROM debian:12.5\nUSER 0\nCMD [\"sleep\", \"1\"]\n");
    let step = job.step("check", &[("ARGS", "--select\n  runtime-user  \n\n"), ("CATEGORY", "fleet")]);
    assert_eq!(step.code, Some(0), "{}", step.log);
    assert_eq!(
        ["exit-code", "findings", "errors"].map(|name| step.output(name)),
        ["1", "1", "1"],
        "{}",
        step.log
    );
    let annotations = commands(&step.log);
    assert!(
        annotations.len() == 1 && annotations[0].starts_with("::error file=web/Dockerfile,line=2"),
        "{annotations:?}"
    );
    assert!(step.summary.contains("`runtime-user`"), "{}", step.summary);
    let sarif: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(step.output("sarif-file")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["automationDetails"]["id"], "fleet/");
    // Every output of action.yml is made.
    for output in keys("outputs") {
        assert!(!step.output(&output).is_empty(), "{output}");
    }
    for (code, expected) in [("0", 0), ("1", 1), ("2", 2), ("", 2), ("101", 2)] {
        assert_eq!(job.step("gate", &[("EXIT_CODE", code)]).code, Some(expected), "{code}");
    }
}

#[test]
fn a_clean_fleet_passes_and_a_broken_plan_is_said() {
    let job = Job::new("clean");
    write(&job.fleet.join("web/Dockerfile"), "FROM debian:12.5\nUSER 10001\nCMD [\"sleep\", \"1\"]\n");
    let step = job.step("check", &[("ARGS", "--select=runtime-user"), ("ANNOTATIONS", "false")]);
    let shown = ["exit-code", "findings", "errors"].map(|name| step.output(name).to_owned());
    assert_eq!(shown, ["0", "0", "0"], "{}", step.log);
    write(&job.fleet.join("plimsoll.toml"), "[usr]\n::error::x = 1\n");
    let step = job.step("check", &[]);
    assert!(step.output("exit-code") == "2" && step.log.contains("cannot use the plan"), "{}", step.log);
    assert_eq!((step.output("sarif-file"), commands(&step.log)), ("", vec![]));
}

#[test]
fn a_repository_does_not_steer_the_log() {
    let job = Job::new("hostile");
    let hostile = "::set-output name=exit-code::0";
    write(&job.fleet.join("a\n::set-output name=x::y/Dockerfile"), "FROM debian:12.5\nUSER 0\n");
    write(&job.fleet.join(format!("{hostile}.Dockerfile").replace('/', "_")), "FROM debian:12.5\nUSER 0\n");
    let label = format!("FROM debian:12.5\nLABEL a=\"{hostile}\"\nUSER \u{202e}{hostile}\n");
    write(&job.fleet.join("web/Dockerfile"), label);
    for annotations in ["true", "false"] {
        let step = job.step("check", &[("ANNOTATIONS", annotations), ("ARGS", "--select=runtime-user")]);
        assert_eq!(step.output("exit-code"), "1", "{}", step.log);
        for command in commands(&step.log) {
            let is_annotation =
                ["::error ", "::warning ", "::notice "].iter().any(|kind| command.starts_with(kind));
            assert!(annotations == "true" && is_annotation, "{command}");
        }
        assert!(!step.log.contains('\u{202e}'), "{}", step.log);
        assert_eq!(step.outputs.lines().filter(|line| line.starts_with("exit-code=")).count(), 1);
    }
}

#[test]
fn inputs_are_never_read_as_shell_text() {
    let job = Job::new("inputs");
    write(&job.fleet.join("web/Dockerfile"), "FROM debian:12.5\nUSER 0\n");
    let trap = "$(touch owned);`touch owned`;touch owned";
    for name in
        ["PATHS", "PLAN", "FAIL_ON", "BASELINE", "SINCE", "CATEGORY", "ANNOTATIONS", "SUMMARY", "ARGS"]
    {
        job.step("check", &[(name, trap)]);
        assert!(!job.fleet.join("owned").exists() && !job.runner.join("owned").exists(), "{name}");
    }
    let step = job.step("check", &[("SINCE", "--output=x")]);
    assert!(step.code == Some(2) && step.log.contains("::error title=plimsoll::"), "{}", step.log);
}

#[test]
fn a_pull_request_cannot_add_to_the_baseline() {
    let job = Job::new("baseline");
    let old = "FROM debian:12.5\nUSER 0\n";
    write(&job.fleet.join("old/Dockerfile"), old);
    let baseline = |path: &Path| {
        let check = ["check", "--select=runtime-user", "--baseline", "known.json", "--write-baseline"];
        assert!(Command::new(BINARY).args(check).current_dir(path).status().unwrap().success());
    };
    baseline(&job.fleet);
    job.git(&["init", "-q"]);
    job.git(&["add", "-A"]);
    job.git(&["commit", "-qm", "x"]);
    job.git(&["checkout", "-qb", "work"]);
    write(&job.fleet.join("new/Dockerfile"), old);
    fs::remove_file(job.fleet.join("known.json")).unwrap();
    baseline(&job.fleet);
    job.git(&["add", "-A"]);
    job.git(&["commit", "-qm", "y"]);
    let inputs = [("BASELINE", "known.json"), ("ARGS", "--select=runtime-user")];
    assert_eq!(job.step("check", &inputs).output("exit-code"), "0", "the baseline of the branch itself");
    let step = job.step("check", &[&inputs[..], &[("SINCE", "main")]].concat());
    assert_eq!((step.output("exit-code"), step.output("findings")), ("1", "1"), "{}", step.log);
}

#[test]
fn the_version_names_what_is_built() {
    let job = Job::new("version");
    let step = job.step("version", &[("BINARY", "")]);
    assert!(
        step.output("key").len() == 32 && step.output("folder").ends_with(step.output("key")),
        "{}",
        step.outputs
    );
    assert_eq!(job.step("version", &[]).output("folder"), "", "a binary that is there needs none");
    // Building needs cargo, and says so.
    let tools = folder("action/version/tools");
    let bash = ["/bin/bash", "/usr/bin/bash"].into_iter().find(|path| Path::new(path).exists()).unwrap();
    let run = Command::new(bash)
        .args([repository("action.sh").as_os_str(), "build".as_ref()])
        .env_clear()
        .env("PATH", &tools)
        .env("PLIMSOLL_FOLDER", "x")
        .env("GITHUB_ACTION_PATH", "x")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.code() == Some(2) && said.contains("cargo is needed"), "{said}");
}

#[test]
fn the_script_can_be_run() {
    let mode = fs::metadata(repository("action.sh")).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111, "chmod +x action.sh");
}
