//! Containers that a real engine runs: `tests/live/up.sh FOLDER`, then `PLIMSOLL_REAL_ENGINE=FOLDER`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;

use crate::support::{Run, plimsoll, skipped};

/// The folder of the engine; `None`, and a word about it, where there is none.
fn engine(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PLIMSOLL_REAL_ENGINE").map(PathBuf::from);
    if folder.is_none() {
        skipped(&format!("{test}: PLIMSOLL_REAL_ENGINE names no engine"));
    }
    folder
}

fn judge(folder: &std::path::Path, arguments: &[&str]) -> Run {
    let socket = format!("unix://{}", folder.join("docker.sock").display());
    let fixed = ["validate-fleet", "--format", "json", "--engine", &socket];
    let start = Instant::now();
    let run = plimsoll(folder, &[&fixed[..], arguments].concat());
    println!(
        "{arguments:?}: exit {:?}, {:?}, {:?} of CPU, {} kB",
        run.code,
        start.elapsed(),
        run.cpu,
        run.peak_kb
    );
    run
}

/// Rules and messages by service; what belongs to none stands under its subject.
fn by_service(results: &[Value]) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut all: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for result in results {
        let text = |key: &str| result[key].as_str().unwrap_or_default().to_owned();
        let service = if result["service"].is_null() { text("subject") } else { text("service") };
        all.entry(service).or_default().insert((text("rule"), text("message")));
    }
    all
}

/// Services, the rule that each breaks, and words of what is said.
const WRONG: [(&str, &str, &str); 12] = [
    ("root", "live-user", "`0:0`"),
    ("root-init", "live-user", "PID 1 `tini` as `0:0`"),
    ("no-init", "live-init", "serve"),
    ("loopback", "live-port", "though Docker calls it healthy"),
    ("no-network", "health-contract", "no network"),
    ("unhealthy", "live-health", "nobody healthy at 127.0.0.1:1"),
    ("paused", "live-health", "paused"),
    ("wrong-image", "live-image", "live.example.com/other/wrong-image:20260101-abcdef0"),
    ("no-label", "health-label", "health_check_port"),
    ("restarting", "live-health", "started again"),
    ("exited", "live-health", "exit code `4`"),
    ("nowhere", "service-coverage", "nowhere"),
];

#[test]
fn each_container_gets_its_rule_and_no_other() {
    let Some(folder) = engine("each container gets its rule and no other") else { return };
    let run = judge(&folder, &[]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let found = by_service(&run.findings());
    for (service, rule, words) in WRONG {
        let said = found.get(service).unwrap_or_else(|| panic!("{service}: nothing in {found:?}"));
        let rules: BTreeSet<&str> = said.iter().map(|(rule, _)| rule.as_str()).collect();
        assert_eq!(rules, BTreeSet::from([rule]), "{service}: {said:?}");
        assert!(said.iter().any(|(_, message)| message.contains(words)), "{service}: {said:?}");
    }
    let planned: BTreeSet<&str> = WRONG.iter().map(|(service, ..)| *service).collect();
    let others: Vec<_> = found.iter().filter(|(service, _)| !planned.contains(service.as_str())).collect();
    assert!(others.is_empty(), "{others:?}");
    let files = &run.json()["checked"]["files"];
    assert_eq!(files["container"], 18, "{files}");
    assert!(run.peak_kb < 64 * 1024, "{} kB", run.peak_kb);
}

#[test]
fn good_containers_pass() {
    let Some(folder) = engine("good containers pass") else { return };
    let names = ["good", "published", "by-engine", "composed-service", "two-networks", "shared"];
    let arguments: Vec<&str> = names.iter().flat_map(|name| ["--service", name]).collect();
    let run = judge(&folder, &arguments);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.findings().is_empty(), "{:?}", run.findings());
    let report = run.json();
    assert_eq!(report["open"].as_array().map(Vec::len), Some(0), "{}", report["open"]);
    assert_eq!(report["checked"]["files"]["endpoint"], 6, "{}", report["checked"]);
    assert_eq!(report["checked"]["files"]["container"], 6, "{}", report["checked"]);
}

/// Everything that is to be known of these containers is known from outside, so that nothing is started in them even where
/// that is allowed.
#[test]
fn nothing_is_started_in_containers() {
    let Some(folder) = engine("nothing is started in containers") else { return };
    let socket = format!("unix://{}", folder.join("docker.sock").display());
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let start = now();
    for arguments in [&[][..], &["--allow-exec"]] {
        assert_eq!(judge(&folder, arguments).code, Some(1));
    }
    let (since, until) = (start.to_string(), (now() + 1).to_string());
    let events = ["-H", &socket, "events", "--since", &since, "--until", &until, "--format", "{{.Status}}"];
    let events = std::process::Command::new("docker").args(events).output().unwrap();
    let events = String::from_utf8(events.stdout).unwrap();
    let mut started = events.lines().filter(|event| event.starts_with("exec_create"));
    // The health checks are the engine's own.
    assert!(started.clone().count() > 0, "{events}");
    assert!(started.all(|event| event == "exec_create: /bin/serve check"), "{events}");
}
