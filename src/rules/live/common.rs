//! What several rules of running containers ask.

use super::answer::clean;
use crate::finding::{Finding, Findings};
use crate::model::{ContainerState, LiveContainer, LiveFile};
use crate::plan::{Plan, ServiceRow, normalise};
use crate::source::Place;

/// The planned row of a container.
#[must_use]
pub(in crate::rules) fn row<'p>(container: &LiveContainer, plan: &'p Plan) -> Option<&'p ServiceRow> {
    container.service.and_then(|at| plan.services.get(at))
}

/// Whether the plan is made for the container: a row names it, it carries the plan's registry, or the plan has no rows. A
/// database or a proxy of others beside the fleet follows no plan.
#[must_use]
pub(in crate::rules) fn is_ours(container: &LiveContainer, plan: &Plan) -> bool {
    let registry = plan.images.registry.as_ref().map(|said| said.value.trim_end_matches('/'));
    let rest = registry.and_then(|registry| container.image.reference.strip_prefix(registry));
    row(container, plan).is_some()
        || plan.services.is_empty()
        || rest.is_some_and(|rest| rest.starts_with('/'))
}

/// Whether it has processes: it runs, or is frozen while it runs.
#[must_use]
pub(in crate::rules) fn is_alive(container: &LiveContainer) -> bool {
    matches!(container.state, ContainerState::Running | ContainerState::Paused)
}

/// How messages name it: ``container `web-1` of `Web` ``, without the service when that says nothing new.
#[must_use]
pub(in crate::rules) fn who(container: &LiveContainer, plan: &Plan) -> String {
    let name = &container.name;
    match row(container, plan) {
        Some(row) if normalise(name) != normalise(&row.name.value) => {
            format!("container `{name}` of `{}`", row.name.value)
        }
        _ => format!("container `{name}`"),
    }
}

/// Adds a finding about a container. It stands at the container's row and names the line that demands something else; of
/// a container without a row it stands at that line itself.
pub(in crate::rules) fn report<'o>(
    out: &'o mut Findings,
    container: &LiveContainer,
    demand: &Place,
    message: impl Into<String>,
) -> &'o mut Finding {
    let place = place(container, demand);
    let is_elsewhere = !is_same_line(place, demand);
    let finding = out.add(place, message);
    if is_elsewhere {
        finding.planned_at(demand, "planned here");
    }
    finding
}

/// Says that something about a container cannot be told, at the same place.
pub(in crate::rules) fn open<'o>(
    out: &'o mut Findings,
    container: &LiveContainer,
    demand: &Place,
    message: impl Into<String>,
) -> &'o mut Finding {
    out.open(place(container, demand), message)
}

fn place<'a>(container: &'a LiveContainer, demand: &'a Place) -> &'a Place {
    if container.service.is_some() { &container.place } else { demand }
}

fn is_same_line(one: &Place, other: &Place) -> bool {
    one.source.path() == other.source.path() && one.start().line == other.start().line
}

/// Characters of a text of the container that are printed.
const MAX_SHOWN: usize = 80;

/// A text of the container in one line, cut to what a message can hold; what seems to hold a secret is not printed at all.
#[must_use]
pub(in crate::rules) fn shown(text: &str) -> String {
    clean(text, MAX_SHOWN)
}

/// A file of the container; `None`: nobody asked for it.
#[must_use]
pub(in crate::rules) fn file<'c>(container: &'c LiveContainer, path: &str) -> Option<&'c LiveFile> {
    container.files.iter().find(|(known, _)| known == path).map(|(_, file)| file)
}
