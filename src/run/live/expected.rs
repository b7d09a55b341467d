//! What files of the call say each container should be.

use std::collections::HashMap;

use super::deployed::Deployed;
use crate::model::{ExpectedContainer, LiveContainer, Workload};
use crate::plan::normalise;

/// Gives every container what compose services and Dockerfiles say of it, for comparison.
pub(super) fn attach(containers: &mut [LiveContainer], deployed: &Deployed) {
    let mut of_row: HashMap<usize, Vec<&Workload>> = HashMap::new();
    let mut of_name: HashMap<String, Vec<&Workload>> = HashMap::new();
    // A file that is only laid over others, or starts the project in another way, does not say what runs.
    let projects = deployed.files.projects.iter().filter(|project| !project.partial && !project.variant);
    for workload in projects.flat_map(|project| &project.services) {
        of_name.entry(normalise(&workload.name.value)).or_default().push(workload);
        if let Some(row) = workload.service {
            of_row.entry(row).or_default().push(workload);
        }
    }
    for container in containers {
        let name = container.compose_service.as_ref().unwrap_or(&container.name);
        let by_row = || container.service.and_then(|row| of_row.get(&row));
        let workloads = of_name.get(&normalise(name)).or_else(by_row);
        let mut expected: Vec<ExpectedContainer> =
            workloads.into_iter().flatten().map(|workload| started(workload)).collect();
        let builds = deployed.builds.iter().filter(|built| Some(built.row) == container.service);
        expected.extend(builds.map(|built| ExpectedContainer {
            by: format!("`{}`", built.path).into(),
            place: built.place.clone(),
            container: built.container.clone(),
            starts: false,
        }));
        container.expected = expected;
    }
}

fn started(workload: &Workload) -> ExpectedContainer {
    crate::rules::hide_in_container(&workload.container);
    ExpectedContainer {
        by: format!("compose service `{}`", workload.name.value).into(),
        place: workload.place.clone(),
        container: workload.container.clone(),
        starts: true,
    }
}
