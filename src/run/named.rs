//! Dockerfiles that only the fleet's own files tell of: under a name that no Dockerfile goes by, or in a folder that is
//! passed over, and built by a compose file or a workflow all the same.

use std::collections::BTreeSet;
use std::path::PathBuf;

use smol_str::SmolStr;

use super::deployments::Deployments;
use super::inputs::{Dockerfile, Inputs, shown};
use crate::lower::Files;
use crate::path;

/// The Dockerfiles that deployments name and the call has not found itself, in the order of their paths; only below
/// folders that were asked for, so that a call for one file judges that file.
pub(super) fn of(deployed: &Deployments, inputs: &Inputs, asked: &[PathBuf]) -> Vec<Dockerfile> {
    let known: BTreeSet<SmolStr> = inputs.dockerfile_paths().into_iter().collect();
    let folders: Vec<String> =
        asked.iter().filter(|path| inputs.base.join(path).is_dir()).map(|path| shown(path)).collect();
    let is_asked = |file: &SmolStr| folders.iter().any(|folder| path::below(file, folder).is_some());
    let services = deployed.projects.iter().flat_map(|project| &project.services);
    let builds = deployed.workflows.iter().flat_map(|workflow| &workflow.builds);
    let images = builds.flat_map(|build| &build.images);
    let named = services
        .filter_map(|workload| workload.dockerfile.as_ref())
        .chain(images.filter_map(|image| image.dockerfile.as_ref()));
    let named: BTreeSet<&SmolStr> = named.filter(|file| !known.contains(*file) && is_asked(file)).collect();
    named.into_iter().filter_map(|file| inputs.files.read(file)).map(Dockerfile::Read).collect()
}
