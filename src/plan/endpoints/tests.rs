//! Contracts from the text of a plan.

use super::super::{PACKS, load_files, load_text, show};
use super::*;
use crate::model::PlannedScalar;

/// The contracts of a row of a plan by name: name, method, path, port, format.
fn listed(plan: &Plan, row: Option<usize>) -> Vec<String> {
    let row = row.map(|at| &plan.services[at]);
    let port = |port: &ContractPort| match port {
        ContractPort::Health => "health".to_owned(),
        ContractPort::Service => "service".to_owned(),
        ContractPort::Number(number) => number.value.to_string(),
    };
    endpoint_contracts(plan, row)
        .iter()
        .map(|it| {
            let (method, format) = (it.method.name(), it.format.name());
            format!("{} {method} {} {} {format}", it.name, it.path.value, port(&it.port))
        })
        .collect()
}

const ALL: &str = r#"
[health]
path = "/health"
expect = { status = "ok", checks = { db = true, "a.b" = 1.50 }, uptime = 1_000 }
status = [200, 204]
content-type = "application/JSON"
schema = "builtin:health"
max-time = "2s"
timeout = "10s"
[services.contracts.metrics]
path = "/metrics"
port = "health"
names = ["up"]
values = { up = 1 }
[services.contracts.docs]
path = "/docs"
format = "html"
status = 200
headers = { X-Frame-Options = "DENY", x-n = 1 }
max-time = "500ms"
[services.contracts.run]
path = "/run?fast=1"
method = "post"
port = 9000
body = '{"a": 1}'
[services.contracts.manifest]
path = "/manifest.json"
endpoints = ["/plain", { uri = "/run", methods = ["post"] }]
[services.rows.A]
[services.rows.B]
contracts.health = { path = "/ready", schema = "s.json" }
contracts.metrics = false
contracts.docs = { path = "/doc" }
contracts.own = { path = "/own", format = "text" }
[services.rows.C]
contracts.health = false
contracts.run = false
contracts.manifest = false
"#;

#[test]
fn every_key_is_typed() {
    let files = [("p/plimsoll.toml", &*format!("extends = []\n{ALL}")), ("p/s.json", "{}")];
    let plan = load_files("p/plimsoll.toml", &files).unwrap_or_else(|errors| panic!("{}", errors[0]));
    let for_all = [
        "health GET /health health json",
        "metrics GET /metrics health prometheus",
        "docs GET /docs service html",
        "run POST /run?fast=1 9000 any",
        "manifest GET /manifest.json service aim-manifest",
    ];
    assert_eq!(listed(&plan, None), for_all);
    assert_eq!(listed(&plan, Some(0)), for_all);
    assert_eq!(
        listed(&plan, Some(1)),
        [
            "health GET /ready health json",
            "docs GET /doc service any",
            "run POST /run?fast=1 9000 any",
            "manifest GET /manifest.json service aim-manifest",
            "own GET /own service text",
        ]
    );
    assert_eq!(
        listed(&plan, Some(2)),
        ["metrics GET /metrics health prometheus", "docs GET /docs service html"]
    );
    let all = endpoint_contracts(&plan, None);
    let expect: Vec<_> = all[0].expect.iter().map(|(key, value)| (key.as_str(), &value.value)).collect();
    let (text, number) =
        (|it: &str| PlannedScalar::Text(it.into()), |it: &str| PlannedScalar::Number(it.into()));
    assert_eq!(
        expect,
        [
            ("status", &text("ok")),
            ("checks.db", &PlannedScalar::Bool(true)),
            ("checks.a.b", &number("1.50")),
            ("uptime", &number("1000")),
        ]
    );
    assert!(all[0].allows_status(204) && !all[0].allows_status(201));
    assert_eq!(all[0].content_type.as_ref().map(|it| it.value.as_str()), Some("application/json"));
    assert_eq!(all[0].max_time.as_ref().map(|it| it.value), Some(2000));
    assert_eq!(all[0].place.text(), "/health");
    let schema = |at: usize| all[at].schema.as_ref().map(|it| it.value.name.as_str());
    assert_eq!((schema(0), schema(4)), (Some("builtin:health"), Some("builtin:aim-manifest")));
    assert_eq!((all[1].names[0].value.as_str(), all[1].values[0].1.value.as_str()), ("up", "1"));
    let headers: Vec<_> = all[2].headers.iter().map(|(k, v)| format!("{k}: {}", v.value)).collect();
    assert_eq!(headers, ["x-frame-options: DENY", "x-n: 1"]);
    assert_eq!(all[3].body.as_ref().map(|it| it.value.as_str()), Some("{\"a\": 1}"));
    assert_eq!(all[4].endpoints[1].methods[0].value, "POST");
    // The schema of a row's own file is read beside the plan.
    let own = &endpoint_contracts(&plan, Some(&plan.services[1]))[0];
    assert_eq!(own.schema.as_ref().map(|it| it.value.name.as_str()), Some("s.json"));
    let shown = show(&plan);
    for want in [
        "max-time           2s",
        "schema             builtin:health",
        "expect.checks.a.b  1.50",
        "metrics        false",
    ] {
        assert!(shown.contains(want), "{want}\n{shown}");
    }
}

