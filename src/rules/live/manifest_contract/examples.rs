//! What a service answers to a POST against the examples in its own manifest.

use std::collections::HashMap;

use serde_json::Value;

use super::super::answer::{Fault, clip, report};
use super::uri;
use crate::finding::Findings;
use crate::model::{Answer, BodyFormat, BodyReading, LiveEndpoint, LiveFleet};
use crate::plan::Plan;

/// Which service on which machine in which container.
type Server<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

pub(super) fn check(fleet: &LiveFleet, _: &Plan, out: &mut Findings) {
    let manifests: HashMap<Server<'_>, &Value> = fleet
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.contract.format == BodyFormat::AimManifest)
        .filter_map(|endpoint| Some((server(endpoint), body(endpoint)?)))
        .collect();
    for endpoint in fleet.endpoints.iter().filter(|endpoint| endpoint.contract.is_held_against_manifest()) {
        if let (Some(manifest), Some(answer)) = (manifests.get(&server(endpoint)), body(endpoint)) {
            judge(endpoint, manifest, answer, out);
        }
    }
}

fn server(endpoint: &LiveEndpoint) -> Server<'_> {
    (&endpoint.name, endpoint.machine.as_deref(), endpoint.container.as_deref())
}

/// The JSON of an answer whose status is planned; what else is wrong with it is the finding of its own contract.
fn body(endpoint: &LiveEndpoint) -> Option<&Value> {
    match (&endpoint.answer, &endpoint.reading) {
        (Answer::Http(answer), BodyReading::Json(reading))
            if endpoint.contract.allows_status(answer.status) =>
        {
            reading.value.as_ref().ok()
        }
        _ => None,
    }
}

fn judge(endpoint: &LiveEndpoint, manifest: &Value, answer: &Value, out: &mut Findings) {
    let path = endpoint.contract.path.value.split('?').next().unwrap_or_default();
    let entries = manifest.get("endpoints").and_then(Value::as_array).into_iter().flatten();
    let calls = entries
        .filter(|entry| uri(entry) == Some(path))
        .filter_map(|entry| entry.get("example_calls").and_then(Value::as_array))
        .flatten();
    let is_post = |call: &&Value| {
        call.get("method").and_then(Value::as_str).is_none_or(|method| method.eq_ignore_ascii_case("POST"))
    };
    let outputs: Vec<&Value> = calls.filter(is_post).filter_map(|call| call.get("output")).collect();
    match outputs.first() {
        None => {
            let why = "the manifest gives no `output` of a POST in `example_calls`";
            let message = format!("cannot tell whether `POST {}` answers as planned: {why}", endpoint.url);
            out.open(&endpoint.place, message).service(endpoint.name.clone()).subject(endpoint.url.clone());
        }
        Some(_) if outputs.contains(&answer) => {}
        Some(example) => {
            let (found, want) = (clip(&answer.to_string()), clip(&example.to_string()));
            let what = format!("answers `{found}`, the example in its manifest is `{want}`");
            report(endpoint, &[Fault::new(what, &endpoint.contract.place)], out);
        }
    }
}
