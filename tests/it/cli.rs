//! The command line: what it answers, what it refuses and with which exit code.

use std::path::PathBuf;

use crate::support::{Run, folder, plimsoll, plimsoll_with_input, write};

/// A folder with one Dockerfile that has an unknown instruction (error) and a plan that wants a user (error).
fn small(name: &str) -> PathBuf {
    let folder = folder(&format!("cli/{name}"));
    write(&folder.join("web/Dockerfile"), "FROM debian:12\nRUNN true\nCMD [\"x\"]\n");
    write(&folder.join("plimsoll.toml"), "extends = [\"recommended\"]\n\n[user]\nuid = 10001\n");
    folder
}

fn rules(run: &Run) -> Vec<String> {
    run.findings().iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn assert_refused(run: &Run, words: &[&str]) {
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stdout.is_empty(), "{run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "`{word}` is not in\n{}", run.stderr);
    }
}

#[test]
fn help_and_version() {
    let folder = folder("cli/help");
    let version = plimsoll(&folder, &["--version"]);
    let wanted = format!("plimsoll {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((version.code, version.stdout), (Some(0), wanted));
    let help = plimsoll(&folder, &["--help"]);
    assert_eq!(help.code, Some(0));
    for word in ["check", "plan", "graph", "dump", "explain", "rules", "init", "completions", "Exit codes"] {
        assert!(help.stdout.contains(word), "{word}");
    }
    for command in ["check", "plan", "graph", "dump", "explain", "rules", "init", "completions"] {
        let help = plimsoll(&folder, &[command, "--help"]);
        assert!(help.code == Some(0) && help.stdout.contains("Usage: plimsoll"), "{command}: {help:?}");
    }
    assert_eq!(plimsoll(&folder, &[]).code, Some(2));
}

#[test]
fn wrong_words_name_the_nearest() {
    let folder = small("words");
    assert_refused(&plimsoll(&folder, &["chek"]), &["chek", "check"]);
    assert_refused(&plimsoll(&folder, &["check", "--formt", "json"]), &["--formt", "--format"]);
    assert_refused(&plimsoll(&folder, &["check", "--format", "jsn"]), &["jsn", "nearest is `json`"]);
    assert_refused(
        &plimsoll(&folder, &["check", "--select", "runtime-usr"]),
        &["runtime-usr", "`runtime-user`"],
    );
    assert_refused(&plimsoll(&folder, &["check", "--ignore", "zzzzzzzzzz"]), &["zzzzzzzzzz"]);
    assert_refused(&plimsoll(&folder, &["check", "--severity", "runtime-user=bad"]), &["bad", "warning"]);
    assert_refused(&plimsoll(&folder, &["check", "--pack", "recomended"]), &["recomended", "recommended"]);
    assert_refused(&plimsoll(&folder, &["check", "--plan", "nowhere.toml"]), &["nowhere.toml"]);
    assert_refused(&plimsoll(&folder, &["explain", "runtime-usr"]), &["`runtime-user`"]);
    assert_refused(&plimsoll(&folder, &["check", "--jobs", "0"]), &["--jobs"]);
}

#[test]
fn a_wrong_key_of_the_plan_is_shown_where_it_stands() {
    let folder = small("key");
    write(&folder.join("plimsoll.toml"), "[user]\nuidd = 10001\n\n[helth]\npath = \"/health\"\n");
    let run = plimsoll(&folder, &["check"]);
    // All of them at once.
    assert_refused(&run, &["plimsoll.toml:2:1", "uidd", "`uid`", "plimsoll.toml:4:", "helth", "`health`"]);
    write(&folder.join("plimsoll.toml"), "[user]\nuid = \"x\"\n");
    assert_refused(&plimsoll(&folder, &["check"]), &["plimsoll.toml:2:", "uid"]);
    write(&folder.join("plimsoll.toml"), "[user\nuid = 1\n");
    assert_refused(&plimsoll(&folder, &["check"]), &["plimsoll.toml:1:"]);
    write(&folder.join("plimsoll.toml"), "[rules]\nruntime-usr = \"off\"\n");
    assert_refused(&plimsoll(&folder, &["check"]), &["plimsoll.toml:2:1", "`runtime-user`"]);
}

#[test]
fn the_plan_is_found_upwards_and_is_not_needed() {
    let folder = small("upwards");
    let below = plimsoll(&folder.join("web"), &["check", "--format", "json"]);
    assert!(rules(&below).contains(&"runtime-user".to_owned()), "{below:?}");
    let finding = below.findings().into_iter().find(|finding| finding["rule"] == "runtime-user").unwrap();
    assert_eq!((finding["file"].as_str(), finding["plan"]["line"].as_u64()), (Some("Dockerfile"), Some(4)));
    let pack = plimsoll(&folder, &["check", "--pack", "recommended", "--format", "json"]);
    assert!(rules(&pack).contains(&"unknown-instruction".to_owned()), "{pack:?}");
}

#[test]
fn nothing_to_check_is_no_pass() {
    let folder = folder("cli/nothing");
    write(&folder.join("README.md"), "nothing");
    assert_refused(&plimsoll(&folder, &["check", "--pack", "recommended"]), &["no Dockerfile"]);
    assert_refused(&plimsoll(&folder, &["check", "nowhere", "--pack", "recommended"]), &["nowhere"]);
}

#[test]
fn standard_input_goes_by_a_name() {
    let folder = small("stdin");
    let text = b"FROM debian:12\nRUNN true\n";
    let check = |name: &[&str]| {
        plimsoll_with_input(&folder, &[&["check", "-", "--format", "json"], name].concat(), text)
    };
    let file = |run: &Run| run.findings()[0]["file"].as_str().unwrap().to_owned();
    let named = check(&["--stdin-filename", "web/Dockerfile"]);
    assert_eq!((named.code, file(&named)), (Some(1), "web/Dockerfile".to_owned()));
    let unnamed = check(&[]);
    assert_eq!((unnamed.code, file(&unnamed)), (Some(1), "-".to_owned()));
}

#[test]
fn one_run_writes_several_reports() {
    let folder = small("outputs");
    let run = plimsoll(
        &folder,
        &["check", "--format", "concise", "--output", "json=a.json", "--output", "sarif=a.sarif"],
    );
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.contains("web/Dockerfile:2:1: error[unknown-instruction]"), "{run:?}");
    for (file, member) in [("a.json", "findings"), ("a.sarif", "runs")] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(value[member].is_array(), "{file}");
    }
    let refused = plimsoll(&folder, &["check", "--output", "json=no/such/folder.json"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("no/such/folder.json"), "{refused:?}");
    assert_refused(&plimsoll(&folder, &["check", "--output", "json"]), &["FMT=PATH"]);
}

