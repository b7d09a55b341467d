//! Answers against contracts: what the one finding says.

use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use crate::finding::{Finding, Findings, Kind};
use crate::lower::live::read_body;
use crate::model::{Answer, BodyEnd, Failure, HttpAnswer, LiveEndpoint};
use crate::plan::{Plan, endpoint_contracts, load_text};
use crate::rules::Check;
use crate::source::{Place, Span};

/// An answer with status 200 of raw header lines and a body, after three milliseconds.
fn http(head: &str, body: impl AsRef<[u8]>) -> Answer {
    let mut lines = head.lines();
    let status = lines.next().and_then(|status| status.parse().ok()).expect("a status");
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer::Http(HttpAnswer {
        status,
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase().into(), value.into())).collect(),
        body: body.as_ref().into(),
        end: BodyEnd::Whole,
        time: Duration::from_millis(3),
    })
}

fn json(body: &str) -> Answer {
    http("200\nContent-Type: application/json", body)
}

/// The endpoint of the first contract of a plan.
fn endpoint(plan: &Plan, answer: Answer) -> LiveEndpoint {
    let contract = endpoint_contracts(plan, None).into_iter().next().expect("a contract");
    LiveEndpoint {
        service: None,
        name: "Web".into(),
        machine: None,
        place: Place::new(&plan.sources[0], Span::new(0, 1)),
        url: format!("http://127.0.0.1:8212{}", contract.path.value).into(),
        container: None,
        reading: read_body(&answer, contract.format),
        contract,
        answer,
    }
}

fn judged(plan: &str, answer: Answer) -> Vec<Finding> {
    let plan = load_text(plan).unwrap_or_else(|errors| panic!("{plan}: {}", errors[0]));
    let endpoint = endpoint(&plan, answer);
    let mut out = Findings::new();
    let Check::Endpoint(check) = super::super::health_contract::CHECK else { panic!("another check") };
    check(&endpoint, &plan, &mut out);
    out.into_vec()
}

/// The message of the one finding, without the address; empty: none. What else is wrong follows after ` + `.
fn said(plan: &str, answer: Answer) -> String {
    let found = judged(plan, answer);
    assert!(found.len() <= 1, "{found:?}");
    let Some(finding) = found.first() else { return String::new() };
    assert_eq!((finding.service.as_deref(), finding.kind), (Some("Web"), Kind::Finding));
    let message = finding.message.strip_prefix("`http://127.0.0.1:8212/h` ").unwrap_or(&finding.message);
    let further = finding.help.as_deref().and_then(|help| help.split_once("it also "));
    match further {
        Some((_, further)) => format!("{message} + {further}"),
        None => message.to_owned(),
    }
}

const PLAN: &str = "[health]\npath = \"/h\"\nexpect = { status = \"ok\", checks = { db = 1 } }";
const OK: &str = r#"{"status":"ok","checks":{"db":1}}"#;

