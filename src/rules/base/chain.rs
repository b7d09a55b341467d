//! The way from the final stage through the stages of its own file to the first image of another one.

use smol_str::SmolStr;

use crate::model::{Build, Stage, Take, TakeSource};
use crate::plan::Plan;
use crate::rules::common::nearest;
use crate::syntax::image_reference::ImageReference;

/// The stage whose FROM leads out of the file.
pub(super) fn outermost(build: &Build) -> Option<&Stage> {
    build.own_stages().last()
}

/// The image's name: the last component of its repository; `None` when that part is not certain.
pub(super) fn image_name(reference: &str) -> Option<&str> {
    let name = ImageReference::parse(reference).name();
    let certain = !name.is_empty() && !name.contains(['$', '{', '}', '<', '>', ' ']);
    certain.then_some(name)
}

/// Whether an image of the plan's hierarchy has this name.
pub(super) fn is_planned(plan: &Plan, name: &str) -> bool {
    plan.images.hierarchy.iter().any(|image| image.name.value == name)
}

/// Names of stages that a slip is compared with, and the longest name that may be one.
const MAX_NAMES: usize = 64;
const MAX_NAME: usize = 24;

/// The stage that a `--from` means although it is misspelt: an image's name that is nearly that of a stage.
pub(super) fn meant_stage<'a>(build: &'a Build, take: &Take) -> Option<&'a SmolStr> {
    if take.source != TakeSource::Image
        || take.name.len() > MAX_NAME
        || take.name.contains(['/', ':', '.', '@', '$'])
    {
        return None;
    }
    let names = || build.stages.iter().take(MAX_NAMES).filter_map(|stage| Some(&stage.name.as_ref()?.value));
    if let Some(same) = names().find(|name| take.name.eq_ignore_ascii_case(name)) {
        return Some(same);
    }
    // Four letters are too few for a guess: `bash` is an image, and no slip of `base`.
    let meant = nearest(&take.name, names().map(SmolStr::as_str)).filter(|_| take.name.len() > 4)?;
    names().find(|name| name.as_str() == meant)
}
