//! `key-order`: the keys of a service stand in their usual order.

use super::order::misplaced;
use super::written::{each_service, own};
use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// What belongs together: what it is, what it needs, what it keeps, its variables, its network, how it runs, what is
/// written about it, what it may do. Other keys come last, in any order.
const ORDER: &[&[&str]] = &[
    &["image", "build", "container_name"],
    &["depends_on"],
    &["volumes", "volumes_from", "configs", "secrets"],
    &["environment", "env_file"],
    &["ports", "networks", "network_mode", "extra_hosts"],
    &["command", "entrypoint", "working_dir", "restart", "healthcheck"],
    &["logging", "labels"],
    &["user", "isolation"],
];

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for service in each_service(project) {
        let keys: Vec<_> = own(&service.value).map(|entry| &entry.key).collect();
        let ranks: Vec<usize> = keys.iter().map(|key| rank(key.text().unwrap_or_default())).collect();
        if let Some((late, before)) = misplaced(&ranks) {
            let name = |at: usize| keys[at].text().unwrap_or_default();
            let message = format!("`{}` stands behind `{}`", name(late), name(before));
            out.add(&keys[late].place, message)
                .related(&keys[before].place, "it comes before this one")
                .subject(service.key.text().unwrap_or_default());
        }
    }
}

fn rank(key: &str) -> usize {
    let known = ORDER.iter().flat_map(|group| group.iter());
    let all = ORDER.iter().map(|group| group.len()).sum();
    known.into_iter().position(|name| *name == key).unwrap_or(all)
}
