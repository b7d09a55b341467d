//! `image-tag`: base images are named by a tag that the plan allows, and by none that moves.

mod deployed;
mod image;

use std::collections::HashSet;

use smol_str::SmolStr;

use super::chain::is_planned;
use crate::finding::{Findings, Severity};
use crate::model::{Base, Build, From, Spanned};
use crate::plan::{Plan, TagPattern};
use crate::rules::Check;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) use deployed::is_id;

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Build(check),
    Check::Workload(deployed::check),
    Check::Image(image::check),
]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.images.tag.is_some() || pinned(plan).is_some()
}

/// Whether the plan wants images of others by a tag that does not move.
pub(in crate::rules) fn pinned(plan: &Plan) -> Option<&Spanned<bool>> {
    plan.images.pinned.as_ref().filter(|pinned| pinned.value)
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let tag = plan.images.tag.as_ref().zip(plan.images.tag_pattern.as_ref());
    let mut seen = HashSet::new();
    for stage in build.needed_stages() {
        let from = &stage.from;
        if matches!(from.base, Base::Stage(_) | Base::Scratch | Base::Unknown(_)) {
            continue;
        }
        let Some(text) = from.reference.certain() else { continue };
        // Two FROMs of one variable are one cause.
        if from.written.contains('$') && !seen.insert(&from.written) {
            continue;
        }
        let image = ImageReference::parse(text);
        match (tag, is_own(from, text, plan)) {
            (Some((planned, pattern)), true) => own(&image, from, planned, pattern, out),
            _ => external(&image, from, plan, out),
        }
    }
}

/// Whether the fleet builds the image itself.
fn is_own(from: &From, text: &str, plan: &Plan) -> bool {
    let registry = plan.images.registry.as_ref().and_then(|registry| text.strip_prefix(registry.value.as_str()));
    matches!(from.base, Base::Fleet { .. })
        || registry.is_some_and(|rest| rest.starts_with('/'))
        || is_planned(plan, ImageReference::parse(text).name())
}

fn own(image: &ImageReference<'_>, from: &From, planned: &Spanned<SmolStr>, pattern: &TagPattern, out: &mut Findings) {
    if let Some(message) = unplanned(image, planned, pattern) {
        out.add(&from.reference_place, message).planned(planned);
    }
}

/// What is wrong with the tag of an image of the fleet.
pub(in crate::rules) fn unplanned(image: &ImageReference<'_>, planned: &Spanned<SmolStr>, pattern: &TagPattern) -> Option<String> {
    let name = image.name();
    match (image.tag, image.digest) {
        // A digest says more than any tag.
        (_, Some(_)) => None,
        (None, None) => Some(format!("`{name}` has no tag, planned `{}`", planned.value)),
        (Some(tag), None) if !pattern.matches(tag) => {
            Some(format!("the tag `{tag}` of `{name}` is not as planned: `{}`", planned.value))
        }
        (Some(tag), None) if planned.value.contains("{8}") && impossible_date(tag) => {
            Some(format!("the tag `{tag}` of `{name}` starts with a date that does not exist"))
        }
        _ => None,
    }
}

fn external(image: &ImageReference<'_>, from: &From, plan: &Plan, out: &mut Findings) {
    let Some(pinned) = pinned(plan) else { return };
    let Some(message) = moving(image, "so `latest` of the day is built on") else { return };
    out.add(&from.reference_place, message)
        .planned(pinned)
        .severity(Severity::Warning)
        .help("name a version, or a digest beside it");
}

/// Why the image that a reference means changes from day to day; `so` is what follows from a missing tag.
pub(in crate::rules) fn moving(image: &ImageReference<'_>, so: &str) -> Option<String> {
    match (image.tag, image.digest) {
        (_, Some(_)) => None,
        (None, None) => Some(format!("`{}` has no tag, {so}", image.repository)),
        (Some(tag), None) if tag == "latest" || tag.starts_with("latest-") => {
            Some(format!("the tag `{tag}` of `{}` moves", image.repository))
        }
        _ => None,
    }
}

/// Whether a tag starts with eight digits that are no day of a calendar.
fn impossible_date(tag: &str) -> bool {
    let Some(digits) = tag.get(..8).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) else {
        return false;
    };
    let number = |from: usize, to: usize| digits[from..to].parse::<u32>().unwrap_or(0);
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    day == 0 || day > days
}

#[cfg(test)]
mod tests {
    use super::impossible_date;

    #[test]
    fn dates() {
        for (tag, wanted) in [
            ("20250812-1a2b3c4", false),
            ("20251399-1a2b3c4", true),
            ("20250230-1a2b3c4", true),
            ("20240229-1a2b3c4", false),
            ("2025", false),
            ("v2025081", false),
        ] {
            assert_eq!(impossible_date(tag), wanted, "{tag}");
        }
    }
}
