//! `log-limits`: containers log as the plan says, so that no disk fills.

use crate::finding::Findings;
use crate::model::{Quantity, Spanned, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::is_fragment;
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.logging.driver.is_some() || !plan.logging.options.is_empty()
}

/// The driver of an engine that nobody set up otherwise.
const DEFAULT_DRIVER: &str = "json-file";

fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    if workload.kind.in_pod() || is_fragment(workload) {
        return;
    }
    let Some(logging) = workload.tree.get("logging").filter(|node| !node.is_null()) else {
        missing(workload, plan, out);
        return;
    };
    if !driver(logging, plan, out) {
        return;
    }
    for (key, wanted) in &plan.logging.options {
        match logging.at(&["options", key]) {
            None => {
                let place = logging.get("options").unwrap_or(logging).place.clone();
                let message = format!("the log option `{key}` is not set, planned `{}`", wanted.value);
                out.add(&place, message).planned(wanted);
            }
            Some(node) => {
                let said = node.text().unwrap_or_default();
                if !same(said, &wanted.value) {
                    let message = format!("the log option `{key}` is `{said}`, planned `{}`", wanted.value);
                    out.add(&node.place, message).planned(wanted);
                }
            }
        }
    }
}

fn missing(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let options = plan.logging.options.iter().map(|(key, value)| format!("`{key}: {}`", value.value));
    let driver = plan.logging.driver.iter().map(|driver| format!("`{}`", driver.value));
    let wanted: Vec<String> = driver.chain(options).collect();
    let message = format!("says no `logging`, planned {}", wanted.join(", "));
    let first: Option<&Spanned<_>> =
        plan.logging.driver.as_ref().or(plan.logging.options.first().map(|(_, value)| value));
    let finding = out.add(&workload.place, message);
    if let Some(first) = first {
        finding.planned(first);
    }
}

/// Whether the driver is the planned one; options of another driver are not compared.
fn driver(logging: &Node, plan: &Plan, out: &mut Findings) -> bool {
    let Some(wanted) = &plan.logging.driver else { return true };
    let said = logging.get("driver");
    let name = said.and_then(Node::text).unwrap_or(DEFAULT_DRIVER);
    if name == wanted.value {
        return true;
    }
    let place = said.map_or(&logging.place, |node| &node.place);
    out.add(place, format!("logs with `{name}`, planned `{}`", wanted.value)).planned(wanted);
    false
}

/// Whether two option values mean the same: `10m` and `10MB` do.
fn same(said: &str, wanted: &str) -> bool {
    let amount = |text: &str| Quantity::memory(text).amount;
    said == wanted || amount(said).is_some_and(|said| Some(said) == amount(wanted))
}
