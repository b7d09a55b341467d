//! Built images: which planned service or image of the hierarchy one is, and what it is built on.
//!
//! Images of one platform go in, and of each comes out what its own evidence says, the strongest first: layers, which are
//! proof; annotations and labels, which are claims; history, which is a hint. Where images come from is not known here.

mod claims;
mod history;
mod link;
mod newer;
mod planned;
mod prefix;

pub use newer::{Newest, Older};
pub use planned::{PlannedBase, has_inner_parents, is_ancestor, planned_base};

use std::collections::HashMap;

use crate::model::{BaseVerdict, BuiltImage, ImageSet, Platform};
use crate::plan::{Plan, PlanIndex};

/// What the plan calls an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImageRow {
    /// The image of the hierarchy, as an index into `plan.images.hierarchy`.
    pub hierarchy: Option<usize>,
    /// The planned service, as an index into [`Plan::services`].
    pub service: Option<usize>,
}

/// Which planned image this is: the last part of its repository is the name.
#[must_use]
pub fn row_of_image(image: &BuiltImage, index: &PlanIndex) -> ImageRow {
    image.reference.as_ref().map_or_else(ImageRow::default, |said| row_of_reference(&said.value, index))
}

/// Which planned image a reference names.
#[must_use]
pub fn row_of_reference(reference: &str, index: &PlanIndex) -> ImageRow {
    let hierarchy = index.image_of_reference(reference);
    let service = index.service_of_reference(reference).filter(|_| hierarchy.is_none());
    ImageRow { hierarchy, service }
}

/// Of each image what it is built on, by its own evidence. Linear in the layers and steps of all images together, as long
/// as few of them are the same.
#[must_use]
pub fn link_images(images: &[BuiltImage], plan: &Plan) -> Vec<BaseVerdict> {
    let index = PlanIndex::new(plan);
    let mut groups: HashMap<Platform, Vec<usize>> = HashMap::new();
    for (at, image) in images.iter().enumerate() {
        groups.entry(plain(&image.platform)).or_default().push(at);
    }
    let mut verdicts: Vec<(usize, BaseVerdict)> = Vec::with_capacity(images.len());
    for group in groups.into_values() {
        let linker = link::Linker::new(images, &group, plan, &index);
        verdicts.extend(group.iter().map(|at| (*at, linker.verdict(*at))));
    }
    verdicts.sort_unstable_by_key(|(at, _)| *at);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

/// An arm64 without a variant is a `v8` (containerd, `platforms.Normalize`).
fn plain(platform: &Platform) -> Platform {
    let mut plain = platform.clone();
    if plain.architecture == "arm64" && plain.variant == "v8" {
        plain.variant = Default::default();
    }
    plain
}

/// The image and what it is built on by proof, down to the last base of the call; never longer than the call.
#[must_use]
pub fn chain(set: &ImageSet, image: usize) -> Vec<usize> {
    let mut chain = vec![image];
    while let Some(BaseVerdict::Built { on, .. }) = chain.last().and_then(|at| set.bases.get(*at)) {
        // Proof leads to fewer layers or steps, so a chain that comes back was not made by `link_images`.
        if chain.len() > set.images.len() || *on >= set.images.len() {
            break;
        }
        chain.push(*on);
    }
    chain
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
