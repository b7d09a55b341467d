//! Questions that rules of several groups ask a container of a deployment file.

use crate::fleet::Fleet;
use crate::model::{Workload, WorkloadKind};
use crate::path;
use crate::plan::{Plan, ServiceRow};
use crate::source::Place;

/// The row of a workload.
#[must_use]
pub(in crate::rules) fn row<'p>(workload: &Workload, plan: &'p Plan) -> Option<&'p ServiceRow> {
    plan.services.get(workload.service?)
}

/// Whether the fleet answers for the image: a row plans it, it is built here, or it carries the plan's registry. Images
/// of others (a database, a proxy) follow no plan.
#[must_use]
pub(in crate::rules) fn is_ours(workload: &Workload, plan: &Plan) -> bool {
    workload.service.is_some()
        || workload.dockerfile.is_some()
        || workload.build.is_some()
        || carries_registry(workload, plan)
}

/// Whether the image is named with the plan's registry.
#[must_use]
pub(in crate::rules) fn carries_registry(workload: &Workload, plan: &Plan) -> bool {
    let registry = plan.images.registry.as_ref().map(|said| said.value.trim_end_matches('/'));
    let image = workload.image.as_ref().map(|image| image.value.text.as_str());
    let rest = image.zip(registry).and_then(|(image, registry)| image.strip_prefix(registry));
    rest.is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a planned service runs an image that no Dockerfile of the fleet makes, so that only the deployment file can be
/// judged for it. Of any other image the Dockerfile's own findings stand.
#[must_use]
pub(in crate::rules) fn has_foreign_image(workload: &Workload) -> bool {
    // A service without an image is a part that others are laid over.
    workload.service.is_some()
        && workload.dockerfile.is_none()
        && workload.build.is_none()
        && workload.image.is_some()
}

/// The machines that a workload runs on, as indices into [`Plan::machines`], with the line of the plan that says so: those
/// whose compose file this is, else those of its row.
#[must_use]
pub(in crate::rules) fn machines<'p>(workload: &Workload, plan: &'p Plan) -> Option<(Vec<usize>, &'p Place)> {
    let runs: Vec<(usize, &Place)> = listing(workload, plan).collect();
    if let Some((_, place)) = runs.first() {
        return Some((runs.iter().map(|(at, _)| *at).collect(), place));
    }
    let on = row(workload, plan)?.on.as_ref().filter(|on| !on.value.is_empty())?;
    Some((on.value.clone(), &on.place))
}

/// The machines that list the workload's file, with the line of the plan that does.
fn listing<'p>(workload: &Workload, plan: &'p Plan) -> impl Iterator<Item = (usize, &'p Place)> {
    let shown = |value: &str| path::clean(&path::join(&path::clean(&plan.folder), &path::clean(value)));
    let own = path::clean(workload.source.path());
    plan.machines.iter().enumerate().filter_map(move |(at, machine)| {
        let file = machine.compose.iter().find(|file| shown(&file.value) == own)?;
        Some((at, &file.place))
    })
}

/// Whether the plan says which compose files its machines run.
#[must_use]
pub(in crate::rules) fn lists_projects(plan: &Plan) -> bool {
    plan.machines.iter().any(|machine| !machine.compose.is_empty())
}

/// Whether the workload runs on a machine of the plan as far as that tells: of a compose file that no machine lists,
/// where others are listed, nothing is assumed.
#[must_use]
pub(in crate::rules) fn may_run_on_machine(workload: &Workload, plan: &Plan) -> bool {
    !is_compose(workload) || !lists_projects(plan) || listing(workload, plan).next().is_some()
}

/// Where the image is named: `image`, else `build`, else the workload itself.
#[must_use]
pub(in crate::rules) fn image_place(workload: &Workload) -> &Place {
    let image = workload.image.as_ref().map(|image| &image.place);
    image.or(workload.build.as_ref().map(|build| &build.place)).unwrap_or(&workload.place)
}

/// Whether the container serves, and so is watched: no init container, no job.
#[must_use]
pub(in crate::rules) fn serves(workload: &Workload) -> bool {
    !workload.runs_to_end()
}

/// Whether Compose starts it.
#[must_use]
pub(in crate::rules) fn is_compose(workload: &Workload) -> bool {
    workload.kind == WorkloadKind::Compose
}

/// Services that compose builds only up to an inner stage of their Dockerfile (`build.target`), whose findings speak of the
/// last one.
pub(in crate::rules) fn of_inner_stages(fleet: &Fleet) -> impl Iterator<Item = &Workload> {
    fleet.workloads().filter(|workload| {
        let target = workload.build.as_ref().and_then(|build| build.target.as_ref());
        let Some((path, _)) = workload.dockerfile.as_ref().zip(target) else { return false };
        let at = fleet.members.binary_search_by(|member| member.path.as_str().cmp(path));
        let last = at.ok().map(|at| &fleet.members[at].place);
        let own = workload.container.layers.get(1).and_then(|layer| layer.from.as_ref());
        last.zip(own).is_some_and(|(last, own)| last != own)
    })
}
