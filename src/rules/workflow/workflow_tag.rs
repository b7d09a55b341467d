//! `workflow-tag`: what is pushed has a tag as planned, and one that the fleet wants.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::built::{pushing, some_of, target};
use crate::finding::Findings;
use crate::fleet::Fleet;
use crate::model::{Spanned, WorkflowImage};
use crate::plan::{Plan, PlanIndex, TagPattern};
use crate::rules::{Check, always};
use crate::source::Place;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// One image with all tags that workflows push it under.
struct Pushed<'f> {
    name: &'f str,
    is_own: bool,
    images: Vec<&'f WorkflowImage>,
}

/// A fault of one line that pushes, for every image that it pushes.
struct Fault<'f> {
    place: &'f Place,
    tags: String,
    names: Vec<&'f str>,
    why: Why<'f>,
}

#[derive(PartialEq, Eq)]
enum Why<'f> {
    /// No tag matches the planned pattern.
    Pattern(&'f Spanned<SmolStr>),
    /// Somebody wants another tag.
    Wanted(&'f Spanned<SmolStr>, SmolStr),
}

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let wanted = wanted(fleet);
    let pattern = plan.images.tag.as_ref().zip(plan.images.tag_pattern.as_ref());
    let mut faults: Vec<Fault<'_>> = Vec::new();
    for (repository, pushed) in all(fleet, plan) {
        let Some(first) = pushed.images.first() else { continue };
        let wanted = wanted.get(repository).map(Vec::as_slice).unwrap_or_default();
        let Some(why) = judge(&pushed, pattern, wanted) else { continue };
        let mut tags: Vec<&str> = pushed.images.iter().map(|image| tag(image.reference.as_deref())).collect();
        tags.sort_unstable();
        tags.dedup();
        let tags = some_of(&tags);
        let same = faults.iter_mut().find(|it| {
            let same_want = match (&it.why, &why) {
                (Why::Wanted(_, one), Why::Wanted(_, other)) => one == other,
                (one, other) => one == other,
            };
            it.place == &first.place && it.tags == tags && same_want
        });
        match same {
            Some(fault) => fault.names.push(pushed.name),
            None => faults.push(Fault { place: &first.place, tags, names: vec![pushed.name], why }),
        }
    }
    faults.iter().for_each(|fault| report(fault, out));
}

/// What workflows push, by repository.
fn all<'f>(fleet: &'f Fleet, plan: &Plan) -> BTreeMap<&'f str, Pushed<'f>> {
    let index = PlanIndex::new(plan);
    let registry = plan.images.registry.as_ref().map(|registry| registry.value.as_str());
    let mut all: BTreeMap<&str, Pushed<'_>> = BTreeMap::new();
    for image in pushing(fleet).flat_map(|build| &build.images) {
        let Some(reference) = image.reference.as_deref() else { continue };
        let repository = repository(reference);
        if repository.contains('*') {
            continue;
        }
        let below = registry.and_then(|registry| repository.strip_prefix(registry));
        let pushed = all.entry(repository).or_insert_with(|| Pushed {
            name: ImageReference::parse(reference).name(),
            is_own: target(image, &index).is_some() || below.is_some_and(|rest| rest.starts_with('/')),
            images: Vec::new(),
        });
        pushed.images.push(image);
    }
    all
}

/// Tags that FROMs, compose services and pods want, by repository.
fn wanted(fleet: &Fleet) -> BTreeMap<String, Vec<Spanned<SmolStr>>> {
    let froms = fleet.members.iter().flat_map(|member| &member.froms).cloned();
    let images = fleet.workloads().filter(|workload| workload.build.is_none()).filter_map(|workload| {
        let image = workload.image.as_ref()?;
        Some(Spanned::new(SmolStr::new(image.value.certain()?), image.place.clone()))
    });
    let mut all: BTreeMap<String, Vec<Spanned<SmolStr>>> = BTreeMap::new();
    for said in froms.chain(images) {
        let parsed = ImageReference::parse(&said.value);
        // A digest says more than any tag.
        if let (Some(tag), None) = (parsed.tag, parsed.digest) {
            let tag = Spanned::new(SmolStr::new(tag), said.place.clone());
            all.entry(repository(&said.value).to_owned()).or_default().push(tag);
        }
    }
    all
}

fn repository(reference: &str) -> &str {
    let parsed = ImageReference::parse(reference);
    let end = ImageReference::span_of(reference, parsed.repository).end as usize;
    &reference[..end]
}

/// The tag of a reference; without one it is `latest`.
fn tag(reference: Option<&str>) -> &str {
    reference.and_then(|reference| ImageReference::parse(reference).tag).unwrap_or("latest")
}

fn judge<'f>(
    pushed: &Pushed<'_>,
    pattern: Option<(&'f Spanned<SmolStr>, &TagPattern)>,
    wanted: &'f [Spanned<SmolStr>],
) -> Option<Why<'f>> {
    // What only the run knows may be anything.
    let samples: Option<Vec<&str>> =
        pushed.images.iter().map(|image| Some(tag(Some(image.sample.as_deref()?)))).collect();
    let samples = samples?;
    if let Some((planned, pattern)) = pattern.filter(|_| pushed.is_own)
        && !samples.iter().any(|tag| pattern.matches(tag))
    {
        return Some(Why::Pattern(planned));
    }
    let certain: Option<Vec<&str>> = pushed.images.iter().map(|image| Some(tag(Some(image.certain()?)))).collect();
    let certain = certain?;
    if wanted.iter().any(|wanted| certain.contains(&wanted.value.as_str())) {
        return None;
    }
    wanted.first().map(|first| Why::Wanted(first, first.value.clone()))
}

fn report(fault: &Fault<'_>, out: &mut Findings) {
    let are = if fault.names.len() == 1 { "is" } else { "are" };
    let pushed = format!("{} {are} pushed as {}", some_of(&fault.names), fault.tags);
    match &fault.why {
        Why::Pattern(planned) => {
            out.add(fault.place, format!("{pushed} only, planned is `{}`", planned.value))
                .planned(planned)
                .help("push a tag of the planned form; another one beside it does no harm");
        }
        Why::Wanted(first, tag) => {
            out.add(fault.place, format!("{pushed} only, and the fleet wants `{tag}`"))
                .related(&first.place, "wanted here")
                .help(format!("push `{tag}`, or let the fleet want what is pushed"));
        }
    }
}
