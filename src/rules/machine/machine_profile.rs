//! `machine-profile`: profiles say what the plan says, and each service gets the profile of its machine.

use std::sync::Arc;

use smol_str::SmolStr;

use super::copied_profile::{machine_of, names, profile_sources, variable_name};
use crate::finding::{Finding, Findings};
use crate::model::{Build, Role, Spanned};
use crate::plan::{Machine, Plan, ProfileMember};
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
    match (file, &machine.profile_members) {
        (Err(why), _) => {
            let message = format!("the profile of `{}` cannot be used: {why}", machine.name.value);
            of_plan(out.add(&path.place, message));
        }
        (Ok(_), Some(Err(fault))) => of_plan(out.add(&fault.place, fault.value.clone()).planned(path)),
        (Ok(source), Some(Ok(members))) => {
            for (key, planned) in &machine.values {
                match members.iter().find(|member| member.key.value == *key) {
                    Some(member) => compare(member, planned, out),
                    None => missing(source, members, key, machine, planned, out),
                }
            }
        }
        (Ok(_), None) => {}
    }
}

/// Numbers and text are the same: `4`, `"4"` and `4.0`.
fn compare(member: &ProfileMember, planned: &Spanned<SmolStr>, out: &mut Findings) {
    let (text, wanted) = (member.value.value.as_str(), planned.value.as_str());
    let number = |text: &str| text.trim().parse::<f64>().ok();
    if text != wanted && number(text).is_none_or(|is| number(wanted) != Some(is)) {
        let message = format!("`{}` is `{text}`, planned `{wanted}`", member.key.value);
        of_plan(out.add(&member.value.place, message).planned(planned));
    }
}

fn missing(
    source: &Arc<Source>,
    members: &[ProfileMember],
    key: &str,
    machine: &Machine,
    planned: &Spanned<SmolStr>,
    out: &mut Findings,
) {
    let unplanned =
        members.iter().filter(|member| machine.values.iter().all(|(key, _)| *key != member.key.value));
    let near = nearest(key, unplanned.map(|member| member.key.value.as_str()));
    let finding = match members.iter().find(|member| Some(member.key.value.as_str()) == near) {
        Some(member) => out.add(
            &member.key.place,
            format!("`{}` is no planned key, planned is `{key}`", member.key.value),
        ),
        None => {
            let start = Place::new(source, Span::new(0, source.bytes().len().min(1) as u32));
            out.add(&start, format!("`{key}` is missing, planned `{}`", planned.value))
        }
    };
    of_plan(finding.planned(planned));
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