#[test]
fn what_runs_and_what_fails() {
    let folder = small("levels");
    let check = |arguments: &[&str]| plimsoll(&folder, &[&["check", "--format", "json"], arguments].concat());
    let only = check(&["--select", "unknown-instruction"]);
    assert_eq!((only.code, rules(&only)), (Some(1), vec!["unknown-instruction".to_owned()]));
    let aliases = check(&["--select", "DL3002"]);
    assert!(
        rules(&aliases).iter().all(|rule| rule == "runtime-user") && aliases.code == Some(1),
        "{aliases:?}"
    );
    let without = check(&["--ignore", "unknown-instruction"]);
    assert!(!rules(&without).contains(&"unknown-instruction".to_owned()), "{without:?}");
    let off = check(&["--select", "unknown-instruction", "--severity", "unknown-instruction=off"]);
    assert_eq!((off.code, rules(&off).len()), (Some(0), 0));
    let select = ["--select", "unknown-instruction", "--severity", "unknown-instruction=warning"];
    for (level, code) in [("error", 0), ("warning", 1), ("note", 1), ("never", 0)] {
        let run = check(&[select.as_slice(), &["--fail-on", level]].concat());
        assert_eq!(run.code, Some(code), "--fail-on {level}");
        assert_eq!(run.findings()[0]["severity"], "warning");
    }
}

#[test]
fn colours_only_where_they_are_wanted() {
    let folder = small("colours");
    assert!(!plimsoll(&folder, &["check"]).stdout.contains('\x1b'));
    assert!(plimsoll(&folder, &["check", "--color", "always"]).stdout.contains('\x1b'));
}

#[test]
fn quiet_prints_findings_only() {
    let folder = small("quiet");
    let loud = plimsoll(&folder, &["check"]).stdout;
    let quiet = plimsoll(&folder, &["check", "--quiet"]).stdout;
    assert!(!quiet.is_empty() && quiet.len() < loud.len() && loud.starts_with(quiet.trim_end()), "{loud}");
}

#[test]
fn init_writes_a_plan_that_check_accepts() {
    let folder = folder("cli/init");
    write(&folder.join("web/Dockerfile"), "FROM debian:12\nUSER 1000:1000\nCMD [\"x\"]\n");
    let init = plimsoll(&folder, &["init"]);
    assert_eq!(init.code, Some(0), "{init:?}");
    let check = plimsoll(&folder, &["check"]);
    assert!(matches!(check.code, Some(0 | 1)), "{check:?}");
    assert_eq!(plimsoll(&folder, &["plan", "show"]).code, Some(0));
    assert_refused(&plimsoll(&folder, &["init"]), &["exists already"]);
}

#[test]
fn graph_and_dump_and_rules() {
    let folder = small("others");
    write(&folder.join("base/Dockerfile"), "FROM debian:12\n");
    write(&folder.join("web/Dockerfile"), "FROM base\nENV A=1 B=$A\nCMD [\"x\"]\n");
    for format in ["text", "mermaid", "dot"] {
        let graph = plimsoll(&folder, &["graph", "--format", format]);
        assert!(graph.code == Some(0) && graph.stdout.contains("debian:12"), "{format}: {graph:?}");
    }
    let dump = plimsoll(&folder, &["dump", "web/Dockerfile"]);
    assert!(dump.code == Some(0) && dump.json().is_object() | dump.json().is_array(), "{dump:?}");
    let syntax = plimsoll(&folder, &["dump", "--syntax", "web/Dockerfile", "base/Dockerfile"]);
    assert_eq!((syntax.code, syntax.stdout.lines().count()), (Some(0), 2));
    assert_eq!(plimsoll(&folder, &["dump", "nowhere"]).code, Some(2));
    let rules = plimsoll(&folder, &["rules", "--format", "json"]);
    assert!(rules.json().as_array().unwrap().iter().any(|rule| rule["id"] == "runtime-user"));
    let explain = plimsoll(&folder, &["explain", "DL3002"]);
    assert!(explain.code == Some(0) && explain.stdout.starts_with("runtime-user: "), "{explain:?}");
}
