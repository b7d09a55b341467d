//! `base-image`: an image of the hierarchy stands on the parent that the plan gives it.

use super::chain::{image_name, is_planned, outermost};
use crate::finding::Findings;
use crate::model::{Base, Build, From, Role};
use crate::plan::{HierarchyImage, Plan};
use crate::rules::Check;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.images.hierarchy.is_empty()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(image) = planned_image(build, plan) else { return };
    let Some(stage) = outermost(build) else { return };
    let (from, wanted) = (&stage.from, image.from.value.as_str());
    let right = if is_planned(plan, wanted) { names(from, wanted) } else { is_external(from, wanted) };
    match right {
        Some(true) => {}
        Some(false) => {
            let message = format!("`{}` is built on `{}`, planned `{wanted}`", image.name.value, from.reference.text);
            out.add(&from.reference_place, message).planned(&image.from).subject(image.name.value.clone());
        }
        None => {
            let why = match &from.base {
                Base::Unknown(why) => why.to_string(),
                _ => format!("`{}` names no tag", from.reference.text),
            };
            let message = format!("cannot tell whether `{}` is built on `{wanted}`: {why}", image.name.value);
            out.open(&from.reference_place, message).planned(&image.from);
        }
    }
}

/// The image of the hierarchy that a file builds.
fn planned_image<'p>(build: &Build, plan: &'p Plan) -> Option<&'p HierarchyImage> {
    let name = build.image_names.first().filter(|_| build.role == Role::Base)?;
    plan.images.hierarchy.iter().find(|image| image.name.value == *name)
}

fn names(from: &From, wanted: &str) -> Option<bool> {
    if let Base::Fleet { name, .. } = &from.base {
        return Some(name == wanted);
    }
    image_name(&from.reference.text).map(|name| name == wanted)
}

/// Whether a FROM names an external image: repository and tag as planned, a digest allowed beside them.
fn is_external(from: &From, wanted: &str) -> Option<bool> {
    let text = match from.base {
        Base::Scratch => "scratch",
        _ => from.reference.certain()?,
    };
    let (is, wanted) = (ImageReference::parse(on_hub(text)), ImageReference::parse(on_hub(wanted)));
    if (is.registry, is.repository) != (wanted.registry, wanted.repository) {
        return Some(false);
    }
    match (wanted.digest, wanted.tag, is.tag) {
        (Some(digest), ..) => Some(is.digest == Some(digest)),
        (None, None, _) => Some(true),
        (None, Some(_), None) if is.digest.is_some() => None,
        (None, tag, is) => Some(tag == is),
    }
}

/// `docker.io/library/python` and `python` are one image.
fn on_hub(reference: &str) -> &str {
    let short = ["docker.io/", "index.docker.io/"].iter().find_map(|prefix| reference.strip_prefix(prefix));
    let short = short.unwrap_or(reference);
    short.strip_prefix("library/").unwrap_or(short)
}
