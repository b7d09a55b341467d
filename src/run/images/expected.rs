//! What the Dockerfiles of the call (`--against`) would make of each image.

use super::{ImageRequest, Plan, PlanIndex, RunError};
use crate::model::{BuiltImage, ExpectedImage};

/// Of each image what its Dockerfile would make, in the same order; `None` where no Dockerfile is found.
pub(super) fn of(
    images: &[BuiltImage],
    _request: &ImageRequest,
    _plan: &Plan,
    _index: &PlanIndex,
) -> Result<Vec<Option<ExpectedImage>>, RunError> {
    Ok(images.iter().map(|_| None).collect())
}