#[test]
fn health_is_a_contract_where_services_have_it() {
    let cases: [(&str, &[&str]); 7] = [
        ("", &[]),
        ("[health]\nexpect = { a = 1 }", &[]),
        ("[health]\npath = \"/h\"", &["health GET /h health any"]),
        ("[health]\npath = \"/h\"\nschema = \"builtin:health-healthy\"", &["health GET /h health json"]),
        ("[health]\npath = \"/h\"\nrequired = false", &[]),
        ("[health]\npath = \"/h\"\nrequired = true", &["health GET /h health any"]),
        (
            "[health]\npath = \"/h\"\n[services.contracts]\na = { path = \"/a\" }\nhealth = { path = \"/b\" }",
            &["health GET /b health any", "a GET /a service any"],
        ),
    ];
    for (text, want) in cases {
        assert_eq!(listed(&load_text(text).expect(text), None), want, "{text}");
    }
}

/// A later file switches a contract of an earlier one off.
#[test]
fn contracts_of_a_pack_can_be_switched_off() {
    let text = "extends = [\"knative-services\"]\n[services.contracts]\nmetrics = false\n";
    let plan = load_files("p.toml", &[("p.toml", text)]).expect("valid");
    assert_eq!(listed(&plan, None), ["health GET /healthz health json"]);
}

#[test]
fn packs_have_the_contracts_of_their_fleets() {
    let want: [(&str, &[&str]); 6] = [
        ("recommended", &[]),
        ("strict", &[]),
        ("gpu-fleet", &["health GET /health health json"]),
        ("knative-services", &["health GET /healthz health json", "metrics GET /metrics service prometheus"]),
        ("compose-api", &["health GET /health health json", "docs GET /docs service html"]),
        (
            "aim",
            &[
                "manifest GET /manifest.json service aim-manifest",
                "run POST /run service json",
                "run-by-get GET /run service any",
            ],
        ),
    ];
    for ((name, _), (pack, contracts)) in PACKS.iter().zip(want) {
        assert_eq!(*name, pack);
        let text = format!("extends = [\"{pack}\"]\n");
        let plan = load_files("p.toml", &[("p.toml", &text)]).expect(pack);
        assert_eq!(listed(&plan, None), contracts, "{pack}");
    }
}

