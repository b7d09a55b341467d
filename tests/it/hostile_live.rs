//! Fleets and engines that send the worst they can: bounded work and memory, and nothing raw or secret in any report.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::engine_server::{Containers, EngineServer, Play};
use crate::support::live_server::LiveServer;
use crate::support::{Run, folder, plimsoll, write};

/// Longest computation of one call.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
/// Most memory of one call, in kB.
const MOST_KB: u64 = 128 << 10;
/// Longest bodies that are read, in bytes.
const METRICS: usize = if cfg!(debug_assertions) { 1 << 20 } else { 8 << 20 };
const JSON: usize = 64 << 10;
const FORMATS: [&str; 9] =
    ["text", "concise", "github", "gitlab", "markdown", "html", "junit", "sarif", "json"];

fn assert_bounds(name: &str, run: &Run) {
    println!("{name}: exit {:?}, {:?} of CPU, {} kB", run.code, run.cpu, run.peak_kb);
    assert!(matches!(run.code, Some(0 | 1)), "{name}: {}", run.stderr);
    assert!(run.cpu < LONGEST, "{name}: {:?}", run.cpu);
    assert!(run.peak_kb < MOST_KB, "{name}: {} kB", run.peak_kb);
    assert!(!run.stderr.contains("panicked"), "{name}: {}", run.stderr);
}