#[test]
fn a_good_answer_is_no_finding() {
    let good = [
        json(OK),
        json(r#"{"status":"ok","checks":{"db":1.0,"x":[]},"status2":null,"uptime":1e9}"#),
        http("200\nContent-Type: application/json; charset=utf-8", OK),
        http("200\nContent-Type: application/health+json", OK),
        http("200\nContent-Type: APPLICATION/JSON", format!("\r\n {OK} \n")),
        http("200\nContent-Type: application/octet-stream", OK),
        http("200", OK),
        http("200\nContent-Type: application/json\nContent-Length: 33", OK),
        http("200\nContent-Type: application/json\nTransfer-Encoding: chunked", OK),
    ];
    for answer in good {
        assert_eq!(said(PLAN, answer), "");
    }
}

#[test]
fn every_broken_answer_is_one_finding_that_says_what_came_back() {
    let cut = |end: BodyEnd| match json("{\"status\":\"o") {
        Answer::Http(answer) => Answer::Http(HttpAnswer { end, ..answer }),
        other => other,
    };
    let failed = Answer::Failed;
    let cases = [
        (http("503\nContent-Type: text/plain", "starting"), "answers 503 (`starting`), planned 200"),
        (http("404", ""), "answers 404, planned 200"),
        (http("204", ""), "answers 204, planned 200"),
        (
            http("302\nLocation: http://u:p@169.254.169.254/latest/meta?x=s3cret", ""),
            "answers 302 and sends to `http://169.254.169.254/latest/meta`, planned 200",
        ),
        (http("301", "moved"), "answers 301 (`moved`), planned 200"),
        (
            http("500\nContent-Type: application/json", OK),
            "answers 500 (`{\"status\":\"ok\",\"checks\":{\"db\":1}}`), planned 200",
        ),
        (
            http("200\nContent-Type: text/html", "<!DOCTYPE html><title>Log in</title>"),
            "answers 200 with an HTML page (`<!DOCTYPE html><title>Log in</title>`), planned JSON + calls its body `text/html`, planned `application/json`",
        ),
        (http("200\nContent-Type: text/html", OK), "calls its body `text/html`, planned `application/json`"),
        (
            http("200\nContent-Type: text/plain", "OK"),
            "answers 200 with no JSON (`OK`): expected value at line 1 column 1 + calls its body `text/plain`, planned `application/json`",
        ),
        (json(""), "answers 200 with no JSON: it is empty"),
        (json("\u{0}\u{1}\u{fffd}\u{fffd}"), "answers 200 with no JSON: expected value at line 1 column 1"),
        (json("[]"), "answers with a list, planned a JSON object"),
        (json("\"ok\""), "answers with a text, planned a JSON object"),
        (json("null"), "answers with `null`, planned a JSON object"),
        (json("{}"), "says no `status`, planned `ok` + says no `checks.db`, planned `1`"),
        (json(r#"{"status":"starting","checks":{"db":1}}"#), "says `status` is `starting`, planned `ok`"),
        (json(r#"{"status":"OK","checks":{"db":1}}"#), "says `status` is `OK`, planned `ok`"),
        (json(r#"{"status":{"a":1},"checks":{"db":1}}"#), "says `status` is an object, planned `ok`"),
        (json(r#"{"status":null,"checks":{"db":1}}"#), "says `status` is `null`, planned `ok`"),
        (json(r#"{"status":"","checks":{"db":1}}"#), "says `status` is an empty text, planned `ok`"),
        (json(r#"{"status":"ok","checks":{"db":"1"}}"#), "says `checks.db` is `1`, planned the number `1`"),
        (json(r#"{"status":"ok","checks":{"db":true}}"#), "says `checks.db` is `true`, planned `1`"),
        (json(r#"{"status":"ok","checks":[1]}"#), "says no `checks.db`, planned `1`"),
        (
            json(r#"{"status":"ok","checks":{"db":1},"status":"fail"}"#),
            "says `status` twice in one object + says `status` is `fail`, planned `ok`",
        ),
        (json(r#"{"status":"fail","checks":{"db":1},"status":"ok"}"#), "says `status` twice in one object"),
        (json(&format!("\u{feff}{OK}")), "starts its JSON with a byte order mark, which JSON forbids"),
        (
            json(&"[".repeat(5_000)),
            "answers 200 with no JSON (`[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\u{2026}`): recursion limit exceeded at line 1 column 128",
        ),
        (
            http("200\nContent-Type: application/json\nContent-Length: 33\nTransfer-Encoding: chunked", OK),
            "sends Content-Length together with Transfer-Encoding",
        ),
        (
            http("200\nContent-Type: application/json\nContent-Type: text/html", OK),
            "names two media types, `application/json` and `text/html`",
        ),
        (http("200\nContent-Length: 33\nContent-Length: 34", OK), "sends several lengths in Content-Length"),
        (
            http("200\nContent-Type: application/json\nContent-Encoding: gzip", "\u{1f}\u{8b}"),
            "answers 200 with a body in `gzip`, which nobody asked for",
        ),
        (
            json(r#"{"status":"password=hunter2-and-more","checks":{"db":1}}"#),
            "says `status` is `***`, planned `ok`",
        ),
        (cut(BodyEnd::TooLong(65_536)), "answers 200 with a body of more than 64 KiB"),
        (
            cut(BodyEnd::Cut("the connection was closed after 12 of 40 bytes".into())),
            "answers 200 with a body that is cut: the connection was closed after 12 of 40 bytes",
        ),
        (failed(Failure::Refused), "refuses the connection: nothing listens there"),
        (failed(Failure::TimedOut(Duration::from_secs(5))), "gave no answer within 5 s"),
        (failed(Failure::Closed("reset by peer".into())), "gave no answer: reset by peer"),
        (failed(Failure::NotHttp("`SSH-2.0`\r\n".into())), "does not speak HTTP: `SSH-2.0`"),
        (
            failed(Failure::NoAddress("gone.example".into())),
            "cannot be reached: `gone.example` has no address",
        ),
        (
            failed(Failure::Forbidden("169.254.169.254".into())),
            "was not asked: the address `169.254.169.254` is forbidden",
        ),
        (failed(Failure::Deadline), "was not asked to the end: the time of the whole call was over"),
        (failed(Failure::Other("no route to host".into())), "cannot be asked: no route to host"),
    ];
    for (answer, want) in cases {
        assert_eq!(said(PLAN, answer), want);
    }
}

#[test]
fn further_demands() {
    let with = |keys: &str| format!("[services.contracts.a]\npath = \"/h\"\n{keys}");
    let slow = |ms: u64| match json("{}") {
        Answer::Http(answer) => Answer::Http(HttpAnswer { time: Duration::from_millis(ms), ..answer }),
        other => other,
    };
    let page = |kind: &str, body: &str| http(&format!("200\nContent-Type: {kind}"), body);
    let cases = [
        ("", http("200", "anything <html>"), ""),
        ("", http("201", ""), "answers 201, planned 200"),
        ("status = [200, 204]", http("204", ""), ""),
        ("status = [200, 204, 206]", http("500", ""), "answers 500, planned 200, 204 or 206"),
        ("status = 302", http("302\nLocation: /x", ""), ""),
        ("status = [404, 405]", http("200", "x"), "answers 200 (`x`), planned 404 or 405"),
        ("format = \"json\"", json("{}"), ""),
        ("format = \"json\"", json("3"), "answers with a number, planned a JSON object"),
        ("schema = \"builtin:health\"", json("{\"status\":\"ok\",\"x\":1}"), ""),
        (
            "schema = \"builtin:health\"",
            json("{\"status\":\"s3cret\"}"),
            "breaks `builtin:health`: `status` is not `ok`",
        ),
        (
            "schema = \"builtin:health\"",
            json("[]"),
            "breaks `builtin:health`: the body is a list, not a mapping",
        ),
        (
            "schema = \"builtin:health-healthy\"",
            json(
                r#"{"status":"healthy","app_name":"a","version":1,"environment":"e","database":"connected"}"#,
            ),
            "breaks `builtin:health-healthy`: `version` is a number, not a string",
        ),
        (
            "content-type = \"application/json\"",
            http("200", "{}"),
            "names no media type, planned `application/json`",
        ),
        (
            "content-type = \"application/json\"",
            page("text/plain; a=b", ""),
            "calls its body `text/plain`, planned `application/json`",
        ),
        ("content-type = \"application/json\"", page("application/json;charset=utf-8", ""), ""),
        ("format = \"html\"", page("text/html; charset=utf-8", "<p>docs"), ""),
        ("format = \"html\"", http("200", "<!doctype HTML>"), ""),
        ("format = \"html\"", http("200", "docs"), "answers 200 with no page (`docs`), planned an HTML page"),
        (
            "format = \"html\"",
            page("text/html", " \n"),
            "answers 200 with an empty body, planned an HTML page",
        ),
        (
            "format = \"html\"",
            page("application/json", "{}"),
            "calls its body `application/json`, planned `text/html`",
        ),
        ("format = \"text\"", page("text/plain", "pong"), ""),
        (
            "format = \"text\"",
            http("200", "<html>"),
            "answers 200 with an HTML page (`<html>`), planned plain text",
        ),
        ("max-time = \"2s\"", slow(2_000), ""),
        ("max-time = \"2s\"", slow(2_345), "takes 2.345 s, planned 2 s at most"),
        ("headers = { X-A = \"1\" }", http("200\nX-a: 0\nx-a: 1", ""), ""),
        ("headers = { X-A = \"1\" }", http("200\nX-a: 2", ""), "sends `x-a: 2`, planned `1`"),
        ("headers = { X-A = \"1\" }", http("200", ""), "sends no `x-a`, planned `1`"),
        (
            "headers = { Set-Cookie = \"a\" }",
            http("200\nSet-Cookie: s3cret", ""),
            "sends another `set-cookie` than planned",
        ),
        ("expect = { \"a.b\" = 1, c = { 1 = \"x\" } }", json(r#"{"a.b":1,"c":["w","x"]}"#), ""),
        ("expect = { a = \"true\" }", json(r#"{"a":true}"#), "says `a` is `true`, planned the text `true`"),
        (
            "expect = { a = false }",
            json(r#"{"a":"false"}"#),
            "says `a` is `false`, planned the truth value `false`",
        ),
    ];
    for (keys, answer, want) in cases {
        assert_eq!(said(&with(keys), answer), want, "{keys}");
    }
}

#[test]
fn what_was_not_asked_is_open_but_for_a_container_without_network() {
    let found = judged(PLAN, Answer::NotAsked("the container is paused".into()));
    assert_eq!(found[0].kind, Kind::Open);
    assert_eq!(
        found[0].message,
        "cannot tell what `http://127.0.0.1:8212/h` answers: the container is paused"
    );
    let found = judged(PLAN, Answer::Unreachable("the container is alone".into()));
    assert_eq!((found.len(), found[0].kind), (1, Kind::Finding));
    assert_eq!(found[0].message, "`http://127.0.0.1:8212/h` cannot be reached: the container is alone");
}

#[test]
fn the_plan_line_is_the_exact_one() {
    let line = |answer: Answer| {
        let found = judged(PLAN, answer);
        found[0].plan.as_ref().map(|step| step.place.text().into_owned())
    };
    assert_eq!(line(json("{}")).as_deref(), Some("ok"));
    assert_eq!(line(http("500", "")).as_deref(), Some("/h"));
}

/// Nothing of an answer makes a message long or takes its words out of their line.
#[test]
fn messages_stay_short() {
    let long = "x\u{1b}[2J\u{202e}\n`".repeat(10_000);
    let quoted = serde_json::to_string(&long).expect("text");
    let answers = [
        http(&format!("500\nLocation: {}", "y".repeat(9_000)), &long),
        http(&format!("302\nLocation: http://h/{}", "y".repeat(9_000)), ""),
        http(&format!("200\nContent-Type: {}", "z".repeat(9_000)), OK),
        json(&format!("{{\"status\":{quoted}}}")),
        json(&format!("{{\"status\":\"ok\",{quoted}:1,{quoted}:2}}")),
        Answer::Failed(Failure::Closed(SmolStr::from(&long))),
        Answer::Failed(Failure::NotHttp(SmolStr::from(&long))),
    ];
    for answer in answers {
        let found = judged(PLAN, answer);
        assert_eq!(found.len(), 1);
        let (message, help) = (&found[0].message, found[0].help.clone().unwrap_or_default());
        assert!(message.chars().count() < 300 && help.chars().count() < 800, "{message}\n{help}");
        assert!(!message.contains(|c: char| c.is_control()), "{message:?}");
    }
}

/// Random bytes, cut and changed answers: an answer always, never a panic.
#[test]
fn hostile_bodies_are_judged() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let plan = Arc::new(load_text(PLAN).expect("valid"));
    let Check::Endpoint(check) = super::super::health_contract::CHECK else { panic!("another check") };
    for round in 0..3_000_usize {
        let mut body = OK.as_bytes().to_vec();
        for _ in 0..=(round % 6) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = (state >> 8) as usize % body.len();
            body[at] = b"\"{}[]:,\\\xff\xef 0"[(state & 0xff) as usize % 12];
        }
        let mut out = Findings::new();
        let whole = body == OK.as_bytes();
        check(&endpoint(&plan, http("200", &body)), &plan, &mut out);
        assert!(out.len() <= usize::from(!whole), "{body:?}");
    }
}
