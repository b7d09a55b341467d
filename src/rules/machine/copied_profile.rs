//! Which COPY puts a machine's profile into the image.

use crate::model::{Build, Copy, CopySource, Stage};
use crate::plan::{Machine, Plan};

/// COPY sources of the final image that are profiles: of a planned name, or by a variable beside them.
pub(super) fn profile_sources<'b>(
    build: &'b Build,
    plan: &'b Plan,
) -> impl Iterator<Item = (&'b Stage, &'b Copy, &'b CopySource)> {
    build
        .own_stages()
        .flat_map(|stage| stage.copies.iter().map(move |copy| (stage, copy)))
        .filter(|(_, copy)| copy.from.is_none())
        .flat_map(|(stage, copy)| copy.sources.iter().map(move |source| (stage, copy, source)))
        .filter(|(_, _, source)| {
            let written = source.place.text();
            variable_name(&written).map_or_else(
                || machine_of(&source.path.text, plan).is_some(),
                |name| name.contains("MACHINE") || is_profile_folder(&written, plan),
            )
        })
}

/// The variable that stands for the machine: `MACHINE` of `config/${MACHINE}.json`.
pub(super) fn variable_name(written: &str) -> Option<&str> {
    let file = written.trim_matches(['"', ',']).rsplit('/').next()?;
    // A default in the braces (`${MACHINE:-pc2}`) may hold no `/`, so the last part is whole.
    let stem = file.strip_suffix(".json")?;
    let name =
        stem.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).or_else(|| stem.strip_prefix('$'))?;
    let name = name.split([':', '-']).next().unwrap_or(name);
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        .then_some(name)
        .filter(|name| !name.is_empty())
}

/// Whether the path has the last folder of some planned profile.
fn is_profile_folder(written: &str, plan: &Plan) -> bool {
    let folder = |path: &str| {
        let path = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        path.rsplit('/').next().unwrap_or("").trim_matches('"').to_owned()
    };
    let profiles = plan.machines.iter().filter_map(|machine| machine.profile.as_ref());
    let own = folder(written);
    profiles.into_iter().any(|profile| folder(&profile.value) == own)
}

/// The machine whose profile a path names: by the file name of its planned profile.
pub(super) fn machine_of(path: &str, plan: &Plan) -> Option<usize> {
    let file = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let name = file(path);
    plan.machines.iter().position(|machine| {
        machine.profile.as_ref().is_some_and(|profile| file(&profile.value) == name)
            || (machine.profile.is_some()
                && name.strip_suffix(".json").is_some_and(|stem| is_called(machine, stem)))
    })
}

/// Whether a name is the machine's, or one of its aliases.
pub(super) fn is_called(machine: &Machine, name: &str) -> bool {
    machine.name.value == name || machine.alias.iter().any(|alias| alias.value == name)
}

/// Names of machines for a message: `` `mainpc` and `pc2` ``.
pub(super) fn names(plan: &Plan, machines: &[usize]) -> String {
    let names: Vec<String> = machines
        .iter()
        .filter_map(|index| plan.machines.get(*index))
        .map(|machine| format!("`{}`", machine.name.value))
        .collect();
    names.join(" and ")
}
