//! Health commands as people write them.

use super::*;
use crate::model::Unknown;

fn values(name: &str) -> Option<Value> {
    match name {
        "PORT" => Some(Value::known("8000")),
        "HEALTH_URL" => Some(Value::known("http://localhost:9000/up")),
        "LATE" => Some(Value { text: "${LATE}".into(), unknown: Some(Unknown::Variable("LATE".into())) }),
        "EMPTY" => Some(Value::known("")),
        _ => None,
    }
}

fn shell_form(text: &str) -> Understood {
    understand(&CommandLine { form: Form::Shell, words: vec![text.into()] }, None, &values)
}

fn exec_form(words: &[&str]) -> Understood {
    let words = words.iter().map(|word| SmolStr::from(*word)).collect();
    understand(&CommandLine { form: Form::Exec, words }, None, &values)
}

/// `tool host port path`, with `?` behind what is not certain.
fn show(understood: &Understood) -> String {
    let part = |value: &Value| match &value.unknown {
        None => value.text.to_string(),
        Some(_) => format!("{}?", value.text),
    };
    let probe = |it: &Probe| format!("{} {} {} {}", it.tool, part(&it.host), part(&it.port), part(&it.path));
    understood.probes.iter().map(probe).collect::<Vec<_>>().join(", ").trim_end().to_owned()
}

#[test]
fn requests_of_shell_forms() {
    let table = [
        ("curl -fsS http://localhost:8000/health || exit 1", "curl localhost 8000 /health"),
        ("curl -f http://localhost/", "curl localhost 80 /"),
        ("curl -f https://localhost/x?y=/z#w", "curl localhost 443 /x"),
        ("curl -f localhost:${PORT}/health", "curl localhost 8000 /health"),
        ("curl -f localhost:$PORT/health", "curl localhost 8000 /health"),
        ("curl -f http://localhost:${NONE:-8080}/health", "curl localhost 8080 /health"),
        ("curl -f http://localhost:${EMPTY:-8081}/health", "curl localhost 8081 /health"),
        ("curl -f http://localhost:${LATE:-8080}/health", "curl localhost ${LATE:-8080}? /health"),
        ("curl -f \"http://localhost:${NONE}/health\"", "curl localhost ${NONE}? /health"),
        ("curl -f $HEALTH_URL", "curl localhost 9000 /up"),
        ("curl -f $NONE_URL", "curl $NONE_URL? $NONE_URL? $NONE_URL?"),
        ("curl -f ${NONE_URL}/health", "curl ${NONE_URL}? ${NONE_URL}? /health"),
        ("curl -f http://$(hostname -i):8000/health", "curl $(hostname -i)? 8000 /health"),
        ("curl -f http://u:p@127.0.0.1:8000", "curl 127.0.0.1 8000 /"),
        ("curl -f 'http://[::1]:8000/h'", "curl ::1 8000 /h"),
        ("curl -f http://[::1]/h", "curl ::1 80 /h"),
        ("curl -m 5 -o /dev/null --max-time 3 -H 'A: b' -X GET -sfL localhost:1/a", "curl localhost 1 /a"),
        ("curl -sSfo/dev/null -m5 --retry 3 --url localhost:2/b", "curl localhost 2 /b"),
        ("curl -fw '%{http_code}' --fail-with-body --header=x localhost:3/c", "curl localhost 3 /c"),
        ("curl --unix-socket /run/s http://localhost/x", ""),
        ("curl ftp://localhost/x", ""),
        ("wget -qO- http://localhost:8000/health || exit 1", "wget localhost 8000 /health"),
        ("wget --no-verbose --tries=1 --spider http://localhost:3000/", "wget localhost 3000 /"),
        ("wget -q -T 5 -t1 -O - localhost:8080/x >/dev/null", "wget localhost 8080 /x"),
        ("wget -nv --timeout 3 -O /dev/null http://localhost:4/h", "wget localhost 4 /h"),
        ("busybox wget -q --spider localhost:5/h", "wget localhost 5 /h"),
        ("timeout 5 curl -f localhost:6/h", "curl localhost 6 /h"),
        ("nc -z localhost 8000", "nc localhost 8000"),
        ("nc -zv -w 5 127.0.0.1 ${PORT} || exit 1", "nc 127.0.0.1 8000"),
        ("nc -w5 localhost $NONE", "nc localhost $NONE?"),
        ("grpc_health_probe -addr=:50051", "grpc_health_probe localhost 50051"),
        ("/bin/grpc_health_probe --addr localhost:50052 -tls", "grpc_health_probe localhost 50052"),
        ("bash -c '</dev/tcp/localhost/8000'", "bash localhost 8000"),
        ("bash -c 'exec 3<>/dev/tcp/127.0.0.1/81 && echo hi >&3'", "bash 127.0.0.1 81"),
        (
            "sh -c \"sh -c 'curl -f localhost:7/h'\" && wget localhost:8/h",
            "curl localhost 7 /h, wget localhost 8 /h",
        ),
        ("[ \"$(curl -s -o /dev/null localhost:9/h)\" = 200 ]", "curl localhost 9 /h"),
        ("curl -f localhost:1/a && curl -f localhost:2/b", "curl localhost 1 /a, curl localhost 2 /b"),
        ("pg_isready -U app", ""),
        ("/healthcheck.sh http://localhost:1/x", ""),
        ("test -f /tmp/ok", ""),
    ];
    for (text, wanted) in table {
        assert_eq!(show(&shell_form(text)), wanted, "{text}");
    }
}

