//! `base-duplicate`: one Dockerfile builds each image of the hierarchy.

use std::collections::BTreeMap;

use crate::finding::Findings;
use crate::fleet::{Fleet, Member};
use crate::model::Role;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.images.hierarchy.is_empty()
}

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let mut by_name: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
    for member in fleet.members.iter().filter(|member| member.role == Role::Base) {
        let Some(name) = member.image_names.first() else { continue };
        let list = by_name.entry(name).or_default();
        // `Dockerfile` and `Dockerfile.dev` side by side are variants of one image.
        if list.iter().all(|other| folder(&other.path) != folder(&member.path)) {
            list.push(member);
        }
    }
    for (name, mut list) in by_name {
        list.sort_by(|one, other| one.path.cmp(&other.path));
        let Some((first, others)) = list.split_first() else { continue };
        for other in others {
            let message = format!("builds `{name}`, which `{}` builds already", first.path);
            let finding = out.add(&other.place, message).related(&first.place, "built here as well");
            if let Some(image) = plan.images.hierarchy.iter().find(|image| image.name.value == name) {
                finding.planned(&image.name);
            }
            finding.help("keep one of them, or name the right one with `path` in the plan's hierarchy");
        }
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
