//! `manifest-contract`: an AIM shows its manifest, and does what it says.

mod examples;

use serde_json::Value;

use super::answer::{Fault, faults, judge_json, report};
use crate::finding::Findings;
use crate::model::{Answer, EndpointContract, LiveEndpoint, PlannedEndpoint};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Endpoint(check), Check::Live(examples::check)]);

/// A contract of an AIM's manifest.
pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    super::answer::planned(plan, "manifest-contract")
}

fn check(endpoint: &LiveEndpoint, _: &Plan, out: &mut Findings) {
    if endpoint.contract.rule() != "manifest-contract" {
        return;
    }
    let found = faults(endpoint, |found| {
        let Answer::Http(answer) = &endpoint.answer else { return };
        if let Some(manifest) = judge_json(&endpoint.contract, answer, &endpoint.reading, found) {
            endpoints(&endpoint.contract, manifest, found);
        }
    });
    report(endpoint, &found, out);
}

/// Planned endpoints that the manifest does not list as planned.
fn endpoints(contract: &EndpointContract, manifest: &Value, out: &mut Vec<Fault>) {
    let Some(listed) = manifest.get("endpoints").and_then(Value::as_array) else { return };
    for planned in &contract.endpoints {
        let mut fitting = listed.iter().filter(|entry| uri(entry) == Some(planned.uri.value.as_str()));
        match fitting.next() {
            None => {
                let what = format!("lists no endpoint `{}`", planned.uri.value);
                out.push(Fault::new(what, &planned.uri.place));
            }
            Some(entry) => methods(planned, entry, out),
        }
    }
}

fn methods(planned: &PlannedEndpoint, entry: &Value, out: &mut Vec<Fault>) {
    let uri = &planned.uri.value;
    let takes = |method: &str| {
        let methods = entry.get("input_methods").and_then(Value::as_array).into_iter().flatten();
        methods.filter_map(Value::as_str).any(|taken| taken.eq_ignore_ascii_case(method))
    };
    for method in planned.methods.iter().filter(|method| !takes(&method.value)) {
        let what = format!("lists `{uri}` without the method `{}`", method.value);
        out.push(Fault::new(what, &method.place));
    }
    if !entry.get("example_calls").is_some_and(Value::is_array) {
        let what = format!("lists `{uri}` without `example_calls`");
        out.push(Fault::new(what, &planned.uri.place));
    }
}

/// The path of an entry of a manifest.
fn uri(entry: &Value) -> Option<&str> {
    entry.get("uri").and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
