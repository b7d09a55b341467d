//! What the plan says that an image is built on.

use smol_str::SmolStr;

use crate::model::{BuiltImage, Spanned};
use crate::plan::Plan;
use crate::syntax::image_reference::ImageReference;

/// The base that the plan gives an image.
#[derive(Debug, Clone, Copy)]
pub struct PlannedBase<'p> {
    /// Its name, as the plan says it.
    pub said: &'p Spanned<SmolStr>,
    /// The image of the hierarchy, as an index into `plan.images.hierarchy`. `None`: a row names what no hierarchy has.
    pub hierarchy: Option<usize>,
}

impl PlannedBase<'_> {
    /// Whether an image is the planned one.
    #[must_use]
    pub fn is(&self, image: &BuiltImage) -> bool {
        match (self.hierarchy, &image.reference) {
            (Some(planned), _) => image.hierarchy == Some(planned),
            (None, Some(reference)) => ImageReference::parse(&reference.value).name() == self.said.value,
            (None, None) => false,
        }
    }
}

/// What the plan says that an image is built on: the `base` of its row, or the parent of an image of the hierarchy when
/// that is one of the hierarchy too.
#[must_use]
pub fn planned_base<'p>(image: &BuiltImage, plan: &'p Plan) -> Option<PlannedBase<'p>> {
    match (image.hierarchy, image.service) {
        (Some(own), _) => {
            let said = &plan.images.hierarchy.get(own)?.from;
            let parent = named(plan, &said.value).filter(|parent| *parent != own)?;
            Some(PlannedBase { said, hierarchy: Some(parent) })
        }
        (None, Some(row)) => {
            let said = plan.services.get(row)?.base.as_ref()?;
            Some(PlannedBase { said, hierarchy: named(plan, &said.value) })
        }
        (None, None) => None,
    }
}

/// Whether the plan builds an image of its hierarchy on another one of it.
#[must_use]
pub fn has_inner_parents(plan: &Plan) -> bool {
    plan.images.hierarchy.iter().any(|image| named(plan, &image.from.value).is_some())
}

/// Whether the plan builds one image of the hierarchy on another, directly or not.
#[must_use]
pub fn is_ancestor(plan: &Plan, ancestor: usize, of: usize) -> bool {
    let hierarchy = &plan.images.hierarchy;
    let mut at = of;
    // A hierarchy that comes back to itself is the plan's own contradiction.
    for _ in 0..hierarchy.len() {
        let Some(parent) = hierarchy.get(at).and_then(|image| named(plan, &image.from.value)) else {
            return false;
        };
        if parent == ancestor {
            return true;
        }
        at = parent;
    }
    false
}

/// The image of the hierarchy with a name, as [`crate::plan::PlanIndex::image_of_reference`] compares it.
fn named(plan: &Plan, name: &str) -> Option<usize> {
    let wanted = ImageReference::parse(name).name();
    plan.images.hierarchy.iter().position(|image| ImageReference::parse(&image.name.value).name() == wanted)
}
