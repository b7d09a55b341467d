//! The same of built images: their layers prove the family.

use crate::finding::Findings;
use crate::fleet::is_ancestor;
use crate::model::ImageSet;
use crate::plan::Plan;
use crate::rules::built_base::{Standing, each, name, standing};

pub(super) fn check(set: &ImageSet, plan: &Plan, out: &mut Findings) {
    each(set, plan, out, |at, image, out| {
        let Standing::Elsewhere { planned, on } = standing(set, at, plan) else { return };
        let (base, wanted) = (&set.images[on], &planned.said.value);
        let stands_on = name(set, on, plan);
        let message = match base.hierarchy {
            Some(_) => {
                let through = through(set, at, on, plan);
                format!("stands on the family `{stands_on}`{through} by its layers, planned `{wanted}`")
            }
            None => format!("stands on `{stands_on}` by its layers, which is no planned family; planned `{wanted}`"),
        };
        // The first layer that is not the base's shows where the image leaves the planned way.
        let place = image.layer_place(base.diff_ids.len().min(image.diff_ids.len().saturating_sub(1)));
        let finding = out.add(place, message).planned(planned.said);
        if let (Some(has), Some(wants)) = (base.hierarchy, planned.hierarchy)
            && is_ancestor(plan, has, wants)
        {
            finding.help(format!(
                "build it on `{wanted}`; if it is, then on a build of it whose layers are not in this call"
            ));
        }
    });
}

/// The image in between, when the base is not the direct one.
fn through(set: &ImageSet, at: usize, on: usize, plan: &Plan) -> String {
    match crate::fleet::chain(set, at).get(1) {
        Some(direct) if *direct != on => format!(" (through `{}`)", name(set, *direct, plan)),
        _ => String::new(),
    }
}
