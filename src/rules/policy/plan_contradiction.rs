//! `plan-contradiction`: the plan says two things that cannot both be.
//!
//! Rows against rows, the hierarchy against itself, versions against names, and what the Markdown states against the
//! TOML. A plan without such a pair has no finding; what is merely missing is no contradiction.

mod images;
mod rows;
mod stated;
mod versions;

use crate::finding::Findings;
use crate::plan::{Plan, PlanIndex};
use crate::rules::Check;

pub(in crate::rules) use crate::rules::always as planned;

pub(in crate::rules) const CHECK: Check = Check::Plan(check);

fn check(plan: &Plan, out: &mut Findings) {
    let index = PlanIndex::new(plan);
    user(plan, out);
    rows::check(plan, out);
    images::check(plan, &index, out);
    versions::check(plan, out);
    stated::check(plan, &index, out);
}

/// Root as the planned user of a plan that wants no root. A pack's wish is a default, and not a sentence of the plan.
fn user(plan: &Plan, out: &mut Findings) {
    let (Some(uid), Some(wish)) = (&plan.user.uid, &plan.user.non_root) else { return };
    if uid.value == 0 && wish.value && !wish.place.source.path().starts_with(crate::plan::PACK_PREFIX) {
        out.add(&uid.place, "the planned user is root, and `non-root` forbids it").planned(wish);
    }
}

/// A text of the plan as messages show it: not longer than a line.
fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('\u{2026}');
    }
    shown
}

/// The image of the hierarchy that a text names as a parent or base, when it is one of the fleet's own: a plain name, or
/// a reference below the plan's registry. `Err`: an external image.
fn own_image(plan: &Plan, index: &PlanIndex, text: &str) -> Result<Option<usize>, ()> {
    let plain = !text.contains(['/', ':', '@']);
    let registry = plan.images.registry.as_ref().map(|registry| registry.value.trim_end_matches('/'));
    let below = registry.and_then(|registry| text.strip_prefix(registry)).is_some_and(|rest| rest.starts_with('/'));
    if plain || below { Ok(index.image_of_reference(text)) } else { Err(()) }
}

/// `did you mean` the image whose name is nearest.
fn nearest_image(plan: &Plan, text: &str) -> Option<String> {
    let names = plan.images.hierarchy.iter().map(|image| image.name.value.as_str());
    crate::nearest::nearest(text, names).map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests;