const WRONG: &[(&str, &str)] = &[
    ("a = 1", "`services.contracts.a` wants a table, or `false` to switch it off, not the number 1"),
    ("a = true", "`services.contracts.a` wants a table, or `false` to switch it off, not `true`"),
    ("a = {}", "`services.contracts.a` names no `path`; write what is asked"),
    ("a = { path = \"x\" }", "`services.contracts.a.path` starts with `/`; write \"/x\""),
    ("a = { path = \"/a b\" }", "`services.contracts.a.path` holds a character that no path"),
    ("a = { path = \"/a\\r\\nX: y\" }", "holds a character that no path"),
    ("a = { path = \"/a#b\" }", "holds a character that no path"),
    (
        "a = { path = \"/\", formt = \"json\" }",
        "unknown key `formt` in `services.contracts.a`; did you mean `format`?",
    ),
    ("a = { path = \"/\", max_time = \"1s\" }", "did you mean `max-time`?"),
    (
        "a = { path = \"/\", format = \"prometeus\" }",
        "no format is called `prometeus`; did you mean `prometheus`?",
    ),
    ("a = { path = \"/\", method = \"HEAD\" }", "`services.contracts.a.method` is GET or POST, not `HEAD`"),
    (
        "a = { path = \"/\", port = \"web\" }",
        "wants \"health\", \"service\" or a port number, not the text `web`",
    ),
    ("a = { path = \"/\", port = 0 }", "is a port from 1 to 65535, not 0"),
    (
        "a = { path = \"/\", status = 100 }",
        "`services.contracts.a.status` is a status code from 200 to 599, not 100",
    ),
    ("a = { path = \"/\", status = \"200\" }", "wants a status code, not the text `200`"),
    ("a = { path = \"/\", status = [] }", "has 1 to 64 status codes"),
    ("a = { path = \"/\", content-type = \"json\" }", "is no media type: `json`; write it like"),
    ("a = { path = \"/\", content-type = \"text/html; charset=utf-8\" }", "write \"text/html\""),
    (
        "a = { path = \"/\", expect = { a = [1] } }",
        "`services.contracts.a.expect.a` wants one text, number or flag",
    ),
    ("a = { path = \"/\", expect = { a = { b = nan } } }", "expect.a.b` wants a number that JSON can hold"),
    ("a = { path = \"/\", expect = 1 }", "`services.contracts.a.expect` wants a table"),
    ("a = { path = \"/\", schema = \"builtin:helth\" }", "did you mean `builtin:health`?"),
    ("a = { path = \"/\", schema = \"gone.json\" }", "`gone.json` cannot be read"),
    ("a = { path = \"/\", schema = \"bad.json\" }", "`bad.json` is no JSON Schema: "),
    ("a = { path = \"/\", schema = \"no.json\" }", "`no.json` is no JSON: "),
    ("a = { path = \"/\", max-time = \"2\" }", "`services.contracts.a.max-time` is no duration: `2`"),
    ("a = { path = \"/\", max-time = \"0s\" }", "is shorter than a millisecond"),
    (
        "a = { path = \"/\", format = \"html\", expect = { a = 1 } }",
        "`services.contracts.a.expect` speaks of a JSON body, but the format is `html`",
    ),
    (
        "a = { path = \"/\", format = \"json\", names = [\"x\"] }",
        "`services.contracts.a.names` speaks of metrics",
    ),
    ("a = { path = \"/\", format = \"json\", endpoints = [\"/x\"] }", "speaks of an AIM manifest"),
    ("a = { path = \"/\", values = { x = \"one\" } }", "`services.contracts.a.values.x` is no number: `one`"),
    (
        "a = { path = \"/\", endpoints = [{ methods = [] }] }",
        "an item of `services.contracts.a.endpoints` names no `uri`",
    ),
    ("a = { path = \"/\", endpoints = [{ uri = \"/\", method = \"GET\" }] }", "did you mean `methods`?"),
    ("a = { path = \"/\", headers = { \"a b\" = \"c\" } }", "no header has such a name"),
    ("a = { path = \"/\", body = \"{}\" }", "`services.contracts.a.body` goes with `method = \"POST\"`"),
    ("a = { path = \"/\", method = \"POST\", body = \"{\" }", "`services.contracts.a.body` is no JSON: "),
];

#[test]
fn mistakes_are_errors_with_their_place() {
    for (text, want) in WRONG {
        let plan = format!("extends = []\n[services.contracts]\n{text}\n");
        let files = [("p.toml", plan.as_str()), ("bad.json", "{\"type\": 1}"), ("no.json", "{")];
        let first = load_files("p.toml", &files).expect_err(text)[0].to_string();
        assert!(first.contains(want), "{text}\n  says: {first}\n  not:  {want}");
        assert!(first.starts_with("p.toml:3:"), "{first}");
    }
    let health = load_text("[health]\npath = \"/\"\nmax-tme = \"2s\"").expect_err("unknown")[0].to_string();
    assert!(health.contains("unknown key `max-tme` in `health`; did you mean `max-time`?"), "{health}");
}

/// One schema that ten thousand contracts name is read and compiled once.
#[test]
fn many_contracts_share_a_schema() {
    let rows: String = (0..5_000)
        .map(|at| format!("R{at} = {{ contracts.health = {{ path = \"/h\", schema = \"s.json\" }} }}\n"))
        .collect();
    let text = format!("extends = []\n[services.rows]\n{rows}");
    let start = std::time::Instant::now();
    let plan =
        load_files("p.toml", &[("p.toml", &text), ("s.json", "{\"type\": \"object\"}")]).expect("valid");
    let all: Vec<_> = plan.services.iter().flat_map(|row| endpoint_contracts(&plan, Some(row))).collect();
    assert_eq!(all.len(), 5_000);
    let schema = |at: usize| all[at].schema.as_ref().map(|it| Arc::as_ptr(&it.value.schema));
    assert!(schema(0).is_some() && schema(0) == schema(4_999));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
