//! The graph of built images: what each is built on by its own evidence.

use std::collections::HashMap;

use crate::fleet::planned_base;
use crate::model::{BaseVerdict, BuiltImage, ImageSet};
use crate::plan::Plan;
use crate::report::graph::{Drawing, Edge, Kind, Look, Mark};
use crate::report::visible;
use crate::run::{GraphRequest, Progress, RunError, images, plan};

/// Reads the images of a request and draws them.
pub(super) fn drawing(request: &GraphRequest, progress: Progress<'_>) -> Result<Drawing, RunError> {
    let plan = plan::load_for(&request.plan, &[])?;
    let set = images::read_linked(&request.images, &request.sources, &plan, progress)?;
    Ok(of(&set, &plan))
}

fn of(set: &ImageSet, plan: &Plan) -> Drawing {
    let names = names(set, plan);
    let mut edges = Vec::new();
    let mut alone = Vec::new();
    for (at, verdict) in set.bases.iter().enumerate() {
        match edge(set, at, verdict, &names, plan) {
            Some((parent, mark)) => edges.push(Edge { parent, child: names[at].clone(), mark: Some(mark) }),
            None => alone.push(names[at].clone()),
        }
    }
    // One image in several forms is one name; that one form stands alone says nothing.
    let mut drawing = Drawing::new(edges, alone);
    for (image, name) in set.images.iter().zip(names) {
        drawing.look(name, look(image, plan));
    }
    drawing
}

fn look(image: &BuiltImage, plan: &Plan) -> Look {
    let service = image.service.and_then(|row| plan.services.get(row)).map(|row| row.name.value.to_string());
    let kind = match (image.hierarchy, &service) {
        (Some(_), _) => Kind::Base,
        (None, Some(_)) => Kind::Service,
        (None, None) => Kind::Other,
    };
    Look { kind, file: Some(image.subject.to_string()), service, ..Look::default() }
}

/// What an image is drawn below, and how sure that is.
fn edge(
    set: &ImageSet,
    at: usize,
    verdict: &BaseVerdict,
    names: &[String],
    plan: &Plan,
) -> Option<(String, Mark)> {
    let mark = |word: &'static str, why: String| Mark { word, why: visible(&why).into_owned() };
    match verdict {
        BaseVerdict::Built { on, contradicts, .. } => {
            let against =
                contradicts.as_ref().map(|claim| format!("though {} names `{}`", claim.by, claim.name));
            Some((names[*on].clone(), mark("proven", against.unwrap_or_default())))
        }
        BaseVerdict::Outdated { on, evidence, .. } => {
            Some((names[*on].clone(), mark("outdated", evidence.to_string())))
        }
        BaseVerdict::Claimed { claim, on } => {
            let parent = on.map_or_else(|| visible(&claim.name).into_owned(), |on| names[on].clone());
            Some((parent, mark("claimed", claim.by.to_string())))
        }
        BaseVerdict::Unknown(why) => {
            // The plan says where it belongs; its layers do not.
            let planned = planned_base(&set.images[at], plan)?;
            let on = set
                .images
                .iter()
                .position(|image| planned.is(image) && !std::ptr::eq(image, &set.images[at]))?;
            Some((names[on].clone(), mark("unknown", why.to_string())))
        }
    }
}

/// The names of all images: as the plan calls each, else its reference. Two images of one name are told apart by how they
/// were given; copies of one image in several forms are one.
fn names(set: &ImageSet, plan: &Plan) -> Vec<String> {
    let plain: Vec<String> = set.images.iter().map(|image| name(image, plan)).collect();
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut differ: HashMap<&str, bool> = HashMap::new();
    for (at, name) in plain.iter().enumerate() {
        let held = *first.entry(name).or_insert(at);
        *differ.entry(name).or_default() |= !is_copy(&set.images[held], &set.images[at]);
    }
    let told_apart = |at: usize, name: &String| match differ.get(name.as_str()) {
        Some(true) if *name != *visible(&set.images[at].subject) => {
            format!("{name} ({})", visible(&set.images[at].subject))
        }
        _ => name.clone(),
    };
    plain.iter().enumerate().map(|(at, name)| told_apart(at, name)).collect()
}

fn name(image: &BuiltImage, plan: &Plan) -> String {
    let hierarchy =
        image.hierarchy.and_then(|own| plan.images.hierarchy.get(own)).map(|image| &image.name.value);
    let service = image.service.and_then(|row| plan.services.get(row)).map(|row| &row.name.value);
    let reference = image.reference.as_ref().map(|said| &said.value);
    visible(hierarchy.or(service).or(reference).unwrap_or(&image.subject)).into_owned()
}

/// Whether two are one image in two forms: the same layers, of the same steps.
fn is_copy(one: &BuiltImage, other: &BuiltImage) -> bool {
    let layers = |image: &BuiltImage| image.diff_ids.iter().map(|id| id.value.clone()).collect::<Vec<_>>();
    let steps = |image: &BuiltImage| {
        image.history.iter().map(|step| step.created_by.value.clone()).collect::<Vec<_>>()
    };
    let same = one.config_digest == other.config_digest || steps(one) == steps(other);
    one.platform == other.platform && layers(one) == layers(other) && same
}
