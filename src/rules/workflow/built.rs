//! Which planned service or image a workflow builds.

use crate::fleet::Fleet;
use crate::model::{WorkflowBuild, WorkflowImage};
use crate::plan::PlanIndex;
use crate::syntax::image_reference::ImageReference;

/// What the plan has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A row, by index.
    Service(usize),
    /// An image of the hierarchy, by index.
    Image(usize),
}

/// The builds of all workflows that push.
pub(super) fn pushing(fleet: &Fleet) -> impl Iterator<Item = &WorkflowBuild> {
    fleet.workflows.iter().flat_map(|workflow| &workflow.builds).filter(|build| build.pushes)
}

/// The target of an image: by the last part of its reference, else by its Dockerfile.
pub(super) fn target(image: &WorkflowImage, index: &PlanIndex) -> Option<Target> {
    let name = image.reference.as_deref().and_then(known_name);
    let by_name = name.and_then(|name| {
        let image = index.image_of_reference(name).map(Target::Image);
        image.or_else(|| index.service_named(name).map(Target::Service))
    });
    let by_path = |path: &str| {
        let image = index.hierarchy_of(path).map(Target::Image);
        image.or_else(|| index.service_of(path).map(Target::Service))
    };
    by_name.or_else(|| image.dockerfile.as_deref().and_then(by_path)).or_else(|| {
        // `paths` may name a folder that the image is called after; a row that holds everything says nothing.
        let of_any = by_path(&format!("{NO_FOLDER}/Dockerfile"));
        by_path(&format!("{}/Dockerfile", name?)).filter(|target| Some(*target) != of_any)
    })
}

/// A folder that no row and no image is called after.
const NO_FOLDER: &str = "plimsoll-no-such-folder";

/// The last part of a reference's repository, unless only a run knows it.
pub(super) fn known_name(reference: &str) -> Option<&str> {
    Some(ImageReference::parse(reference).name()).filter(|name| !name.contains('*') && !name.is_empty())
}

/// Names for a message: the first three, and how many more.
pub(super) fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match (shown.as_slice(), names.len().saturating_sub(SHOWN)) {
        (shown, 1..) => format!("{} and {} more", shown.join(", "), names.len() - SHOWN),
        ([first @ .., last], _) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (shown, _) => shown.join(""),
    }
}
