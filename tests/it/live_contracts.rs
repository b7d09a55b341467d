//! The contracts of the packs, and runs against the manifest of their service.

use std::path::PathBuf;

use plimsoll::finding::Finding;
use plimsoll::run::{CheckRequest, FleetRequest, PlanChoice, validate_fleet};

use crate::support::played_fleet::Played;
use crate::support::{folder, write};

/// What is found of a plan in a fleet.
fn found(name: &str, plan: &str, allow_post: bool, fleet: &Played) -> Vec<Finding> {
    let file: PathBuf = folder(&format!("live-contracts/{name}")).join("plimsoll.toml");
    write(&file, plan);
    let choice = PlanChoice { file: Some(file), pack: None };
    let request = FleetRequest {
        allow_post,
        check: CheckRequest { plan: choice, ..CheckRequest::default() },
        ..FleetRequest::default()
    };
    validate_fleet(&request, fleet, &|_| {})
        .unwrap_or_else(|error| panic!("{name}: {error:?}"))
        .settled
        .findings
}

fn words(finding: &Finding) -> String {
    format!("{}; {}", finding.message, finding.help.as_deref().unwrap_or_default())
}

fn played(answers: &[(&str, &str)]) -> Played {
    let files: Vec<(String, String)> =
        answers.iter().map(|(url, text)| ((*url).to_owned(), (*text).to_owned())).collect();
    Played::of(&files)
}

const JSON: &str = "HTTP/1.1 200 OK\nContent-Type: application/json\nAccess-Control-Allow-Origin: *\n\n";

/// The four fleets whose contracts are packs: good ones pass, and no contract is asked of another fleet.
/// Name, what is planned, and the answers by address.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[test]
fn packs_pass_their_own_fleets() {
    let json = |body: &str| format!("{JSON}{body}");
    let manifest = json(
        r#"{"name":"a","version":"1","endpoints":[{"uri":"/run","input_methods":["POST"],"example_calls":[]}]}"#,
    );
    let frames = json(
        r#"{"status":"healthy","app_name":"ImageFramesAPI","version":"0.1.0","environment":"production","database":"connected"}"#,
    );
    let metrics = "HTTP/1.1 200 OK\nContent-Type: text/plain; version=0.0.4\n\n\
        # TYPE hello_ai_requests_total counter\nhello_ai_requests_total 3\n\
        # TYPE hello_ai_request_duration_seconds histogram\n\
        hello_ai_request_duration_seconds_bucket{le=\"+Inf\"} 3\nhello_ai_request_duration_seconds_sum 1\n\
        hello_ai_request_duration_seconds_count 3\n# TYPE hello_ai_up gauge\nhello_ai_up 1\n";
    let ok = json(r#"{"status":"ok"}"#);
    let cases: [Case<'_>; 4] = [
        ("gpu-fleet", "ports = \"7212/8212\"", &[("http://127.0.0.1:8212/health", &ok)]),
        (
            "knative-services",
            "port = 8002",
            &[("http://127.0.0.1:8002/healthz", &ok), ("http://127.0.0.1:8002/metrics", metrics)],
        ),
        (
            "compose-api",
            "port = 8000",
            &[
                ("http://127.0.0.1:8000/health", &frames),
                (
                    "http://127.0.0.1:8000/docs",
                    "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\n\n<!DOCTYPE html>",
                ),
            ],
        ),
        (
            "aim",
            "port = 9020",
            &[
                ("http://127.0.0.1:9020/manifest.json", &manifest),
                ("http://127.0.0.1:9020/run", "HTTP/1.1 405 Method Not Allowed\nAllow: POST\n\n"),
            ],
        ),
    ];
    let live = |findings: Vec<Finding>| -> Vec<String> {
        let rules = ["health-contract", "manifest-contract"];
        findings.iter().filter(|it| rules.contains(&it.rule)).map(words).collect()
    };
    for (pack, row, answers) in cases {
        let plan = format!("extends = [\"{pack}\"]\n[services.rows]\nweb = {{ {row} }}\n");
        let findings = live(found(pack, &plan, false, &played(answers)));
        assert!(findings.is_empty(), "{pack}: {findings:?}");
        // The same fleet, stopped: one cause, one finding.
        let stopped = live(found(pack, &plan, false, &played(&[])));
        assert_eq!(stopped.len(), 1, "{pack}: {stopped:?}");
        assert!(stopped[0].contains(answers[0].0), "{pack}: {stopped:?}");
    }
}

/// A run is asked when the call allows it, and answers as the manifest of its service says.
#[test]
fn a_run_is_held_against_the_manifest() {
    let plan = "extends = [\"aim\"]\n[services.rows]\nweb = { port = 9020, contracts.run-by-get = false }\n";
    let manifest = format!(
        "{JSON}{}",
        r#"{"name":"a","version":"1","endpoints":[{"uri":"/run","input_methods":["POST"],"example_calls":[{"output":{"message":"Hello Node!"}}]}]}"#
    );
    let run = |message: &str| format!("{JSON}{{\"message\":\"{message}\"}}");
    let cases =
        [("Hello Node!", true, ""), ("Other", false, ""), ("Other", true, "the example in its manifest")];
    for (message, allow_post, want) in cases {
        let run = run(message);
        let fleet = played(&[
            ("http://127.0.0.1:9020/manifest.json", &manifest),
            ("http://127.0.0.1:9020/run", &run),
        ]);
        let findings = found("run", plan, allow_post, &fleet);
        let own: Vec<String> =
            findings.iter().filter(|it| it.rule == "manifest-contract").map(words).collect();
        match want {
            "" => assert!(own.is_empty(), "{own:?}"),
            want => assert!(own.len() == 1 && own[0].contains(want), "{own:?}"),
        }
        let health = findings.iter().filter(|it| it.rule == "health-contract").count();
        assert_eq!(health, 0, "{message} {allow_post}");
    }
}