#[test]
fn requests_of_programs() {
    let python = [
        (
            "import urllib.request; urllib.request.urlopen('http://localhost:8000/health')",
            "localhost 8000 /health",
        ),
        ("import requests as r; r.get(\"http://127.0.0.1:5000/h\", timeout=2)", "127.0.0.1 5000 /h"),
        ("import socket; s=socket.create_connection(('localhost', 8000), 2)", "localhost 8000"),
        ("import socket; socket.socket().connect((\"127.0.0.1\",81))", "127.0.0.1 81"),
        (
            "import http.client as c; x=c.HTTPConnection('localhost', 82); x.request('GET','/h')",
            "localhost 82 /h",
        ),
        ("import http.client as c; c.HTTPConnection('localhost:83').request('GET','/h')", "localhost 83 /h"),
        (
            "import os; f(f'http://localhost:{os.environ[\"PORT\"]}/h')",
            "localhost {os.environ[\"PORT\"]}? /h",
        ),
        ("import os; f('http://localhost:' + os.environ['P'] + '/h')", "localhost ? /?"),
        (
            "import os,socket; socket.create_connection(('localhost', int(os.environ['P'])))",
            "localhost {int(os.environ['P']}?",
        ),
        ("import sys; sys.exit(0)", ""),
        ("print('unclosed", ""),
    ];
    for (code, wanted) in python {
        let wanted = if wanted.is_empty() { String::new() } else { format!("python {wanted}") };
        assert_eq!(show(&exec_form(&["python3", "-c", code])), wanted, "{code}");
    }
    let node = [
        (
            "require('http').get('http://localhost:3000/h', r => process.exit(r.statusCode === 200 ? 0 : 1))",
            "localhost 3000 /h",
        ),
        ("fetch(`http://localhost:${process.env.PORT}/h`)", "localhost ${process.env.PORT}? /h"),
        ("require('http').get({host: 'localhost', port: 3001, path: '/h'})", "localhost 3001 /h"),
        ("require('http').get({port: 3002, path: '/h'})", "localhost 3002 /h"),
        ("require('http').get({port: '3003', path: '/h'})", "localhost 3003 /h"),
    ];
    for (code, wanted) in node {
        assert_eq!(show(&exec_form(&["node", "-e", code])), format!("node {wanted}"), "{code}");
    }
    let argument = exec_form(&["python", "-c", "import sys; get(sys.argv[1])", "http://localhost:1/h"]);
    assert_eq!(show(&argument), "python localhost 1 /h");
    let late = exec_form(&[
        "node",
        "-e",
        "h.request({hostname: 'localhost', port: process.env.PORT || 80, path: '/h'})",
    ]);
    assert_eq!(show(&late), "node localhost {process.env.PORT || 80}? /h");
    let f_string = exec_form(&["python", "-c", "f(f'http://localhost:{os.getenv(\"PORT\", 1)}/')"]);
    assert_eq!(f_string.probes[0].port.unknown, Some(Unknown::Variable("PORT".into())));
    let template = exec_form(&["node", "-e", "fetch(`http://localhost:${process.env.WEB}/`)"]);
    assert_eq!(template.probes[0].port.unknown, Some(Unknown::Variable("WEB".into())));
    let in_shell =
        shell_form("python -c \"import urllib.request as u; u.urlopen('http://localhost:$PORT/h')\"");
    assert_eq!(show(&in_shell), "python localhost 8000 /h");
}

