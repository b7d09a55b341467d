//! Dockerfiles that only the fleet's own files tell of: under a name that no Dockerfile goes by, or in a folder that is
//! passed over, and built by a compose file or a workflow all the same.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::PathBuf;

use super::deployments::Deployments;
use super::inputs::{Dockerfile, Inputs};
use crate::lower::Files;
use crate::model::Presence;

/// What a call has found by the words of its own files.
#[derive(Default)]
pub(super) struct Named {
    /// To be judged, in the order of their paths.
    pub(super) dockerfiles: Vec<Dockerfile>,
    /// Those that cannot be, with the reason.
    pub(super) not_checked: Vec<(String, String)>,
}

/// The Dockerfiles that deployments build and the call has not found itself; only in folders that were asked for, so that a
/// call for one file judges that file.
pub(super) fn of(deployed: &Deployments, inputs: &Inputs) -> Named {
    let known: HashSet<&str> = inputs.dockerfiles.iter().map(Dockerfile::path).collect();
    let told = |path: &str| inputs.not_checked.iter().any(|(what, _)| what == path);
    let mut paths = said(deployed);
    paths.retain(|path| !known.contains(path) && !told(path));
    let mut named = Named::default();
    if paths.is_empty() {
        return named;
    }
    // It may be an input by another way to it.
    let real = |path: &str| fs::canonicalize(inputs.base.join(path)).ok();
    let known: HashSet<PathBuf> = known.into_iter().filter_map(real).collect();
    let is_inside = |path: &PathBuf| inputs.folders.iter().any(|folder| path.starts_with(folder));
    for path in paths {
        if !real(path).is_some_and(|path| !known.contains(&path) && is_inside(&path)) {
            continue;
        }
        match inputs.files.read(path) {
            Some(source) => named.dockerfiles.push(Dockerfile::Read(source)),
            None => named
                .not_checked
                .push((path.to_owned(), "a build names it, and it cannot be read".to_owned())),
        }
    }
    named
}

/// Display paths of what compose projects and workflows build.
fn said(deployed: &Deployments) -> BTreeSet<&str> {
    let services = deployed.projects.iter().flat_map(|project| {
        let found = project.lookups.builds.iter().filter(|build| build.dockerfile == Presence::File);
        found.filter_map(|build| project.services.get(build.service)?.build.as_ref()?.dockerfile.as_ref())
    });
    let builds = deployed.workflows.iter().flat_map(|workflow| &workflow.builds);
    let images = builds.flat_map(|build| &build.images).filter_map(|image| image.dockerfile.as_deref());
    services.map(|dockerfile| dockerfile.value.as_str()).chain(images).collect()
}
