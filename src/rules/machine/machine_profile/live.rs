//! The profile that a running container holds, against the values of its machine.

use smol_str::SmolStr;

use super::is_same;
use crate::finding::Findings;
use crate::model::{LiveContainer, LiveFile, Spanned};
use crate::plan::{Machine, Plan};
use crate::rules::live::common::{file, open, report, row, shown, who};

/// Where images of the fleet put the profile.
const PATH: &str = "/etc/machine-profile.json";
/// Keys that a message lists.
const MAX_TOLD: usize = 4;

pub(super) fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    let on = row(container, plan).and_then(|row| row.on.as_ref());
    let Some(on) = on.filter(|on| !on.value.is_empty()) else { return false };
    // A machine without a profile asks for none.
    let machines: Vec<&Machine> = on.value.iter().filter_map(|at| plan.machines.get(*at)).collect();
    if !machines.iter().any(|machine| machine.profile.is_some()) {
        return false;
    }
    let who = who(container, plan);
    let names: Vec<String> = machines.iter().map(|machine| format!("`{}`", machine.name.value)).collect();
    let names = names.join(" or ");
    let why = match file(container, PATH) {
        Some(LiveFile::Absent) => {
            let message = format!("{who} has no `{PATH}`, planned is the profile of {names}");
            report(out, container, &on.place, message);
            return true;
        }
        Some(LiveFile::Json(value)) => match value.as_object() {
            Some(profile) => {
                compare(container, &who, profile, &machines, &names, on, out);
                return true;
            }
            None => format!("`{PATH}` is no JSON object"),
        },
        Some(LiveFile::Unknown(why)) => shown(why),
        Some(LiveFile::Text(_)) | None => format!("`{PATH}` was not read"),
    };
    open(out, container, &on.place, format!("cannot tell which profile {who} has, planned is that of {names}: {why}"));
    true
}

/// Holds a profile against those of the machines that the row names: it must be one of them.
fn compare(
    container: &LiveContainer,
    who: &str,
    profile: &serde_json::Map<String, serde_json::Value>,
    machines: &[&Machine],
    names: &str,
    on: &Spanned<Vec<usize>>,
    out: &mut Findings,
) {
    let differing: Vec<Vec<String>> =
        machines.iter().map(|machine| differing(profile, machine)).collect();
    let Some(nearest) = differing.iter().min_by_key(|differing| differing.len()).filter(|it| !it.is_empty()) else {
        return;
    };
    let more = if nearest.len() > MAX_TOLD { ", …" } else { "" };
    let list = nearest.iter().take(MAX_TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    let message = format!("`{PATH}` of {who} is not the profile of {names}: {list}{more}");
    report(out, container, &on.place, message)
        .help("build the image for the machine that it runs on");
}

/// What a profile says otherwise than a machine's planned values.
fn differing(profile: &serde_json::Map<String, serde_json::Value>, machine: &Machine) -> Vec<String> {
    let planned = planned(machine);
    let differs = |(key, wanted): &(SmolStr, SmolStr)| match profile.get(key.as_str()) {
        None => Some(format!("`{key}` is missing, planned `{wanted}`")),
        Some(value) => {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (!is_same(&value, wanted)).then(|| format!("`{key}` is `{}`, planned `{wanted}`", shown(&value)))
        }
    };
    planned.iter().filter_map(differs).collect()
}

/// What the plan says of a machine: its values, and those of its profile where it was read.
fn planned(machine: &Machine) -> Vec<(SmolStr, SmolStr)> {
    let mut planned: Vec<(SmolStr, SmolStr)> =
        machine.values.iter().map(|(key, value)| (key.clone(), value.value.clone())).collect();
    if let Some(Ok(profile)) = &machine.profile_file {
        for (key, value) in &profile.values {
            if planned.iter().all(|(known, _)| *known != key.value) {
                planned.push((key.value.clone(), value.value.clone()));
            }
        }
    }
    planned
}
