//! Built images: which planned service or image of the hierarchy one is, and what it is built on.

use crate::model::{BaseVerdict, BuiltImage};
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
    let Some(reference) = &image.reference else { return ImageRow::default() };
    let hierarchy = index.image_of_reference(&reference.value);
    let service = index.service_of_reference(&reference.value).filter(|_| hierarchy.is_none());
    ImageRow { hierarchy, service }
}

/// Of each image what it is built on, by its own evidence.
#[must_use]
pub fn link_images(images: &[BuiltImage], _plan: &Plan) -> Vec<BaseVerdict> {
    images.iter().map(|_| BaseVerdict::Unknown("nobody looked".into())).collect()
}
