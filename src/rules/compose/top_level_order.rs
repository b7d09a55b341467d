//! `top-level-order`: the elements of a file stand in their usual order.

use super::order::misplaced;
use super::written::{documents, own};
use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// The usual order; extensions (`x-…`) stand first, because anchors are defined before they are used.
const ORDER: &[&str] =
    &["x-", "version", "name", "include", "services", "networks", "volumes", "secrets", "configs", "models"];

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for root in documents(project) {
        let keys: Vec<_> = own(root).map(|entry| &entry.key).collect();
        let ranks: Vec<usize> = keys.iter().map(|key| rank(key.text().unwrap_or_default())).collect();
        if let Some((late, before)) = misplaced(&ranks) {
            let name = |at: usize| keys[at].text().unwrap_or_default();
            let message = format!("`{}` stands behind `{}`", name(late), name(before));
            out.add(&keys[late].place, message).related(&keys[before].place, "it comes before this one");
        }
    }
}

fn rank(key: &str) -> usize {
    let known = if key.starts_with("x-") { "x-" } else { key };
    ORDER.iter().position(|name| *name == known).unwrap_or(ORDER.len())
}
