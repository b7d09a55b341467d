//! `registry-presence`: every planned image is in the registry, with a planned tag and for the planned platforms.

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{ImageSet, PlannedImage, Platform, RegistryAnswer};
use crate::nearest::distance;
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) const CHECK: Check = Check::Images(check);

/// Tags that a message names.
const MAX_TAGS: usize = 3;

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.images.registry.is_some()
}

fn check(set: &ImageSet, plan: &Plan, out: &mut Findings) {
    for image in &set.presence {
        let service = image.is_service.then(|| image.planned.clone());
        out.concern(service, Some(image.planned.clone()));
        judge(image, plan, out);
    }
    out.concern(None, None);
}

fn judge(image: &PlannedImage, plan: &Plan, out: &mut Findings) {
    let reference = image.references.first().unwrap_or(&image.planned);
    match &image.answer {
        RegistryAnswer::Found { reference, platforms } => judge_platforms(image, reference, platforms.as_deref(), plan, out),
        RegistryAnswer::NoSuchTag(tags) => judge_tags(image, reference, tags, plan, out),
        RegistryAnswer::Absent => {
            let finding = out.add(&image.place, format!("the registry has no image `{}`", repository(reference)));
            finding.help("Push it, or name its repository in the plan.");
            if let Some(registry) = &plan.images.registry {
                finding.planned(registry);
            }
        }
        RegistryAnswer::Denied(_) => {
            let message = format!("cannot tell whether `{reference}` is there: the registry wants a login");
            out.open(&image.place, message).help("Log in with --docker-config-auth.");
        }
        RegistryAnswer::Unreachable(why) => {
            out.open(&image.place, format!("cannot tell whether `{reference}` is there: {why}"));
        }
    }
}

fn judge_tags(image: &PlannedImage, reference: &str, tags: &[SmolStr], plan: &Plan, out: &mut Findings) {
    let wanted = ImageReference::parse(reference).tag;
    let mut near: Vec<&SmolStr> = tags.iter().collect();
    // Tags that begin alike are nearer than tags with as many other letters: `20250812-…` is about the day.
    near.sort_by_key(|tag| wanted.map(|wanted| (std::cmp::Reverse(alike(wanted, tag)), distance(wanted, tag))));
    let shown: Vec<String> = near.iter().take(MAX_TAGS).map(|tag| format!("`{tag}`")).collect();
    let repository = repository(reference);
    let what = match wanted {
        Some(tag) => format!("`{repository}` has no tag `{tag}`"),
        None => format!("no tag of `{repository}` is one that the plan allows"),
    };
    let has = match shown.is_empty() {
        true => "it has none".to_owned(),
        false if wanted.is_some() => format!("the nearest are {}", shown.join(", ")),
        false => format!("it has {}", shown.join(", ")),
    };
    let finding = out.add(&image.place, format!("{what}; {has}"));
    if let Some(pattern) = &plan.images.tag {
        finding.planned(pattern);
    }
}

/// How many letters two texts share at their beginning.
fn alike(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}

fn judge_platforms(
    image: &PlannedImage,
    reference: &str,
    platforms: Option<&[Platform]>,
    plan: &Plan,
    out: &mut Findings,
) {
    let Some(first) = plan.images.platforms.first() else { return };
    let Some(platforms) = platforms else {
        // A single manifest may well be of the only platform that is planned.
        if plan.images.platforms.len() > 1 {
            let message = format!("cannot tell the platforms of `{reference}`: it is no index, or nobody read it");
            out.open(&image.place, message).planned(first);
        }
        return;
    };
    let lacks = |wanted: &&crate::model::Spanned<SmolStr>| {
        let wanted = Platform::parse(&wanted.value);
        !platforms.iter().any(|has| has.is(&wanted))
    };
    let missing: Vec<_> = plan.images.platforms.iter().filter(lacks).collect();
    if let Some(first) = missing.first() {
        let names: Vec<String> = missing.iter().map(|wanted| format!("`{}`", wanted.value)).collect();
        out.add(&image.place, format!("`{reference}` lacks {}", names.join(", "))).planned(first);
    }
}

/// The reference without tag and digest.
fn repository(reference: &str) -> &str {
    let parts = ImageReference::parse(reference);
    let end = crate::source::Span::len(ImageReference::span_of(reference, parts.repository));
    let start = ImageReference::span_of(reference, parts.repository).start;
    reference.get(..(start + end) as usize).unwrap_or(reference)
}

#[cfg(test)]
mod tests;