fn answer(media: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A fleet of one endpoint.
fn fleet(name: &str, contract: &str, answer: Vec<u8>) -> (PathBuf, LiveServer) {
    let server = LiveServer::answering(move |_| answer.clone());
    let folder = folder(&format!("hostile-live-{name}"));
    let plan = format!(
        "[services.contracts.c]\npath = \"/c\"\nport = \"health\"\n{contract}\n\n[services.rows]\nweb = {{ ports = \"1/{}\" }}\n",
        server.port
    );
    write(&folder.join("plimsoll.toml"), plan);
    (folder, server)
}

fn ask(name: &str, contract: &str, answer: Vec<u8>) -> Run {
    let (folder, _server) = fleet(name, contract, answer);
    let run = plimsoll(&folder, &["validate-fleet", "--format", "json", "--timeout", "20s"]);
    assert_bounds(name, &run);
    run
}

/// Pieces until the cap.
fn fill(cap: usize, head: &str, piece: impl Fn(usize) -> String, tail: &str) -> Vec<u8> {
    let mut body = head.to_owned();
    for at in 0.. {
        let piece = piece(at);
        if body.len() + piece.len() + tail.len() > cap {
            break;
        }
        body.push_str(&piece);
    }
    body.push_str(tail);
    body.into_bytes()
}

#[test]
fn metrics_of_every_bad_shape_are_bounded() {
    let all = |piece: &str| fill(METRICS, "", |_| piece.to_owned(), "");
    let numbered = |before: &str, after: &str| fill(METRICS, "", |at| format!("{before}{at:x}{after}"), "");
    let le = |at: usize| format!("h_bucket{{le=\"{at}\"}} 1\n");
    for (name, body) in [
        ("one line", all("x")),
        ("one line of labels", fill(METRICS, "m{", |at| format!("l{at:x}=\"\","), "} 1\n")),
        ("labels", all("m{a=\"\",b=\"\",c=\"\",d=\"\",e=\"\",f=\"\",g=\"\",h=\"\"} 1\n")),
        ("samples", all("m 1\n")),
        ("series", numbered("m{a=\"", "\"} 1\n")),
        ("long names", fill(METRICS, "", |at| format!("{}{at:07} 1\n", "n".repeat(40)), "")),
        ("families", numbered("m", " 1\n")),
        ("types", numbered("# TYPE m", " counter\n")),
        ("helps", numbered("# HELP m", " x\n")),
        ("bad lines", all("-\n")),
        ("negative counters", numbered("# TYPE m", " counter\nm -1\n")),
        ("buckets", fill(METRICS, "# TYPE h histogram\n", le, "")),
        (
            "buckets of many series",
            fill(METRICS, "# TYPE h histogram\n", |at| format!("h_bucket{{a=\"{at}\",le=\"1\"}} 1\n"), ""),
        ),
        ("escapes", fill(METRICS, "m{a=\"", |_| "\\\\".to_owned(), "\"} 1\n")),
        ("bad escapes", fill(METRICS, "m{a=\"", |_| "\\".to_owned(), "")),
        ("zeros", all("\0")),
        ("zeros in lines", all("\0\n")),
        ("blanks", all(" ")),
        ("line feeds", all("\n")),
        ("carriage returns", all("m 1\r\n")),
        ("braces", all("{")),
        ("commas", fill(METRICS, "m{", |_| ",".to_owned(), "} 1\n")),
        ("digits", fill(METRICS, "m ", |_| "9".to_owned(), "\n")),
        ("exponents", all("m 1e999999999\n")),
    ] {
        for (format, media) in [
            ("prometheus", "text/plain; version=0.0.4"),
            ("openmetrics", "application/openmetrics-text; version=1.0.0"),
        ] {
            let contract = format!("format = \"{format}\"\nnames = [\"nobody_has_this\"]");
            ask(&format!("{name}, {format}").replace([' ', ','], "-"), &contract, answer(media, &body));
        }
    }
}

#[test]
fn json_of_every_bad_shape_is_bounded() {
    let contract = "format = \"json\"\nexpect = { status = \"ok\", \"a.b.c.d\" = 1 }\n";
    for (name, body) in [
        ("double-keys", fill(JSON, "{", |_| "\"a\":1,".to_owned(), "\"a\":1}")),
        ("many-double-keys", fill(JSON, "{", |at| format!("\"{0}\":1,\"{0}\":2,", at / 2), "\"a\":1}")),
        ("keys", fill(JSON, "{", |at| format!("\"{at:x}\":0,"), "\"a\":1}")),
        ("depth", vec![b'['; JSON]),
        ("objects", fill(JSON, "", |_| "{\"a\":".to_owned(), "")),
        ("half-depth", [[b'['; JSON / 2], [b']'; JSON / 2]].concat()),
        ("items", fill(JSON, "[", |_| "0,".to_owned(), "0]")),
        ("lists", fill(JSON, "[", |_| "[],".to_owned(), "0]")),
        ("digits", fill(JSON, "", |_| "9".to_owned(), "")),
        ("escapes", fill(JSON, "{\"status\":\"", |_| "\\u001b".to_owned(), "\"}")),
        ("zeros", vec![0; JSON]),
    ] {
        let run = ask(&format!("json-{name}"), contract, answer("application/json", &body));
        assert_eq!(run.code, Some(1), "{name}");
    }
}

#[test]
fn plans_of_many_rows_and_long_hosts_are_bounded() {
    let folder = folder("hostile-live-rows");
    let mut plan = String::new();
    for at in 0..4 {
        plan += &format!(
            "[services.contracts.c{at}]\npath = \"/{at}\"\nport = \"health\"\nexpect = {{ a = 1 }}\n\n"
        );
    }
    plan += "[machines.m]\nhost = \"127.0.0.1\"\n\n[services.rows]\n";
    for at in 0..2_500 {
        plan += &format!("service-{at} = {{ on = [\"m\"], ports = \"{}/1\" }}\n", 10_000 + at);
    }
    write(&folder.join("plimsoll.toml"), plan);
    for format in ["json", "html", "sarif"] {
        let run = plimsoll(&folder, &["validate-fleet", "--format", format]);
        assert_bounds(format, &run);
    }
    let long = "a".repeat(10_000);
    let dotted = "a.".repeat(5_000);
    for host in [long.as_str(), dotted.as_str()] {
        let run = plimsoll(
            &folder,
            &["validate-fleet", "--format", "text", "--host", host, "--service", "service-1"],
        );
        println!("long host: exit {:?}, {:?} of CPU", run.code, run.cpu);
        assert!(run.cpu < LONGEST && matches!(run.code, Some(1 | 2)), "{run:?}");
    }
}

const HOSTILE: &str = "a\u{1b}[31m\n::set-output name=x::y\r\n\u{202e}<img src=x onerror=alert(1)>|`x` [y](http://z) ]]> & \"q\" 'p'";
const TOKEN: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

/// Nothing that a reader acts on, and no secret.
fn assert_tame(name: &str, folder: &Path, arguments: &[&str]) {
    for format in FORMATS {
        let run = plimsoll(folder, &[&["validate-fleet", "--format", format], arguments].concat());
        assert!(matches!(run.code, Some(0 | 1)), "{name} {format}: {}", run.stderr);
        let all = format!("{}{}", run.stdout, run.stderr);
        for secret in ["hunter2", TOKEN, "swordfish", "0123456789abcdefghijABC"] {
            assert!(!all.contains(secret), "{name} {format} shows {secret}: {all}");
        }
        let raw =
            all.chars().find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}'));
        assert_eq!(raw, None, "{name} {format}: {all}");
        assert!(
            !all.lines().any(|line| line.trim_start().starts_with("::set-output")),
            "{name} {format}: {all}"
        );
        // In Markdown it stands between backticks, which mean code.
        if matches!(format, "html" | "junit") {
            assert!(!all.contains("<img"), "{name} {format}: {all}");
        }
        if format == "junit" {
            assert!(!all.contains("]]> &"), "{name} {format}: {all}");
        }
    }
}

