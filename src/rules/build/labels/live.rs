//! The labels of a running container: those of the image, with what was given at its start over them.

use super::required;
use crate::finding::Findings;
use crate::model::{Fact, LiveContainer, Value};
use crate::plan::Plan;
use crate::rules::live::common::{is_ours, open, report, shown, who};
use crate::source::Place;

pub(super) fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    if !is_ours(container, plan) {
        return false;
    }
    for (name, wanted) in &plan.labels.values {
        if let Some(value) = value(container, name, &wanted.place, plan, out)
            && value.text != wanted.value
        {
            let message = format!(
                "the label `{name}` of {} is `{}`, planned `{}`",
                who(container, plan),
                shown(&value.text),
                wanted.value
            );
            report(out, container, &wanted.place, message);
        }
    }
    for name in required(plan) {
        if value(container, &name.value, &name.place, plan, out).is_some_and(|value| value.text.is_empty()) {
            let message =
                format!("the label `{}` of {} is empty, planned is a value", name.value, who(container, plan));
            report(out, container, &name.place, message);
        }
    }
    true
}

/// The value of a label; that there is none is reported.
fn value(
    container: &LiveContainer,
    name: &str,
    planned: &Place,
    plan: &Plan,
    out: &mut Findings,
) -> Option<Value> {
    match container.container.label(name) {
        Fact::Known { value, .. } => return Some(value),
        Fact::Unknown { why, .. } => {
            let message = format!("cannot tell the label `{name}` of {}: {why}", who(container, plan));
            open(out, container, planned, message);
        }
        Fact::Absent => {
            let message = format!("{} has no label `{name}`", who(container, plan));
            report(out, container, planned, message)
                .help("build the image with it, or set it where the container is started");
        }
    }
    None
}
