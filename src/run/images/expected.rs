//! What the Dockerfiles of a call would make of each image.

use std::collections::{BTreeSet, HashSet};

use smol_str::SmolStr;

use super::{ImageRequest, Plan, PlanIndex, RunError, inputs};
use crate::fleet::{FleetBases, ImageRow};
use crate::model::{BuiltImage, ExpectedImage};
use crate::rules::hide_in_container;
use crate::run::CheckRequest;

/// What was found.
#[derive(Default)]
pub(super) struct Expected {
    /// Of each image what its Dockerfile would make, in the same order.
    pub(super) images: Vec<Option<ExpectedImage>>,
    /// Judged images without a Dockerfile, and why.
    pub(super) missing: Vec<(String, String)>,
}

/// Why an image is not compared.
const NO_DOCKERFILE: &str = "not compared: no Dockerfile of the call is known to build it; `--service` says which planned \
                             service it is";

/// Looks for the Dockerfiles of `--against`.
pub(super) fn of(
    images: &[BuiltImage],
    request: &ImageRequest,
    plan: &Plan,
    index: &PlanIndex,
) -> Result<Expected, RunError> {
    if request.against.is_empty() {
        return Ok(Expected { images: images.iter().map(|_| None).collect(), missing: Vec::new() });
    }
    let call = CheckRequest { paths: request.against.clone(), ..request.check.clone() };
    let inputs = inputs::gather(&call, plan)?;
    let build_args = inputs::build_args(&call.build_args);
    let context = inputs::context(call.context.as_deref());
    let named: HashSet<SmolStr> = inputs.dockerfile_paths().into_iter().collect();
    // Bases of what is named may lie anywhere in the plan's fleet.
    let paths = match &plan.path {
        Some(_) => inputs::neighbours(&call.paths, &plan.folder, &inputs.base),
        None => inputs.dockerfile_paths(),
    };
    let bases =
        FleetBases::new(&paths, plan, index, &inputs.files, &build_args, context.as_deref(), &inputs.root);
    Ok(among(images, &bases, &|path| named.contains(path), named.len()))
}

/// Looks among the Dockerfiles of a call, of which `is_named` names `count`. One that is alone is taken for an image that is
/// alone.
pub(super) fn among(
    images: &[BuiltImage],
    bases: &FleetBases<'_>,
    is_named: &dyn Fn(&str) -> bool,
    count: usize,
) -> Expected {
    let judged: BTreeSet<&str> =
        images.iter().filter(|image| !image.is_candidate).map(|image| image.name.as_str()).collect();
    let is_alone = count == 1 && judged.len() == 1;
    let only = if is_alone { (0..bases.count()).find(|at| is_named(bases.path(*at))) } else { None };
    let mut found = Expected::default();
    for image in images {
        let expected = match image.is_candidate {
            true => None,
            false => match expected(image, bases, is_named, only) {
                Ok(expected) => Some(expected),
                Err(why) => {
                    found.missing.push((image.subject.to_string(), why));
                    None
                }
            },
        };
        found.images.push(expected);
    }
    found
}

fn expected(
    image: &BuiltImage,
    bases: &FleetBases<'_>,
    is_named: &dyn Fn(&str) -> bool,
    only: Option<usize>,
) -> Result<ExpectedImage, String> {
    let row = ImageRow { hierarchy: image.hierarchy, service: image.service };
    let reference = image.reference.as_ref().map(|said| said.value.as_str());
    let at = bases.of_image(row, reference).filter(|at| is_named(bases.path(*at))).or(only);
    let at = at.ok_or_else(|| NO_DOCKERFILE.to_owned())?;
    let path = bases.path(at);
    let container = bases.container(at).map_err(|why| format!("not compared with `{path}`: {why}"))?;
    let from = container.layers.first().and_then(|layer| layer.from.clone());
    let place = from.ok_or_else(|| format!("not compared with `{path}`: it has no FROM"))?;
    hide_in_container(&container);
    Ok(ExpectedImage { dockerfile: path.clone(), container, place })
}
