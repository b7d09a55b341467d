//! Manifests of AIMs, and runs against the examples in them.

use core::time::Duration;

use crate::finding::{Findings, Kind};
use crate::lower::live::read_body;
use crate::model::{Answer, BodyEnd, EndpointContract, Failure, HttpAnswer, LiveEndpoint, LiveFleet};
use crate::plan::{Plan, endpoint_contracts, load_files};
use crate::rules::Check;
use crate::source::{Place, Span};

const GOOD: &str = r#"{"name":"hello","version":"1.0","endpoints":[
    {"uri":"/health2","input_methods":["GET"]},
    {"uri":"/run","input_methods":["GET","post"],"example_calls":[
        {"method":"GET","output":{"no":1}},
        {"method":"POST","body":{"a":1},"output":{"message":"Hello Node!"}}]}]}"#;

fn plan() -> Plan {
    load_files("p.toml", &[("p.toml", "extends = [\"aim\"]\n")]).expect("valid")
}

fn http(status: u16, cors: bool, body: &str) -> Answer {
    let mut headers = vec![("content-type".into(), "application/json".into())];
    headers.extend(cors.then(|| ("access-control-allow-origin".into(), "*".into())));
    let time = Duration::from_millis(3);
    Answer::Http(HttpAnswer { status, headers, body: body.as_bytes().into(), end: BodyEnd::Whole, time })
}

fn endpoint(plan: &Plan, name: &str, server: &str, answer: Answer) -> LiveEndpoint {
    let contract: std::sync::Arc<EndpointContract> =
        endpoint_contracts(plan, None).into_iter().find(|it| it.name == name).expect("planned");
    LiveEndpoint {
        service: None,
        name: server.into(),
        machine: None,
        place: Place::new(&plan.sources[0], Span::new(0, 1)),
        url: format!("http://127.0.0.1:9020{}", contract.path.value).into(),
        container: None,
        reading: read_body(&answer, contract.format),
        contract,
        answer,
    }
}

/// What the rule says of a fleet, endpoints first.
fn said(plan: &Plan, endpoints: Vec<LiveEndpoint>) -> Vec<String> {
    let fleet = LiveFleet { endpoints, ..LiveFleet::default() };
    let mut out = Findings::new();
    for check in super::CHECK.each() {
        match check {
            Check::Endpoint(check) => fleet.endpoints.iter().for_each(|it| check(it, plan, &mut out)),
            Check::Live(check) => check(&fleet, plan, &mut out),
            _ => panic!("another check"),
        }
    }
    let words = |finding: crate::finding::Finding| {
        let open = if finding.kind == Kind::Open { "open: " } else { "" };
        let further = finding.help.map(|help| format!(" + {help}")).unwrap_or_default();
        format!("{open}{}{further}", finding.message)
    };
    out.into_vec().into_iter().map(words).collect()
}

#[test]
fn manifests() {
    let plan = plan();
    let at = "`http://127.0.0.1:9020/manifest.json` ";
    let cases = [
        (http(200, true, GOOD), ""),
        (http(404, true, ""), "answers 404, planned 200"),
        (http(200, true, "[]"), "answers with a list, planned a JSON object"),
        (http(200, false, GOOD), "sends no `access-control-allow-origin`, planned `*`"),
        (
            http(200, true, &GOOD.replace("\"name\":\"hello\",", "")),
            "breaks `builtin:aim-manifest`: the body has no `name`",
        ),
        (
            http(200, true, &GOOD.replace("\"1.0\"", "null")),
            "breaks `builtin:aim-manifest`: `version` is null, not a string or a number",
        ),
        (
            http(200, true, &GOOD.replace("[\"GET\",\"post\"]", "\"POST\"")),
            "breaks `builtin:aim-manifest`: `endpoints[1].input_methods` is a string, not a list + it also lists `/run` without the method `POST`",
        ),
        (http(200, true, &GOOD.replace("\"post\"", "\"PUT\"")), "lists `/run` without the method `POST`"),
        (http(200, true, &GOOD.replace("/run", "/walk")), "lists no endpoint `/run`"),
        (
            http(200, true, &GOOD.replace("example_calls", "examples")),
            "lists `/run` without `example_calls`",
        ),
        (
            http(200, true, &GOOD.replace("{\"name\"", "{\"name\":\"x\",\"name\"")),
            "says `name` twice in one object + some readers take the first value, most the last",
        ),
        (
            Answer::Failed(Failure::Refused),
            "refuses the connection: nothing listens there + start the service, or put right its port in the plan",
        ),
    ];
    for (answer, want) in cases {
        let found = said(&plan, vec![endpoint(&plan, "manifest", "aim", answer)]);
        match want {
            "" => assert_eq!(found, [""; 0]),
            want => assert_eq!(found, [format!("{at}{want}")]),
        }
    }
}

#[test]
fn a_run_answers_as_the_example_of_its_own_manifest() {
    let plan = plan();
    let fleet = |manifest: Answer, run: Answer| {
        vec![
            endpoint(&plan, "manifest", "other", http(200, true, &GOOD.replace("Hello Node!", "Other"))),
            endpoint(&plan, "run", "aim", run),
            endpoint(&plan, "manifest", "aim", manifest),
        ]
    };
    let good = || http(200, true, GOOD);
    let none = || http(200, true, &GOOD.replace("\"output\"", "\"result\""));
    let run = "`POST http://127.0.0.1:9020/run`";
    let cases = [
        (good(), http(200, true, "{ \"message\" : \"Hello Node!\" }"), None),
        (
            good(),
            http(200, true, "{\"message\":\"Other\"}"),
            Some(format!(
                "{run} answers `{{\"message\":\"Other\"}}`, the example in its manifest is `{{\"message\":\"Hello Node!\"}}`"
            )),
        ),
        (
            good(),
            http(200, true, "{\"no\":1}"),
            Some(format!(
                "{run} answers `{{\"no\":1}}`, the example in its manifest is `{{\"message\":\"Hello Node!\"}}`"
            )),
        ),
        (
            none(),
            http(200, true, "{}"),
            Some("open: cannot tell whether `POST http://127.0.0.1:9020/run` answers as planned: the manifest gives no `output` of a POST in `example_calls`".to_owned()),
        ),
        // The other contract's finding is enough.
        (good(), http(500, true, "{}"), None),
        (good(), http(200, true, "no JSON"), None),
    ];
    for (manifest, answer, want) in cases {
        assert_eq!(said(&plan, fleet(manifest, answer)), Vec::from_iter(want));
    }
}
