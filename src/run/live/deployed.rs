//! The deployment files and Dockerfiles of a call, read as `check` reads them, without any rule speaking.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::scope::Scope;
use crate::fleet::{Fleet, FleetBases, ImageRow};
use crate::model::Container;
use crate::rules::hide_in_container;
use crate::run::{CheckRequest, RunError, deployments, inputs, judge};
use crate::source::Place;

/// What the files of a call say.
#[derive(Debug, Default)]
pub(super) struct Deployed {
    /// Compose projects and Kubernetes objects.
    pub(super) files: Fleet,
    /// What Dockerfiles of the call build for rows of the plan.
    pub(super) builds: Vec<Built>,
    /// Files that cannot be judged, and why.
    pub(super) not_checked: Vec<(String, String)>,
    /// Files that cannot be read, and why.
    pub(super) unread: Vec<(String, String)>,
}

/// What a Dockerfile makes for a row.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) row: usize,
    /// Its display path.
    pub(super) path: SmolStr,
    /// Its last FROM.
    pub(super) place: Place,
    pub(super) container: Container,
}

/// Reads them.
///
/// # Errors
/// When a call names paths and nothing is there.
pub(super) fn load(scope: &Scope<'_>) -> Result<Deployed, RunError> {
    let request = scope.request;
    if request.paths.is_empty() {
        return Ok(Deployed::default());
    }
    let call = CheckRequest { paths: request.paths.clone(), ..request.check.clone() };
    let mut inputs = inputs::gather(&call, scope.plan)?;
    inputs.deployments.workflows.clear();
    let named: HashSet<SmolStr> = inputs.dockerfile_paths().into_iter().collect();
    // Bases of what is named may lie anywhere in the plan's fleet.
    let paths = match &scope.plan.path {
        Some(_) => inputs::neighbours(&call.paths, &scope.plan.folder, &inputs.base),
        None => inputs.dockerfile_paths(),
    };
    let root = inputs.root.clone();
    let bases = FleetBases::new(&paths, scope.plan, scope.index, &inputs.files, &[], None, &root);
    let reading = judge::Scope {
        plan: scope.plan,
        rules: &[],
        bases: &bases,
        files: &inputs.files,
        build_args: &[],
        context: None,
        root: &root,
    };
    let read = deployments::all(&reading, &inputs.deployments, scope.index);
    let mut deployed = Deployed {
        not_checked: inputs.not_checked,
        unread: inputs.unread.into_iter().chain(read.unread).collect(),
        ..Deployed::default()
    };
    deployed.not_checked.extend(read.not_checked);
    deployed.files.projects = read.projects;
    deployed.files.manifests = read.manifests;
    deployed.add_builds(scope, &bases, &named);
    Ok(deployed)
}

impl Deployed {
    fn add_builds(&mut self, scope: &Scope<'_>, bases: &FleetBases<'_>, named: &HashSet<SmolStr>) {
        for row in &scope.rows {
            let wanted = ImageRow { service: Some(*row), hierarchy: None };
            let Some(at) = bases.of_image(wanted, None).filter(|at| named.contains(bases.path(*at))) else {
                continue;
            };
            let path = bases.path(at).clone();
            match bases.container(at) {
                Ok(container) => {
                    let from = container.layers.first().and_then(|layer| layer.from.clone());
                    let Some(place) = from else { continue };
                    hide_in_container(&container);
                    self.builds.push(Built { row: *row, path, place, container });
                }
                Err(why) => self.not_checked.push((path.to_string(), format!("not compared: {why}"))),
            }
        }
    }
}
