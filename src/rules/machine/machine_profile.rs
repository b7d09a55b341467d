//! `machine-profile`: profiles say what the plan says, and each service gets the profile of its machine.

use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;

use super::copied_profile::{machine_of, names, profile_sources, variable_name};
use super::json_members::{Member, members};
use crate::finding::{Finding, Findings};
use crate::model::{Build, Role, Spanned};
use crate::plan::{Machine, Plan};
use crate::rules::Check;
use crate::rules::common::{may_hide, nearest};
use crate::source::{Place, Source, Span};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.machines.iter().any(|machine| machine.profile.is_some())
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    if build.role != Role::Service {
        return;
    }
    // The same profile is judged with every service; one of the equal findings stays.
    for machine in &plan.machines {
        profile(machine, out);
    }
    copies(build, plan, out);
}

/// The profile belongs to a machine and not to the build at hand.
fn of_plan(finding: &mut Finding) {
    finding.service = None;
    finding.subject = None;
}

fn profile(machine: &Machine, out: &mut Findings) {
    let (Some(path), Some(file)) = (&machine.profile, &machine.profile_file) else { return };
    let source = match file {
        Ok(source) => source,
        Err(why) => {
            let message = format!("the profile of `{}` cannot be used: {why}", machine.name.value);
            of_plan(out.add(&path.place, message));
            return;
        }
    };
    let text = source.bytes().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(source.bytes());
    match serde_json::from_slice::<Value>(text) {
        Ok(Value::Object(object)) => {
            let members = members(source.bytes());
            for (key, planned) in &machine.values {
                match object.get(key.as_str()) {
                    Some(value) => compare(source, &members, key, value, planned, out),
                    None => missing(source, &members, key, machine, planned, out),
                }
            }
        }
        Ok(_) => of_plan(out.add(&line(source, 1), "the profile is no JSON object").planned(path)),
        Err(error) => {
            let at = line(source, error.line() as u32);
            of_plan(out.add(&at, format!("the profile is no valid JSON: {error}")).planned(path));
        }
    }
}

fn compare(source: &Arc<Source>, members: &[Member], key: &str, value: &Value, planned: &Spanned<SmolStr>, out: &mut Findings) {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let number = |text: &str| text.trim().parse::<f64>().ok();
    if text == planned.value || number(&text).is_some_and(|is| number(&planned.value) == Some(is)) {
        return;
    }
    // Of a key that is written twice the last one counts.
    let place = members.iter().rfind(|member| member.key == key).map_or_else(
        || line(source, 1),
        |member| Place::new(source, member.value),
    );
    let message = format!("`{key}` is `{text}`, planned `{}`", planned.value);
    of_plan(out.add(&place, message).planned(planned));
}

fn missing(
    source: &Arc<Source>,
    members: &[Member],
    key: &str,
    machine: &Machine,
    planned: &Spanned<SmolStr>,
    out: &mut Findings,
) {
    let unplanned = members.iter().filter(|member| machine.values.iter().all(|(key, _)| *key != member.key));
    let near = nearest(key, unplanned.map(|member| member.key.as_str()));
    let finding = match members.iter().find(|member| Some(member.key.as_str()) == near) {
        Some(member) => out.add(
            &Place::new(source, member.key_span),
            format!("`{}` is no planned key, planned is `{key}`", member.key),
        ),
        None => out.add(&line(source, 1), format!("`{key}` is missing, planned `{}`", planned.value)),
    };
    of_plan(finding.planned(planned));
}

/// A line without its end.
fn line(source: &Arc<Source>, number: u32) -> Place {
    let span = source.lines().span_of(number.max(1), source.bytes());
    let text = source.slice(span);
    let length = text.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at as u32 + 1);
    Place::new(source, Span::new(span.start, span.start + length))
}

/// Which profile reaches the image.
fn copies(build: &Build, plan: &Plan, out: &mut Findings) {
    let row = build.service.and_then(|index| plan.services.get(index));
    let (Some(stage), Some(on)) = (build.final_stage(), row.and_then(|row| row.on.as_ref())) else { return };
    let mut any = stage.container.layers.iter().skip(1).flat_map(|layer| &layer.files).any(|file| {
        file.value.context_path.as_ref().is_some_and(|path| machine_of(path, plan).is_some())
    });
    for (_, _, source) in profile_sources(build, plan) {
        any = true;
        // A variable's default is `machine-arg`'s.
        if variable_name(&source.place.text()).is_some() || source.path.unknown.is_some() {
            continue;
        }
        let Some(machine) = machine_of(&source.path.text, plan) else { continue };
        let others: Vec<usize> = on.value.iter().copied().filter(|other| *other != machine).collect();
        if !others.is_empty() {
            let message = format!(
                "always copies the profile of {}, planned is the service on {}",
                names(plan, &[machine]),
                names(plan, &on.value)
            );
            out.add(&source.place, message).planned(on).help("copy `${MACHINE}.json`, with `ARG MACHINE` in the stage");
        }
    }
    if any || on.value.is_empty() {
        return;
    }
    let place = &stage.from.place;
    if may_hide(build, "COPY") || may_hide(build, ".JSON") {
        out.open(place, "cannot tell which machine profile is copied: a COPY may stand where the file is broken");
    } else if brings_unknown_files(build) {
        out.open(place, "cannot tell which machine profile is copied: a folder or another stage may bring it");
    } else {
        out.add(place, format!("copies no machine profile, planned is that of {}", names(plan, &on.value))).planned(on);
    }
}

/// Whether something is copied whose content nobody lists: a folder that may hold profiles, or files of an image.
fn brings_unknown_files(build: &Build) -> bool {
    let layers = build.final_stage().map(|stage| stage.container.layers.as_slice()).unwrap_or_default();
    layers.iter().flat_map(|layer| &layer.files).any(|file| {
        let path = file.value.context_path.as_deref().unwrap_or_default();
        file.value.is_folder && (path == "." || path.contains("config") || path.contains("profile"))
    })
}
