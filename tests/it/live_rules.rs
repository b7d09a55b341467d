//! Running containers end to end: the seven failures of a shell script that asks a fleet with `docker exec` and `curl`, and a
//! fleet of ten containers of which each breaks one thing.

use plimsoll::report::{CellState, FleetCell};
use plimsoll::run::{CheckRequest, FleetRequest, Outcome, PlanChoice, RunError, validate_fleet};

use crate::support::fleet_call::{Asked, Call, of_engine};
use crate::support::played_fleet::Played;
use crate::support::{folder, write};

const PLAN: &str = r#"
[user]
uid = 10001
gid = 10001

[init]
process = "tini"

[cuda]
version = "12.1"

[health]
path = "/health"
expect = { status = "ok" }
label = "health_check_port"

[services.rows]
"#;

/// Processes as they should be.
const GOOD: &str = r#""processes": [
    {"pid": 40, "uid": 10001, "gid": 10001, "name": "tini", "command": ["tini", "--", "app"]},
    {"pid": 41, "parent": 40, "uid": 10001, "gid": 10001, "name": "app", "command": ["app"]}
  ]"#;

/// The config of a container of a service with a health port.
fn config(port: u16) -> String {
    format!(
        r#""Config": {{"Labels": {{"health_check_port": "{port}"}}, "Healthcheck": {{"Test": ["CMD", "probe"]}}}},
  "State": {{"Health": {{"Status": "healthy"}}}}, "listeners": ["0.0.0.0:{port}"]"#
    )
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\nContent-Type: application/json\n\n{body}")
}

/// Asks a played fleet; `rows` are the rows of the plan, one a line.
fn asked(name: &str, rows: &str, played: &Played) -> Result<Outcome, RunError> {
    let folder = folder(&format!("live_rules/{name}"));
    let plan = folder.join("plimsoll.toml");
    write(&plan, format!("{PLAN}{rows}"));
    let choice = PlanChoice { file: Some(plan), pack: None };
    let request = FleetRequest {
        check: CheckRequest { plan: choice, ..CheckRequest::default() },
        ..FleetRequest::default()
    };
    validate_fleet(&request, played, &|_| {})
}

fn fleet(name: &str, rows: &str, blocks: &[(&str, String)]) -> Outcome {
    let blocks: Vec<(String, String)> =
        blocks.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
    asked(name, rows, &Played::of(&blocks)).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Rule, subject and message of every finding.
fn found(outcome: &Outcome) -> Vec<(&str, &str, &str)> {
    outcome
        .settled
        .findings
        .iter()
        .map(|finding| {
            (finding.rule, finding.subject.as_deref().unwrap_or_default(), finding.message.as_str())
        })
        .collect()
}

fn cell<'o>(outcome: &'o Outcome, container: &str, rule: &str) -> &'o FleetCell {
    let of_it = |row: &&plimsoll::report::FleetRow| row.container.as_deref() == Some(container);
    let cells = outcome.checked.fleet.iter().filter(of_it).flat_map(|row| &row.cells);
    let mut cells = cells.filter(|cell| cell.rule == rule);
    cells.next().unwrap_or_else(|| panic!("no cell of {rule} for {container}: {:?}", outcome.checked.fleet))
}

#[test]
fn failure_1_an_engine_without_containers_is_no_pass() {
    let error = asked("empty", "web = { ports = \"7001/8001\" }", &Played::without_containers());
    let message = error.err().map(|error| error.message).unwrap_or_default();
    assert!(message.contains("no containers"), "{message}");
}

