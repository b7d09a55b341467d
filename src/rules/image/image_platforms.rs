//! `image-platforms`: an image is there for every platform of the plan.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{BuiltImage, ImageForm, ImageSet, Platform, Spanned};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::Place;

use smol_str::SmolStr;

pub(in crate::rules) const CHECK: Check = Check::Images(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.images.platforms.is_empty()
}

fn check(set: &ImageSet, plan: &Plan, out: &mut Findings) {
    // With `--platform all` one name is several images, and each of them knows the whole index.
    let mut seen = HashSet::new();
    for image in set.images.iter().filter(|image| !image.is_candidate && seen.insert(&image.name)) {
        let service = image.service.and_then(|row| plan.services.get(row)).map(|row| row.name.value.clone());
        out.concern(service, Some(image.name.clone()));
        match &image.platforms {
            Some(platforms) => index(image, platforms, plan, out),
            None => single(image, plan, out),
        }
    }
    out.concern(None, None);
}

/// An index: each planned platform is in it. What else it holds is nobody's fault.
fn index(image: &BuiltImage, platforms: &[Platform], plan: &Plan, out: &mut Findings) {
    let lacks = missing(platforms, plan);
    let Some(first) = lacks.first() else { return };
    let place = reference(image);
    if platforms.iter().any(is_unnamed) {
        out.open(place, format!("cannot tell whether it is built for {}: its index names no platform", list(&lacks)))
            .planned(first);
        return;
    }
    let has: Vec<String> = platforms.iter().map(|platform| format!("`{platform}`")).collect();
    out.add(place, format!("its index holds {}, and not the planned {}", has.join(", "), list(&lacks)))
        .planned(first)
        .help(HELP);
}

/// A single manifest: it is for one platform.
fn single(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let own = std::slice::from_ref(&image.platform);
    let lacks = missing(own, plan);
    let Some(first) = lacks.first() else { return };
    let place = image.tree.at(&["image", "architecture"]).map_or(reference(image), |said| &said.place);
    if is_unnamed(&image.platform) {
        out.open(place, format!("cannot tell whether it is built for {}: its config names no platform", list(&lacks)))
            .planned(first);
        return;
    }
    let holds_one = matches!(image.form, ImageForm::DockerArchive | ImageForm::Dir | ImageForm::DockerDaemon);
    let is_planned = lacks.len() < plan.images.platforms.len();
    match holds_one && is_planned {
        true => out.open(
            place,
            format!("cannot tell whether it is built for {}: what was read holds one platform at a time", list(&lacks)),
        ),
        false => {
            let only = if is_planned { " only" } else { "" };
            let message = format!("is built for `{}`{only}, and not for the planned {}", image.platform, list(&lacks));
            out.add(place, message).help(HELP)
        }
    }
    .planned(first);
}

const HELP: &str = "build it with `--platform`, and push the images of all platforms as one index";

/// Planned platforms that are none of these.
fn missing<'p>(platforms: &[Platform], plan: &'p Plan) -> Vec<&'p Spanned<SmolStr>> {
    let is_there = |wanted: &Platform| platforms.iter().any(|platform| platform.is(wanted));
    plan.images.platforms.iter().filter(|said| !is_there(&Platform::parse(&said.value))).collect()
}

fn is_unnamed(platform: &Platform) -> bool {
    platform.os.is_empty() || platform.architecture.is_empty()
}

fn list(platforms: &[&Spanned<SmolStr>]) -> String {
    let names: Vec<String> = platforms.iter().map(|said| format!("`{}`", said.value)).collect();
    names.join(", ")
}

/// The line that says what was asked for.
fn reference(image: &BuiltImage) -> &Place {
    image.tree.get("reference").map_or(&image.place, |said| &said.place)
}
