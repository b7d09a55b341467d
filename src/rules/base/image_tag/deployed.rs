//! The image that a deployment file names, or gives to what it builds.

use super::super::chain::is_planned;
use super::{moving, pinned, unplanned};
use crate::finding::{Findings, Severity};
use crate::model::{Spanned, Value, Workload};
use crate::plan::Plan;
use crate::rules::deployed::carries_registry;
use crate::rules::pods::is_placeholder;
use crate::syntax::image_reference::ImageReference;

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let Some(image) = &workload.image else { return };
    let planned = plan.images.tag.as_ref().zip(plan.images.tag_pattern.as_ref());
    let ours = is_own(workload, image, plan);
    let Some(text) = image.value.certain() else {
        unknown(image, ours, plan, out);
        return;
    };
    // `ko://…` and `$IMAGE` are replaced before anything runs.
    if text.contains("://") || (workload.kind.in_pod() && is_placeholder(text)) {
        return;
    }
    let reference = ImageReference::parse(text);
    if let Some((tag, pattern)) = planned.filter(|_| ours) {
        if let Some(message) = unplanned(&reference, tag, pattern) {
            out.add(&image.place, message).planned(tag);
        }
        return;
    }
    let Some(pinned) = pinned(plan) else { return };
    // An id of an image (`sha256:…`) is no tag.
    // What is built where it runs does not change by itself.
    let (so, severity) = match workload.build.is_some() {
        true => ("and what is built here is called `latest`", Severity::Note),
        false => ("so `latest` of the day runs", Severity::Warning),
    };
    let Some(message) = moving(&reference, so).filter(|_| !is_id(&reference)) else { return };
    out.add(&image.place, message)
        .planned(pinned)
        .severity(severity)
        .help("name a version, or a digest beside it");
}

/// A variable without a value hides the tag, unless a digest follows it.
fn unknown(image: &Spanned<Value>, ours: bool, plan: &Plan, out: &mut Findings) {
    let Some(why) = &image.value.unknown else { return };
    let planned = plan.images.tag.as_ref().filter(|_| ours);
    if image.value.text.contains('@') {
        return;
    }
    // Of the images of others nobody needs to know more.
    if let Some(planned) = planned {
        out.open(&image.place, format!("cannot tell the tag of `{}`: {why}", image.value.text)).planned(planned);
    } else if ours && let Some(pinned) = pinned(plan) {
        out.open(&image.place, format!("cannot tell the tag of `{}`: {why}", image.value.text)).planned(pinned);
    }
}

/// Whether a reference is the id of an image.
pub(in crate::rules) fn is_id(image: &ImageReference<'_>) -> bool {
    let is_hash = |tag: &str| tag.len() == 64 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    image.repository == "sha256" && image.tag.is_some_and(is_hash)
}

/// Whether the fleet makes the image itself.
fn is_own(workload: &Workload, image: &Spanned<Value>, plan: &Plan) -> bool {
    workload.dockerfile.is_some()
        || workload.build.is_some()
        || workload.service.is_some()
        || carries_registry(workload, plan)
        || is_planned(plan, ImageReference::parse(&image.value.text).name())
}
