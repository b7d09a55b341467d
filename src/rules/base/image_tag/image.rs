//! The name that a built image of the fleet goes by.

use super::super::chain::is_planned;
use super::{moving, pinned, unplanned};
use crate::finding::{Findings, Severity};
use crate::model::{BuiltImage, ImageForm};
use crate::plan::Plan;
use crate::rules::images::is_ours;
use crate::syntax::image_reference::ImageReference;

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    // An archive need not say what its image is called, and a plain word there may be a name or a tag.
    let Some(said) = image.reference.as_ref().filter(|said| !is_plain_word(image, &said.value)) else { return };
    let reference = ImageReference::parse(&said.value);
    if !is_ours(image, plan) && !is_planned(plan, reference.name()) {
        return;
    }
    if let Some((tag, pattern)) = plan.images.tag.as_ref().zip(plan.images.tag_pattern.as_ref()) {
        if let Some(message) = unplanned(&reference, tag, pattern) {
            out.add(&said.place, message)
                .planned(tag)
                .help(format!("the image is called `{}`: push it by a tag of the planned form", said.value));
        }
    } else if let Some(pinned) = pinned(plan)
        && let Some(message) = moving(&reference, "so it goes by `latest`")
    {
        out.add(&said.place, message)
            .planned(pinned)
            .severity(Severity::Warning)
            .help(format!("the image is called `{}`: push it by a version", said.value));
    }
}

/// `org.opencontainers.image.ref.name` of an OCI layout holds a tag, a name or a whole reference, as its writer likes.
fn is_plain_word(image: &BuiltImage, reference: &str) -> bool {
    matches!(image.form, ImageForm::OciLayout | ImageForm::OciArchive) && !reference.contains(['/', ':', '@'])
}
