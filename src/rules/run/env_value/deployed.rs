//! Values that a deployment file gives to the planned variables.

use super::{is_named, judge};
use crate::finding::Findings;
use crate::model::{Value, Workload};
use crate::plan::Plan;
use crate::rules::deployed::is_ours;
use crate::rules::run::interpolation::defaults;
use crate::rules::run::said::{Said, said};

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    // The images of others know other values.
    if !is_ours(workload, plan) {
        return;
    }
    for (name, allowed) in &plan.env {
        for said in said(workload).filter(|said| is_named(said.name, name)) {
            let before = out.len();
            judge(said.name, said.value, said.place, allowed, out);
            if out.len() == before {
                // What is in force today may be right, and what holds elsewhere wrong.
                if let Some(default) = literal_default(&said) {
                    judge(said.name, &default, said.place, allowed, out);
                }
            }
            let replaced = workload.replaced(|layer| layer.env_pair(said.name).map(|pair| &pair.place));
            let finding = out.last_mut().filter(|finding| finding.place == *said.place);
            if let (Some(place), Some(finding), false) = (replaced, finding, said.is_argument) {
                finding.related(place, "the image's value, which this replaces");
            }
        }
    }
}

fn literal_default(said: &Said<'_>) -> Option<Value> {
    let raw = said.raw();
    let whole = raw.starts_with("${") && raw.ends_with('}');
    let default = defaults(&raw).pop().filter(|_| whole)?;
    Some(Value::known(default.text))
}
