//! `service-order`: services stand in the order of their names.

use super::order::misplaced;
use super::written::{own, services};
use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for services in services(project) {
        let keys: Vec<_> = own(services).map(|entry| &entry.key).collect();
        let names: Vec<&str> = keys.iter().map(|key| key.text().unwrap_or_default()).collect();
        if let Some((late, before)) = misplaced(&names) {
            let message = format!("`{}` stands behind `{}`", names[late], names[before]);
            out.add(&keys[late].place, message).related(&keys[before].place, "it comes before this one");
        }
    }
}
