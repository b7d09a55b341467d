//! Which planned service a workload belongs to.

use crate::model::Workload;
use crate::plan::{Plan, PlanIndex};

/// The planned service that a workload belongs to, as an index into the plan's rows: by the Dockerfile that makes its
/// image, else by its own name, by the name of the object that starts it, or by the last part of its image.
#[must_use]
pub fn row_of_workload(
    workload: &Workload,
    object: Option<&str>,
    plan: &Plan,
    index: &PlanIndex,
) -> Option<usize> {
    let by_path = workload.dockerfile.as_deref().and_then(|path| index.service_of(path));
    let image = workload.image.as_ref().and_then(|image| image.value.certain());
    by_path
        .or_else(|| index.service_named(&workload.name.value))
        .or_else(|| index.service_named(object?))
        .or_else(|| index.service_of_reference(image?))
        .filter(|row| *row < plan.services.len())
}
