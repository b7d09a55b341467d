//! `plimsoll image`: images are read at once, linked, judged one by one and together.

use smol_str::SmolStr;

use super::active::{Active, at_images};
use super::judge::Scope;
use super::plan::service_named;
use super::{ImageRequest, ImageSources, Outcome, Progress, RunError, inputs, plan, secrets};
use crate::finding::{Finding, Findings};
use crate::fleet::link_images;
use crate::image::LayerChoice;
use crate::model::{BuiltImage, ExpectedImage, ImageSet, PlannedImage, RegistryAnswer};
use crate::plan::{Plan, PlanIndex};
use crate::report::Checked;
use crate::rules::{Check, Rule};
use crate::settle::settle;

mod expected;
mod left_out;
mod planned;
mod reading;
mod turns;

pub(in crate::run) use reading::Wanted;
use reading::{Reading, named};

/// Checks built images against the plan.
///
/// # Errors
/// When the plan is wrong, a name is no name of an image, or there is nothing to check.
pub fn check_images(request: &ImageRequest, progress: Progress<'_>) -> Result<Outcome, RunError> {
    let plan = plan::load_for(&request.check.plan, &request.against)?;
    let index = PlanIndex::new(&plan);
    let active = Active::of(&request.check, &plan, at_images);
    let service = request.service.as_deref().map(|name| service_named(name, &plan, &index)).transpose()?;
    let mut wanted = Vec::with_capacity(request.images.len() + request.candidates.len());
    for text in &request.images {
        wanted.push(Wanted { name: named(text)?, service, is_candidate: false });
    }
    for text in &request.candidates {
        wanted.push(Wanted { name: named(text)?, service: None, is_candidate: true });
    }
    if wanted.is_empty() && !request.planned {
        return Err(RunError::new("no image is named"));
    }
    let reading = Reading::new(&request.sources, &plan, &index, progress);
    let presence = planned::look_up(request, &reading)?;
    let (images, unread) = reading.read(&wanted);
    let mut unread = headed(unread);
    unread.extend(presence.iter().filter_map(unanswered));
    let expected = expected::of(&images, request, &plan, &index)?;
    let none_compared = expected.images.iter().all(Option::is_none);
    let set = link(images, expected.images, presence, &plan);
    let mut findings = judge(&active.run, &set, &plan);
    secrets::hide_images(&set, &mut findings);

    let mut options = active.options(&request.check, &plan, &inputs::working_directory()?, false);
    options.looked_at.images = judged_images(&set).collect();
    let settled = settle(findings, &[], &plan, &options);
    let judged = set.images.iter().filter(|image| !image.is_candidate).count();
    // Who compares nothing at all has not compared well.
    let mut not_checked = expected.missing;
    if none_compared {
        unread.extend(not_checked.drain(..).map(|(name, why)| (name, format!("is {why}"))));
    }
    not_checked.extend(left_out::services(&set.images, &plan));
    not_checked.extend(left_out::platforms(&set.images, &request.sources.platform));
    let checked = Checked {
        mode: "image",
        not_checked,
        plan: plan.path.clone().or_else(|| request.check.plan.pack.clone()),
        files: counts(judged, &set).collect(),
        rules: active.ids(),
        not_planned: active.not_planned,
        services: super::services::of_images(&set, &plan),
        subjects: super::services::subjects_of_images(&set, &plan),
        ..Checked::default()
    };
    Ok(Outcome { settled, checked, unread })
}

/// Names as heads of what is wrong with them, which is a sentence.
fn headed(unread: Vec<(String, String)>) -> Vec<(String, String)> {
    unread.into_iter().map(|(name, why)| (format!("{name}:"), why)).collect()
}

/// The images that were judged, as findings name them.
fn judged_images(set: &ImageSet) -> impl Iterator<Item = String> {
    set.images.iter().filter(|image| !image.is_candidate).map(|image| image.subject.to_string())
}

/// How many images were judged, and how many only looked up.
fn counts(judged: usize, set: &ImageSet) -> impl Iterator<Item = (SmolStr, usize)> {
    let looked_up = Some(set.presence.len()).filter(|count| *count > 0);
    let judged = Some(judged).filter(|count| *count > 0 || looked_up.is_none());
    let judged = judged.map(|count| (SmolStr::new("image"), count));
    judged.into_iter().chain(looked_up.map(|count| (SmolStr::new("planned-image"), count)))
}