/// A container that says too much, in every place where it can.
fn talkative() -> Value {
    let log = format!("curl -H 'Authorization: Bearer {TOKEN}' hunter2 swordfish {HOSTILE}");
    json!({
        "State": {
            "Status": "running", "Running": true, "Pid": 4_000_000,
            "Health": {"Status": "unhealthy", "FailingStreak": 3, "Log": [{"ExitCode": 1, "Output": log}]},
        },
        "Config": {
            "Image": format!("example/{HOSTILE}:1"), "User": HOSTILE,
            "Env": ["PASSWORD=hunter2", format!("GITHUB={TOKEN}"), "DATABASE_URL=postgres://web:swordfish@db/web", HOSTILE],
            "Labels": {"api.token": "hunter2", "tier": TOKEN, "x\n::set-output y": HOSTILE},
            "Cmd": ["serve", "--password", "hunter2", TOKEN, HOSTILE],
            "Entrypoint": ["/bin/sh", "-c", format!("export PASSWORD=hunter2; {HOSTILE}")],
        },
    })
}

const PLAN: &str = "[user]\nuid = 10001\ngid = 10001\n[init]\nprocess = \"tini\"\n[labels]\nrequired = [\"tier\", \"other\"]\n\
    values = { tier = \"gold\" }\n[health]\npath = \"/health\"\nexpect = { status = \"ok\" }\nlabel = \"api.token\"\n\
    [services.rows]\nweb = { ports = \"7212/8212\" }\n";

#[test]
fn what_containers_say_is_tamed_in_every_report() {
    let place = folder("hl_say");
    write(&place.join("plimsoll.toml"), PLAN);
    let compose = "services:\n  web:\n    image: example/web:1\n    command: [serve]\n    environment: { PASSWORD: other-9x }\n    labels: { tier: gold }\n";
    write(&place.join("compose.yaml"), compose);
    let mut containers = Containers::default();
    containers.add("web", &talkative());
    containers.add(HOSTILE, &talkative());
    let server = EngineServer::start(&place, move |_, path| containers.answer(path));
    assert_tame("engine", &place, &["--engine", &server.url()]);
    assert_tame("engine and compose", &place, &["--engine", &server.url(), "compose.yaml"]);
}