#[test]
fn failure_2_a_container_without_the_label_is_a_finding_and_the_rest_is_still_told() {
    let rows = "web = { ports = \"8001/8001\" }\nworker = { ports = \"8002/8002\" }\n";
    let unlabelled = config(8001).replace(r#""health_check_port": "8001""#, "");
    let unhealthy = config(8002).replace("\"healthy\"", "\"unhealthy\"");
    let outcome = fleet(
        "label",
        rows,
        &[
            ("web.container.json", format!("{{{unlabelled}, {GOOD}}}")),
            ("worker.container.json", format!("{{{unhealthy}, {GOOD}}}")),
            ("http://172.17.0.2:8001/health", answer("200 OK", r#"{"status":"ok"}"#)),
            ("http://172.17.0.2:8002/health", answer("200 OK", r#"{"status":"ok"}"#)),
        ],
    );
    let rules: Vec<&str> = found(&outcome).iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(rules, ["health-label", "live-health"], "{:?}", found(&outcome));
    assert_eq!(found(&outcome)[0].1, "container:web");
    assert_eq!(cell(&outcome, "worker", "health-contract").state, CellState::Pass);
}

#[test]
fn failure_3_without_a_network_no_neighbour_answers_in_its_place() {
    let rows = "web = { ports = \"8001/8001\" }\n";
    let alone = r#""HostConfig": {"NetworkMode": "none"}, "NetworkSettings": {"Networks": {"none": {"IPAddress": ""}}}"#;
    let outcome = fleet(
        "network",
        rows,
        &[
            ("web.container.json", format!("{{{}, {alone}, {GOOD}}}", config(8001))),
            // Somebody else, who would be taken for it.
            ("http://127.0.0.1:8001/health", answer("200 OK", r#"{"status":"ok"}"#)),
        ],
    );
    let found = found(&outcome);
    assert!(
        matches!(found.as_slice(), [("health-contract", _, message)] if message.contains("no network")),
        "{found:?}"
    );
    assert!(matches!(cell(&outcome, "web", "health-contract").state, CellState::Fail(_)));
}

/// Every contract of a container that nobody reaches is told in the table, and one of them in a finding, whichever rules run.
#[test]
fn a_container_that_nobody_reaches_passes_no_contract() {
    let plan = "[health]\npath = \"/health\"\n[services.contracts.metrics]\npath = \"/metrics\"\nnames = [\"up\"]\n\
        [services.rows]\nweb = { ports = \"8001/8001\" }\n";
    let alone =
        serde_json::json!({"HostConfig": {"NetworkMode": "none"}, "NetworkSettings": {"Networks": {}}});
    let (name, text) = of_engine("web", &alone);
    let contracts = ["health-contract", "metrics-contract"];
    for (ignored, want) in [(vec![], contracts[0]), (vec![contracts[0]], contracts[1])] {
        let call = Call::new("alone", plan).with(|it| it.check.ignore = ignored.clone());
        let outcome = call.run(&Asked::new(&[(&name, &text)])).unwrap();
        let found = outcome.settled.findings.iter().map(|it| it.rule).filter(|rule| contracts.contains(rule));
        assert_eq!(found.collect::<Vec<_>>(), [want]);
        for rule in contracts.into_iter().filter(|rule| !ignored.contains(rule)) {
            let state = cell(&outcome, "web", rule).state;
            assert_eq!(matches!(state, CellState::Fail(_)), rule == want, "{rule}: {state:?}");
            assert_ne!(state, CellState::Pass, "{rule}");
        }
    }
}

#[test]
fn failure_4_two_networks_are_two_addresses() {
    let networks = r#""NetworkSettings": {"Networks": {
        "front": {"IPAddress": "172.18.0.2"}, "back": {"IPAddress": "172.19.0.2"}}}"#;
    let outcome = fleet(
        "networks",
        "web = { ports = \"8001/8001\" }\n",
        &[
            ("web.container.json", format!("{{{}, {networks}, {GOOD}}}", config(8001))),
            ("http://172.19.0.2:8001/health", answer("200 OK", r#"{"status":"ok"}"#)),
        ],
    );
    assert!(found(&outcome).is_empty(), "{:?}", found(&outcome));
    let cell = cell(&outcome, "web", "health-contract");
    assert_eq!(cell.state, CellState::Pass);
    assert_eq!(cell.details, ["http://172.19.0.2:8001/health"]);
}

#[test]
fn failure_5_the_body_is_read_and_the_time_is_over_at_some_point() {
    for (name, answer, part) in [
        ("body", answer("200 OK", r#"{"status":"fail"}"#), "fail"),
        ("page", "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<html>".to_owned(), ""),
        ("time", "timeout".to_owned(), "5"),
    ] {
        let outcome = fleet(
            name,
            "web = { ports = \"8001/8001\" }\n",
            &[
                ("web.container.json", format!("{{{}, {GOOD}}}", config(8001))),
                ("http://172.17.0.2:8001/health", answer),
            ],
        );
        let found = found(&outcome);
        assert!(
            !found.is_empty() && found.iter().all(|(rule, _, _)| *rule == "health-contract"),
            "{name}: {found:?}"
        );
        assert!(found.iter().any(|(_, _, message)| message.contains(part)), "{name}: {found:?}");
    }
}

#[test]
fn failure_6_no_version_of_cuda_is_no_pass() {
    let rows = "web = { ports = \"8001/8001\", needs = \"GPU\" }\n";
    for (name, files, is_finding) in [
        (
            "absent",
            r#""files": {"/usr/local/cuda/version.json": null, "/usr/local/cuda/version.txt": null}"#,
            true,
        ),
        ("unread", r#""files": {}"#, false),
    ] {
        let outcome = fleet(
            name,
            rows,
            &[
                ("web.container.json", format!("{{{}, {files}, {GOOD}}}", config(8001))),
                ("http://172.17.0.2:8001/health", answer("200 OK", r#"{"status":"ok"}"#)),
            ],
        );
        let state = cell(&outcome, "web", "live-cuda").state;
        assert!(matches!(state, CellState::Fail(_)) == is_finding, "{name}: {state:?}");
        assert_ne!(state, CellState::Pass, "{name}");
        assert_eq!(found(&outcome).len(), usize::from(is_finding), "{name}: {:?}", found(&outcome));
    }
}

#[test]
fn failure_7_every_process_is_judged_by_its_numbers_not_by_the_config() {
    // The config is what `docker exec id -u` prints; nothing is started in the container, so it needs no `id`.
    let cases = [
        // PID 1 is root, the server is not.
        ("root_init", "10001:10001", [(0, 0), (10001, 10001)], Some("PID 1 `tini` as `0:0`")),
        // The other way round.
        ("root_server", "10001:10001", [(10001, 10001), (0, 0)], Some("runs `app` as `0:0`")),
        ("root_group", "10001", [(10001, 0), (10001, 0)], Some("PID 1 `tini` and `app` as `10001:0`")),
        ("dropped", "0", [(10001, 10001), (10001, 10001)], None),
    ];
    for (name, user, ids, part) in cases {
        let process = |pid: u32, program: &str, (uid, gid): (u32, u32)| {
            format!(
                r#"{{"pid": {pid}, "uid": {uid}, "gid": {gid}, "name": "{program}", "command": ["{program}"]}}"#
            )
        };
        let processes = format!("[{}, {}]", process(40, "tini", ids[0]), process(41, "app", ids[1]));
        let config = config(8001).replace("\"Config\": {", &format!("\"Config\": {{\"User\": \"{user}\", "));
        let outcome = fleet(
            name,
            "web = { ports = \"8001/8001\" }\n",
            &[
                ("web.container.json", format!("{{{config}, \"processes\": {processes}}}")),
                ("http://172.17.0.2:8001/health", answer("200 OK", r#"{"status":"ok"}"#)),
            ],
        );
        let found = found(&outcome);
        let said: Vec<&str> =
            found.iter().filter(|(rule, ..)| *rule == "live-user").map(|(.., it)| *it).collect();
        assert_eq!(said.len(), usize::from(part.is_some()), "{name}: {found:?}");
        assert!(said.iter().all(|said| said.contains(part.unwrap_or_default())), "{name}: {said:?}");
        assert_eq!(found.len(), said.len(), "{name}: {found:?}");
    }
}

#[test]
fn ten_containers_get_the_rules_of_what_they_break() {
    let names = [
        "good",
        "root",
        "bare",
        "loopback",
        "alone",
        "twonets",
        "unhealthy",
        "paused",
        "stale",
        "unlabelled",
    ];
    let rows: String = names
        .iter()
        .enumerate()
        .map(|(at, name)| format!("{name} = {{ ports = \"{0}/{0}\" }}\n", 8001 + at))
        .collect();
    let mut blocks: Vec<(String, String)> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let port = u16::try_from(8001 + at).unwrap();
        let (mut config, mut processes, mut more) = (config(port), GOOD.to_owned(), String::new());
        let mut body = answer("200 OK", r#"{"status":"ok"}"#);
        match *name {
            "root" => processes = processes.replace("10001", "0"),
            "bare" => processes = processes.replace("tini", "app"),
            "loopback" => {
                config = config.replace("0.0.0.0", "127.0.0.1");
                "refused".clone_into(&mut body);
            }
            "alone" => {
                more = r#", "HostConfig": {"NetworkMode": "none"}, "NetworkSettings": {"Networks": {"none": {"IPAddress": ""}}}"#.to_owned();
            }
            "twonets" => {
                more = r#", "NetworkSettings": {"Networks": {"a": {"IPAddress": "172.20.0.9"}, "b": {"IPAddress": "172.17.0.2"}}}"#.to_owned();
            }
            "unhealthy" => config = config.replace("\"healthy\"", "\"unhealthy\""),
            "paused" => {
                config =
                    config.replace("{\"Health\"", "{\"Status\": \"paused\", \"Paused\": true, \"Health\"")
            }
            "unlabelled" => config = config.replace(&format!("\"health_check_port\": \"{port}\""), ""),
            _ => {}
        }
        let tags = if *name == "stale" { String::new() } else { format!("\"{name}:1.0\"") };
        more += &format!(r#", "image": {{"RepoTags": [{tags}], "Config": {{}}}}"#);
        blocks.push((format!("{name}.container.json"), format!("{{{config}, {processes}{more}}}")));
        blocks.push((format!("http://172.17.0.2:{port}/health"), body));
    }
    let rows = format!("{rows}\n[images]\npinned = true\n");
    let outcome = asked("ten", &rows, &Played::of(&blocks)).unwrap();
    let told = found(&outcome);
    let of = |name: &str| -> Vec<&str> {
        let row = &outcome.settled.findings;
        row.iter().filter(|it| it.service.as_deref() == Some(name)).map(|it| it.rule).collect()
    };
    for (name, want) in [
        ("good", &[][..]),
        ("root", &["live-user"]),
        ("bare", &["live-init"]),
        ("loopback", &["live-port"]),
        ("alone", &["health-contract"]),
        ("twonets", &[]),
        ("unhealthy", &["live-health"]),
        ("paused", &["live-health"]),
        ("stale", &["live-image"]),
        ("unlabelled", &["health-label"]),
    ] {
        assert_eq!(of(name), want, "{name}: {told:?}");
    }
    assert_eq!(told.len(), 8, "{told:?}");
    // The image says nothing of what these were started with, and no rule may make drift of it.
    assert!(outcome.settled.open.is_empty(), "{:?}", outcome.settled.open);
}

#[test]
fn an_address_that_does_not_answer_is_told_once() {
    let rows = "web = { ports = \"8001\", contracts = { metrics = { path = \"/metrics\", format = \"prometheus\" } } }\n\
        api = { ports = \"8002\", contracts = { docs = { path = \"/docs\" } } }\n";
    let of_api = [
        ("http://127.0.0.1:8002/health", "timeout".to_owned()),
        ("http://127.0.0.1:8002/docs", "closed".to_owned()),
    ];
    let outcome = fleet("once", rows, &of_api);
    let found: Vec<(&str, &str)> =
        found(&outcome).into_iter().map(|(rule, subject, _)| (rule, subject)).collect();
    let want = [
        ("health-contract", "http://127.0.0.1:8001/health"),
        ("health-contract", "http://127.0.0.1:8002/docs"),
        ("health-contract", "http://127.0.0.1:8002/health"),
    ];
    assert_eq!(found, want);
    let web = outcome.checked.fleet.iter().find(|row| row.service == "web").unwrap();
    let metrics = web.cells.iter().find(|cell| cell.rule == "metrics-contract").unwrap();
    assert_eq!(metrics.state, CellState::Open, "{metrics:?}");
}
