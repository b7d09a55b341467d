//! `[[overrides]]` and `ruleset`: other severities for a part of a fleet, and rules as they were.

use crate::support::{Run, folder, plimsoll, write};

const DOCKERFILE: &str =
    "FROM debian:12.5\nUSER 0\nRUN apt-get update && apt-get dist-upgrade -y\nCMD [\"sleep\", \"1\"]\n";
const PLAN: &str = "extends = [\"recommended\"]\n[user]\nuid = 10001\n";

fn check(name: &str, overrides: &str, more: &[&str]) -> Run {
    let folder = folder(&format!("overrides/{name}"));
    write(&folder.join("plimsoll.toml"), format!("{overrides}\n{PLAN}"));
    for service in ["legacy/old", "legacy/new", "web"] {
        write(&folder.join(service).join("Dockerfile"), DOCKERFILE);
    }
    plimsoll(&folder, &[&["check", ".", "--format", "concise", "--fail-on", "note"], more].concat())
}

/// `legacy/old warning`: the services with a finding of a rule, with its severity.
fn of(run: &Run, rule: &str) -> Vec<String> {
    assert_eq!(run.code, Some(1), "{run:?}");
    let line = |line: &str| {
        let (place, rest) = line.split_once("/Dockerfile:")?;
        let severity = rest.split(' ').nth(1)?.split_once('[')?;
        severity.1.starts_with(&format!("{rule}]")).then(|| format!("{place} {}", severity.0))
    };
    run.stdout.lines().filter_map(line).collect()
}

// Tables come last in TOML, and the plan's own tables may follow them.
const LEGACY: &str = "overrides = [\n  { paths = [\"legacy/**\"], rules = { runtime-user = \"warning\" } },\n  \
    { paths = [\"legacy/old\"], rules = { runtime-user = \"off\", apt-upgrade = \"error\" } },\n]";

#[test]
fn the_last_one_that_covers_a_path_counts() {
    let run = check("last", LEGACY, &[]);
    assert_eq!(of(&run, "runtime-user"), ["legacy/new warning", "web error"], "{run:?}");
}

#[test]
fn a_rule_that_is_off_speaks_below_the_paths_only() {
    let plain = check("plain", "", &["--select", "apt-upgrade"]);
    let off = plimsoll::rules::find("apt-upgrade").is_some_and(|rule| !rule.default);
    let everywhere = of(&plain, "apt-upgrade");
    assert!(everywhere.len() == 3 && off, "the example needs a rule that is off: {everywhere:?}");
    assert_eq!(of(&check("off", LEGACY, &[]), "apt-upgrade"), ["legacy/old error"]);
    // Who asks for it gets it everywhere.
    assert_eq!(of(&check("asked", LEGACY, &["--select", "apt-upgrade"]), "apt-upgrade").len(), 3);
}

#[test]
fn the_call_is_stronger() {
    let run = check("call", LEGACY, &["--severity", "runtime-user=note"]);
    assert_eq!(of(&run, "runtime-user"), ["legacy/new note", "legacy/old note", "web note"]);
}

#[test]
fn mistakes_are_said_with_their_line() {
    for (name, overrides, words) in [
        ("paths", "overrides = [{ rules = { runtime-user = \"off\" } }]", "names no `paths`"),
        (
            "rule",
            "overrides = [{ paths = [\"x\"], rules = { runtime-usr = \"off\" } }]",
            "did you mean `runtime-user`",
        ),
        ("key", "overrides = [{ paths = [\"x\"], rulez = {} }]", "rules"),
        (
            "more",
            "overrides = [{ paths = [\"x\"], rules = { runtime-user = { suppressible = false } } }]",
            "nothing else",
        ),
        ("ruleset", "ruleset = \"2025.1\"", "this program has 2026.1"),
    ] {
        let run = check(name, overrides, &[]);
        assert!(run.code == Some(2) && run.stderr.contains("plimsoll.toml:1:"), "{name}: {run:?}");
        assert!(run.stderr.contains(words), "{name}: {run:?}");
    }
}

#[test]
fn a_pinned_rule_set_has_the_rules_it_had() {
    let run = check("pinned", "ruleset = \"2026.1\"", &[]);
    assert_eq!(of(&run, "runtime-user").len(), 3);
    let shown = plimsoll(&folder("overrides/shown"), &["plan", "show", "--pack", "recommended"]);
    assert!(!shown.stdout.contains("ruleset"), "{shown:?}");
}