#[test]
fn exec_forms_expand_nothing() {
    let table: &[(&[&str], &str)] = &[
        (&["curl", "-f", "http://localhost:8000/h"], "curl localhost 8000 /h"),
        (&["curl", "-f", "http://localhost:${PORT}/h"], "curl localhost ${PORT}? /h"),
        (&["/bin/sh", "-c", "curl -f http://localhost:${PORT}/h || exit 1"], "curl localhost 8000 /h"),
        (&["timeout", "3", "bash", "-c", "</dev/tcp/localhost/80"], "bash localhost 80"),
        (&["poetry", "run", "python", "-c", "g('http://localhost:1/')"], "python localhost 1 /"),
        (&[], ""),
        (&["curl", "-f"], ""),
    ];
    for (words, wanted) in table {
        assert_eq!(show(&exec_form(words)), *wanted, "{words:?}");
    }
}

#[test]
fn whether_failure_reaches_docker() {
    let table = [
        ("curl -f localhost", true),
        ("curl -f localhost || exit 1", true),
        ("curl -f localhost || exit 0", false),
        ("curl -f localhost || true", false),
        ("curl -f localhost || :", false),
        ("curl -f localhost || echo bad", false),
        ("curl -f localhost; exit 0", false),
        ("curl -f localhost; true", false),
        ("curl -f localhost; exit $?", true),
        ("curl -f localhost && exit 0 || exit 1", true),
        ("curl -f localhost && echo ok", true),
        ("curl -f localhost || exit 1; echo ok", true),
        ("curl -f localhost | cat", false),
        ("curl -f localhost | tee /dev/stderr", false),
        ("curl -f localhost | head -1 || exit 1", true),
        ("curl -f localhost | grep -q ok", true),
        ("set -o pipefail; curl -f localhost | cat", true),
        ("set -e; curl -f localhost; echo ok", true),
        ("true", false),
        (":", false),
        ("exit 0", false),
        ("echo ok", false),
        ("exit 1", true),
        ("! true", true),
        ("false", true),
        ("cat /tmp/ok", true),
        ("test -f /tmp/ok", true),
        ("exit 0; curl -f localhost", false),
        ("curl -f localhost &", false),
        ("(curl -f localhost) || true", false),
        ("(curl -f localhost)", true),
        ("(true) || (curl localhost)", true),
        ("{ curl -f localhost; true; }", false),
        ("if curl -f localhost; then echo ok; fi", false),
        ("if curl -f localhost; then exit 0; else exit 1; fi", true),
        ("sh -c 'curl -f localhost || true'", false),
        ("sh -c 'curl -f localhost'", true),
        ("bash -c '</dev/tcp/localhost/80'", true),
        ("bash -c ': >/dev/tcp/localhost/80'", true),
        ("X=1", false),
        ("X=$(curl -f localhost)", true),
        ("curl -f localhost \"", true),
        ("", false),
    ];
    for (text, wanted) in table {
        assert_eq!(shell_form(text).can_fail, wanted, "{text}");
    }
    let exec: &[(&[&str], bool)] = &[
        (&["true"], false),
        (&["/bin/true"], false),
        (&["echo", "ok"], false),
        (&["curl", "localhost"], true),
        (&["sh", "-c", "exit 0"], false),
        (&["sh", "-c", "curl localhost || exit 1"], true),
        (&["pwsh", "-Command", "exit 0"], true),
    ];
    for (words, wanted) in exec {
        assert_eq!(exec_form(words).can_fail, *wanted, "{words:?}");
    }
}

#[test]
fn whether_the_status_of_the_answer_counts() {
    let table = [
        ("curl localhost/h || exit 1", true),
        ("curl -sS localhost/h", true),
        ("curl -fsS localhost/h", false),
        ("curl --fail localhost/h", false),
        ("curl --fail-with-body localhost/h", false),
        ("curl -s localhost/h | grep ok", false),
        ("curl -s localhost/h | jq -e .ok", false),
        ("test \"$(curl -s localhost/h)\" = ok", false),
        ("curl -s -o /dev/null -w '%{http_code}' localhost/h", false),
        ("wget -q localhost/h", false),
        ("curl --version", false),
    ];
    for (text, wanted) in table {
        assert_eq!(shell_form(text).ignores_status, wanted, "{text}");
    }
}

