//! `machine-profile`: profiles say what the plan says, and each service gets the profile of its machine.

mod deployed;
mod live;

use smol_str::SmolStr;

use super::copied_profile::{machine_of, names, profile_sources, variable_name};
use crate::finding::Findings;
use crate::model::{Build, Role, Spanned};
use crate::plan::{Machine, Plan, Profile};
use crate::rules::Check;
use crate::rules::common::{may_hide, nearest};

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Plan(check_plan),
    Check::Build(check),
    Check::Workload(deployed::check),
    Check::Container(live::check),
]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    let has_profile = |machine: &Machine| machine.profile.is_some() || !machine.values.is_empty();
    plan.machines.iter().any(has_profile) || plan.profile_schema_fault.is_some()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let profiles = plan.machines.iter().any(|machine| machine.profile.is_some());
    if profiles && build.role == Role::Service {
        copies(build, plan, out);
    }
}

/// What the profiles themselves say.
fn check_plan(plan: &Plan, out: &mut Findings) {
    if let (Some(why), Some(schema)) = (&plan.profile_schema_fault, &plan.profile_schema) {
        out.add(&schema.place, format!("the schema of machine profiles cannot be used: {why}"));
    }
    for machine in &plan.machines {
        profile(machine, plan, out);
    }
}

fn profile(machine: &Machine, plan: &Plan, out: &mut Findings) {
    let (Some(path), Some(file)) = (&machine.profile, &machine.profile_file) else { return };
    let profile = match file {
        Ok(profile) => profile,
        Err(fault) => {
            match &fault.place {
                Some(place) => out.add(place, fault.message.clone()).planned(path),
                None => {
                    let message =
                        format!("the profile of `{}` cannot be used: {}", machine.name.value, fault.message);
                    out.add(&path.place, message)
                }
            };
            return;
        }
    };
    for violation in &profile.violations {
        let finding = out.add(&violation.place, violation.message.clone());
        if let Some(schema) = &plan.profile_schema {
            finding.planned_at(&schema.place, "the schema is named here");
        }
        finding.help.clone_from(&violation.help);
    }
    for (key, planned) in &machine.values {
        match profile.values.iter().rfind(|(own, _)| own.value == *key) {
            // One value, one finding.
            Some((_, value)) if profile.violations.iter().any(|it| it.place == value.place) => {}
            Some((_, value)) => compare(key, value, planned, out),
            None if profile.violations.iter().any(|it| it.lacks(key)) => {}
            None => missing(profile, key, machine, planned, out),
        }
    }
}

fn compare(key: &str, value: &Spanned<SmolStr>, planned: &Spanned<SmolStr>, out: &mut Findings) {
    if !is_same(&value.value, &planned.value) {
        let message = format!("`{key}` is `{}`, planned `{}`", value.value, planned.value);
        out.add(&value.place, message).planned(planned);
    }
}

/// Whether two values are one: numbers may be written in several ways.
fn is_same(found: &str, planned: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    found == planned || number(found).is_some_and(|found| number(planned) == Some(found))
}

fn missing(
    profile: &Profile,
    key: &str,
    machine: &Machine,
    planned: &Spanned<SmolStr>,
    out: &mut Findings,
) {
    let keys = profile.values.iter().map(|(key, _)| key);
    let unplanned = keys.filter(|own| machine.values.iter().all(|(key, _)| *key != own.value));
    let near = nearest(key, unplanned.map(|own| own.value.as_str()));
    let finding = match profile.values.iter().find(|(own, _)| Some(own.value.as_str()) == near) {
        Some((own, _)) => {
            out.add(&own.place, format!("`{}` is no planned key, planned is `{key}`", own.value))
        }
        None => out.add(&profile.first_line(), format!("`{key}` is missing, planned `{}`", planned.value)),
    };
    finding.planned(planned);
}

/// Which profile reaches the image.
fn copies(build: &Build, plan: &Plan, out: &mut Findings) {
    let row = build.service.and_then(|index| plan.services.get(index));
    let (Some(stage), Some(on)) = (build.final_stage(), row.and_then(|row| row.on.as_ref())) else { return };
    // A machine without a profile asks for none.
    let has_profile = |machine: &usize| plan.machines.get(*machine).is_some_and(|it| it.profile.is_some());
    if !on.value.iter().any(has_profile) {
        return;
    }
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