/// The images that `check` is given for planned services.
///
/// # Errors
/// When the plan has no such service, or a name is no name of an image.
pub(super) fn of_services(
    pairs: &[(String, String)],
    plan: &Plan,
    index: &PlanIndex,
) -> Result<Vec<Wanted>, RunError> {
    let wanted = |(service, text): &(String, String)| {
        let service = Some(service_named(service, plan, index)?);
        Ok(Wanted { name: named(text)?, service, is_candidate: false })
    };
    pairs.iter().map(wanted).collect()
}

/// What images beside the files of a call gave.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) findings: Vec<Finding>,
    /// Images that were read.
    pub(super) count: usize,
    /// Their names.
    pub(super) names: std::collections::HashSet<String>,
    pub(super) unread: Vec<(String, String)>,
    /// Images without a Dockerfile among the files, and why.
    pub(super) not_compared: Vec<(String, String)>,
}

/// Judges images beside the Dockerfiles of a call, which they are compared with.
pub(super) fn beside(
    wanted: &[Wanted],
    sources: &ImageSources,
    scope: &Scope<'_>,
    index: &PlanIndex,
) -> Beside {
    if wanted.is_empty() {
        return Beside::default();
    }
    let (images, unread) = Reading::new(sources, scope.plan, index, &|_, _, _| {}).read(wanted);
    let expected = expected::among(&images, scope.bases, &|_| true, scope.bases.count());
    let set = link(images, expected.images, Vec::new(), scope.plan);
    let mut findings = judge(scope.rules, &set, scope.plan);
    secrets::hide_images(&set, &mut findings);
    Beside {
        findings,
        count: set.images.len(),
        names: judged_images(&set).collect(),
        unread: headed(unread),
        not_compared: expected.missing,
    }
}

/// Reads images for their chain alone: layers are read only when the call asks for them, to hold them against their
/// digests.
///
/// # Errors
/// When a name is no name of an image, or one cannot be read: a chain with a gap would be drawn wrong.
pub(super) fn read_linked(
    texts: &[String],
    sources: &ImageSources,
    plan: &Plan,
    progress: Progress<'_>,
) -> Result<ImageSet, RunError> {
    let name = |text: &String| Ok(Wanted { name: named(text)?, service: None, is_candidate: false });
    let wanted = texts.iter().map(name).collect::<Result<Vec<_>, RunError>>()?;
    let mut sources = sources.clone();
    if sources.layers == LayerChoice::Auto {
        sources.layers = LayerChoice::Never;
    }
    let index = PlanIndex::new(plan);
    let (images, unread) = Reading::new(&sources, plan, &index, progress).read(&wanted);
    if let Some((name, why)) = unread.into_iter().next() {
        return Err(RunError::new(format!("`{name}`: {why}")));
    }
    Ok(link(images, Vec::new(), Vec::new(), plan))
}

fn link(
    images: Vec<BuiltImage>,
    expected: Vec<Option<ExpectedImage>>,
    presence: Vec<PlannedImage>,
    plan: &Plan,
) -> ImageSet {
    let bases = link_images(&images, plan);
    ImageSet { images, bases, expected, presence }
}

/// What could not be asked, with the reason: the call did not do what it was asked for.
fn unanswered(image: &PlannedImage) -> Option<(String, String)> {
    match &image.answer {
        RegistryAnswer::Unreachable(why) | RegistryAnswer::Denied(why) => {
            Some((format!("{}:", image.planned), why.to_string()))
        }
        _ => None,
    }
}

/// Lets the rules of images speak about each, then about all of them.
fn judge(rules: &[&'static Rule], set: &ImageSet, plan: &Plan) -> Vec<Finding> {
    let mut out = Findings::new();
    for image in set.images.iter().filter(|image| !image.is_candidate) {
        let service = image.service.map(|row| plan.services[row].name.value.clone());
        out.concern(service, Some(image.subject.clone()));
        for rule in rules {
            for check in rule.check.each() {
                if let Check::Image(check) = check {
                    out.speak_for(rule.id, rule.severity);
                    check(image, plan, &mut out);
                }
            }
        }
    }
    out.concern(None, None);
    for rule in rules {
        for check in rule.check.each() {
            if let Check::Images(check) = check {
                out.speak_for(rule.id, rule.severity);
                check(set, plan, &mut out);
            }
        }
    }
    let mut findings = out.into_vec();
    // Places lie in the image's record, which is no file that anybody could edit.
    findings.iter_mut().for_each(|finding| finding.fix = None);
    findings
}