#[test]
fn programs_that_are_needed() {
    let table = [
        ("curl -f localhost || exit 1", "curl"),
        ("wget -qO- localhost | grep -q ok", "wget grep"),
        ("python3 -c 'import requests; requests.get(\"http://localhost/\")'", "python3 python:requests"),
        ("python -c 'import os, httpx'", "python python:httpx"),
        ("python -c 'from aiohttp import web'", "python python:aiohttp"),
        ("python -c '__import__(\"requests\").get(1)'", "python python:requests"),
        ("python -c 'import urllib.request; print(\"requests\")'", "python"),
        ("/usr/bin/curl -f localhost", "curl"),
        ("/healthcheck.sh", "/healthcheck.sh"),
        ("./check.py --port 1", "./check.py"),
        ("/usr/local/bin/probe.sh", "/usr/local/bin/probe.sh"),
        ("/usr/local/bin/python -V", "python"),
        ("check.sh", "check.sh"),
        ("bash -c 'curl -f localhost'", "bash curl"),
        ("sh -c 'test -f /x && exit 0'", ""),
        ("timeout 5 curl -f localhost", "timeout curl"),
        ("[ -f /x ] && echo ok || exit 1", ""),
        ("test $(pgrep -c app) -gt 0", "pgrep"),
        ("curl -f a; curl -f b", "curl"),
        ("$TOOL x", ""),
    ];
    for (text, wanted) in table {
        assert_eq!(shell_form(text).tools.join(" "), wanted, "{text}");
    }
    assert_eq!(exec_form(&["/bin/sh", "-c", "nc -z localhost 1"]).tools, ["nc"]);
    assert_eq!(exec_form(&["pg_isready", "-U", "x"]).tools, ["pg_isready"]);
    assert_eq!(exec_form(&["redis-cli", "ping"]).tools, ["redis-cli"]);
}

#[test]
fn hostile_commands_cost_little() {
    let started = std::time::Instant::now();
    let long = [
        "curl -f localhost:1/h; ".repeat(50_000),
        "(".repeat(50_000),
        "sh -c 'sh -c ".repeat(20_000),
        "curl localhost:${A:-${A:-".repeat(20_000),
        format!("python -c \"{}\"", "'http://localhost:1/' ".repeat(3_000)),
        format!("curl http://{}", "@".repeat(100_000)),
        format!("curl http://{}", "${".repeat(50_000)),
        format!("curl {}", "$PORT".repeat(50_000)),
        "{ true; } && ".repeat(20_000),
        "\u{0}\u{FFFD}'\"`$(".to_owned(),
    ];
    for text in &long {
        let understood = shell_form(text);
        assert!(understood.probes.len() <= MAX_LISTED);
        exec_form(&["sh", "-c", text]);
        exec_form(&["python", "-c", text]);
        exec_form(&["curl", text, text]);
    }
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn no_text_is_too_odd() {
    let parts = [
        "curl ",
        "-f",
        "-o",
        "http://",
        "localhost",
        ":",
        "8000",
        "/",
        "$",
        "{",
        "}",
        "${A",
        "(",
        ")",
        "$(",
        "`",
        "'",
        "\"",
        "\\",
        " ",
        "\n",
        ";",
        "|",
        "||",
        "&&",
        "!",
        "é",
        "\u{1F600}",
        "[",
        "]",
        "@",
        "?",
        "#",
        "=",
        "python -c ",
        "node -e ",
        "sh -c ",
        "port:",
        "import requests",
        "/dev/tcp/",
        ">",
        "<",
        "<<E",
        "exit ",
        "0",
        "if ",
        "then ",
        "fi ",
    ];
    let mut seed = 1_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..16 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(parts[(seed >> 33) as usize % parts.len()]);
        }
        let understood = shell_form(&text);
        assert!(understood.probes.len() <= MAX_LISTED, "{text}");
        exec_form(&["python", "-c", &text]);
        exec_form(&["curl", &text, "-m"]);
        exec_form(&["node", "-e", &text, &text]);
    }
}