#[test]
fn what_endpoints_say_is_tamed_in_every_report() {
    let json = |value: Value| answer("application/json", value.to_string().as_bytes());
    let status = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nX-Api-Key: hunter2\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    };
    let health = "format = \"json\"\nexpect = { status = \"ok\", password = \"x\", \"a.token\" = 1 }\nheaders = { x-api-key = \"other\" }";
    let metrics = "format = \"prometheus\"\nvalues = { m = \"1\" }";
    let text = "text/plain; version=0.0.4";
    for (name, contract, answer) in [
        (
            "value",
            health,
            json(json!({"status": HOSTILE, "password": "hunter2", "a": {"token": "swordfish"}})),
        ),
        ("token", health, json(json!({"status": TOKEN}))),
        ("keys", health, answer("application/json", format!("{{{0}:1,{0}:2}}", json!(HOSTILE)).as_bytes())),
        ("status", health, status("500 hunter2", &format!("password=hunter2 {HOSTILE}"))),
        ("body", health, status("200 OK", &format!("api_token: \"{TOKEN}\" {HOSTILE}"))),
        ("hostile", health, status("200 OK", HOSTILE)),
        ("type", health, answer(&format!("text/{TOKEN}"), b"{}")),
        ("location", health, status("302 x\r\nLocation: http://a:hunter2@b/c?token=swordfish", "")),
        ("no-http", health, format!("220 password=hunter2 {HOSTILE}").into_bytes()),
        ("value of metrics", metrics, answer(text, b"m{password=\"hunter2\"} 2\n")),
        ("double metrics", metrics, answer(text, b"m{password=\"hunter2\"} 1\nm{password=\"hunter2\"} 1\n")),
        ("bad metrics", metrics, answer(text, format!("m{{password=\"hunter2\"}} {TOKEN}\n").as_bytes())),
        ("hostile metrics", metrics, answer(text, format!("{HOSTILE}\nm 2\n# TYPE {HOSTILE}\n").as_bytes())),
        ("no metrics", metrics, answer(text, format!("{{\"api_token\": \"{TOKEN}\"}}").as_bytes())),
    ] {
        let (folder, _server) = fleet(&format!("say-{}", name.replace(' ', "-")), contract, answer);
        assert_tame(name, &folder, &["--timeout", "2s"]);
    }
}

#[test]
fn engines_that_say_too_much_are_bounded() {
    let many = |count: usize, text: &dyn Fn(usize) -> String| -> Value { (0..count).map(text).collect() };
    let labels: serde_json::Map<String, Value> =
        (0..40_000).map(|at| (format!("label.{at}"), json!(format!("password-{at}")))).collect();
    let config = |key: &str, value: Value| {
        let mut config = json!({"Image": "example/web:1", "Labels": {}, "Env": [], "User": "10001:10001"});
        config[key] = value;
        json!({"Config": config})
    };
    for (name, more) in [
        ("labels", config("Labels", Value::Object(labels))),
        ("env", config("Env", many(50_000, &|at| format!("PASSWORD_{at}=secret-{at}")))),
        ("words", config("Cmd", many(100_000, &|at| format!("word-{at}")))),
        (
            "ports",
            json!({"NetworkSettings": {"Ports": (0..20_000).map(|at| (format!("{at}/tcp"), json!([{"HostIp": "127.0.0.1", "HostPort": at.to_string()}]))).collect::<serde_json::Map<_, _>>()}}),
        ),
    ] {
        let place = folder(&format!("hl_{name}"));
        write(&place.join("plimsoll.toml"), PLAN);
        let mut containers = Containers::default();
        containers.add("web", &more);
        let server = EngineServer::start(&place, move |_, path| containers.answer(path));
        let run = plimsoll(&place, &["validate-fleet", "--format", "json", "--engine", &server.url()]);
        assert_bounds(name, &run);
    }
    let place = folder("hl_top");
    write(&place.join("plimsoll.toml"), PLAN);
    let mut containers = Containers::default();
    containers.add("web", &json!({}));
    let rows: Vec<Value> = (0..100_000)
        .map(|at| json!([(4_000_000 + at).to_string(), "1", "0", "0", format!("\u{1b}{HOSTILE}{at}")]))
        .collect();
    let top = json!({"Titles": ["PID", "PPID", "UID", "GID", "COMMAND"], "Processes": rows});
    let server = EngineServer::start(&place, move |_, path| match path.contains("/top") {
        true => Play::json(&top),
        false => containers.answer(path),
    });
    let run = plimsoll(&place, &["validate-fleet", "--format", "json", "--engine", &server.url()]);
    assert_bounds("processes", &run);
    assert_tame("processes", &place, &["--engine", &server.url()]);
}
