//! `plimsoll image`: images are read at once, linked, judged one by one and together.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use smol_str::SmolStr;

use super::{Active, ImageRequest, ImageSources, Outcome, Progress, RunError, inputs, plan, secrets};
use crate::finding::{Finding, Findings};
use crate::fleet::{link_images, row_of_image};
use crate::image::{ImageError, ImageName, LayerMemory, ReadOptions, read};
use crate::model::{BuiltImage, ExpectedImage, ImageSet, PlannedImage, RegistryAnswer};
use crate::plan::{Plan, PlanIndex};
use crate::report::Checked;
use crate::rules::{Check, Rule};
use crate::settle::{Options, settle, working_prefix};

mod expected;
mod planned;

/// Images at once: registries answer several requests of one client, and memory stays bounded.
const MAX_AT_ONCE: usize = 16;

/// Checks built images against the plan.
///
/// # Errors
/// When the plan is wrong, a name is no name of an image, or there is nothing to check.
pub fn check_images(request: &ImageRequest, progress: Progress<'_>) -> Result<Outcome, RunError> {
    let plan = plan::load_for(&request.check.plan, &request.against)?;
    let index = PlanIndex::new(&plan);
    let active = Active::of(&request.check, &plan);
    let mut names = Vec::with_capacity(request.images.len() + request.candidates.len());
    for text in request.images.iter().chain(&request.candidates) {
        names.push(ImageName::parse(text).map_err(|error| wrong_name(text, error))?);
    }
    if names.is_empty() && !request.planned {
        return Err(RunError::new("no image is named"));
    }
    let wanted = wanted_paths(&plan);
    #[cfg(feature = "registry")]
    let client = planned::client(&request.sources);
    #[cfg(feature = "registry")]
    let client = client.as_ref();
    #[cfg(not(feature = "registry"))]
    let client = std::marker::PhantomData;
    let presence = planned::look_up(request, &plan, client, progress)?;
    let read = read_all(&names, &request.sources, &wanted, client, progress);
    let mut unread: Vec<(String, String)> = presence.iter().filter_map(unanswered).collect();
    let mut images = Vec::new();
    for (at, (name, result)) in names.iter().zip(read).enumerate() {
        match result {
            Ok(found) => images.extend(found.into_iter().map(|mut image| {
                image.is_candidate = at >= request.images.len();
                image
            })),
            Err(error) => unread.push((name.text().to_owned(), explained(error))),
        }
    }
    identify(&mut images, request, &plan, &index)?;
    let expected = expected::of(&images, request, &plan, &index)?;
    let set = link(images, expected, presence, &plan);
    let mut findings = judge(&active.run, &set, &plan);
    secrets::hide_images(&set, &mut findings);

    let base = inputs::working_directory()?;
    let options = Options {
        severities: request.check.severities.clone(),
        select: request.check.select.clone(),
        ignore: request.check.ignore.clone(),
        strict: request.check.strict,
        today: request.check.today,
        ran: ran(&active.run).into_iter().collect(),
        whole: false,
        working_prefix: working_prefix(&plan.folder, &base),
    };
    let settled = settle(findings, &[], &plan, &options);
    let judged = set.images.iter().filter(|image| !image.is_candidate).count();
    let checked = Checked {
        mode: "image",
        plan: plan.path.clone().or_else(|| request.check.plan.pack.clone()),
        files: [(SmolStr::new("image"), judged)].into(),
        rules: ran(&active.run),
        not_planned: active.not_planned,
        ..Checked::default()
    };
    Ok(Outcome { settled, checked, unread })
}

/// The rules of a call that look at images, by id.
fn ran(rules: &[&'static Rule]) -> Vec<&'static str> {
    let looks = |check: &Check| matches!(check, Check::Image(_) | Check::Images(_));
    rules.iter().filter(|rule| rule.check.each().any(looks)).map(|rule| rule.id).collect()
}

fn wrong_name(text: &str, error: ImageError) -> RunError {
    RunError { help: error.help, ..RunError::new(format!("`{text}`: {}", error.message)) }
}

fn explained(error: ImageError) -> String {
    match error.help {
        Some(help) => format!("{}; {help}", error.message),
        None => error.message,
    }
}

/// Paths that rules ask images for, from the plan.
fn wanted_paths(plan: &Plan) -> Vec<SmolStr> {
    let init = plan.init.process.iter().chain(&plan.init.accept).map(|said| said.value.clone());
    init.filter(|path| path.starts_with('/')).collect()
}

/// The images of one name.
type ReadImages = Result<Vec<BuiltImage>, ImageError>;

/// Reads every image, several at once; the results are in the order of the names.
fn read_all(
    names: &[ImageName],
    sources: &ImageSources,
    wanted: &[SmolStr],
    client: planned::Client<'_>,
    progress: Progress<'_>,
) -> Vec<ReadImages> {
    #[cfg(not(feature = "registry"))]
    let _ = client;
    let options = ReadOptions {
        platform: sources.platform.clone(),
        layers: sources.layers,
        wanted,
        memory: LayerMemory::default(),
        #[cfg(feature = "registry")]
        registry: client,
    };
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, ReadImages)>> = Mutex::default();
    let threads = sources.jobs.map_or(MAX_AT_ONCE, NonZeroUsize::get).min(names.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, name)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    names.get(at).map(|name| (at, name))
                } {
                    let result = read(name, &options);
                    let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    done.push((at, result));
                    progress(done.len(), names.len(), name.text());
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Says of each image which row or image of the hierarchy it is.
fn identify(
    images: &mut [BuiltImage],
    request: &ImageRequest,
    plan: &Plan,
    index: &PlanIndex,
) -> Result<(), RunError> {
    let service = match &request.service {
        Some(name) => Some(index.service_named(name).ok_or_else(|| unknown_service(name, plan))?),
        None => None,
    };
    for image in images {
        let row = row_of_image(image, index);
        image.hierarchy = row.hierarchy.filter(|_| service.is_none());
        image.service = service.filter(|_| !image.is_candidate).or(row.service);
    }
    Ok(())
}

fn unknown_service(name: &str, plan: &Plan) -> RunError {
    let names = plan.services.iter().map(|row| row.name.value.as_str());
    let help = crate::nearest::nearest(name, names).map(|near| format!("Did you mean `{near}`?"));
    RunError { help, ..RunError::new(format!("the plan has no service `{name}`")) }
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
        RegistryAnswer::Unreachable(why) => Some((image.planned.to_string(), why.to_string())),
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
    out.into_vec()
}
