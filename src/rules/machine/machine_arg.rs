//! `machine-arg`: the default machine of a build is one that the service runs on.

mod deployed;

use super::copied_profile::{is_called, names, profile_sources, variable_name};
use crate::finding::Findings;
use crate::model::{Arg, Build, CopySource, Role, Spanned, Stage};
use crate::plan::{Plan, ServiceRow};
use crate::rules::Check;

pub(in crate::rules) use deployed::mends;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Workload(deployed::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.machines.is_empty() && plan.services.iter().any(|row| row.on.is_some())
}

/// The name that build commands pass by convention.
const USUAL: &str = "MACHINE";

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let row = build.service.filter(|_| build.role == Role::Service).and_then(|index| plan.services.get(index));
    let Some(row) = row else { return };
    let mut names: Vec<String> = Vec::new();
    for (stage, _, source) in profile_sources(build, plan) {
        let written = source.place.text();
        let Some(name) = variable_name(&written) else { continue };
        if !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
        declared(build, stage, source, name, out);
    }
    if names.is_empty() {
        names.push(USUAL.to_owned());
    }
    for name in names {
        defaults(build, plan, row, &name, out);
    }
}

/// Whether the stage declares the variable before the COPY that uses it.
fn declared(build: &Build, stage: &Stage, source: &CopySource, name: &str, out: &mut Findings) {
    let is = |arg: &&Spanned<Arg>| arg.value.name == name;
    let before = build.own_stages()
        .filter(|earlier| earlier.index <= stage.index)
        .flat_map(|stage| &stage.args)
        .filter(is)
        .any(|arg| arg.place.span.start < source.place.span.start);
    let is_env = stage.container.layers.iter().any(|layer| layer.env_pair(name).is_some());
    if before || is_env {
        return;
    }
    let later = stage.args.iter().find(is);
    let global = build.global_args.iter().find(is);
    let message = match (later, global) {
        (Some(_), _) => format!("`{name}` is declared only after this COPY, so it is empty here"),
        (None, Some(_)) => format!("`{name}` is declared before FROM only, so it is empty in the stage"),
        (None, None) => format!("`{name}` is not declared in this stage, so it is empty"),
    };
    let finding = out.add(&source.place, message);
    finding.help(format!("write `ARG {name}` in the stage, above the COPY"));
    if let Some(other) = later.or(global) {
        finding.related(&other.place, "declared here");
    }
}

fn defaults(build: &Build, plan: &Plan, row: &ServiceRow, name: &str, out: &mut Findings) {
    let Some(on) = row.on.as_ref().filter(|on| !on.value.is_empty()) else { return };
    let of_stages: Vec<&Spanned<Arg>> =
        build.own_stages().flat_map(|stage| &stage.args).filter(|arg| arg.value.name == name).collect();
    let Some(first) = of_stages.first() else { return };
    // A declaration without a default takes the global one, which is then the line to mend.
    let mut judged: Vec<&Spanned<Arg>> = of_stages.iter().copied().filter(|arg| arg.value.default.is_some()).collect();
    if judged.is_empty() {
        judged.extend(build.global_args.iter().rfind(|arg| arg.value.name == name && arg.value.default.is_some()));
    }
    if judged.is_empty() {
        out.open(&first.place, format!("cannot tell for which machine this is built: `{name}` has no default")).planned(on);
    }
    for arg in judged {
        let Some(text) = arg.value.default.as_ref().and_then(|value| value.certain()) else { continue };
        let machine = plan.machines.iter().position(|machine| is_called(machine, text));
        let wanted = names(plan, &on.value);
        match machine {
            Some(machine) if on.value.contains(&machine) => {}
            Some(_) => {
                out.add(&arg.place, format!("`{name}` is `{text}` by default, planned is the service on {wanted}")).planned(on);
            }
            None => {
                let message = format!("`{name}` is `{text}` by default, which is no machine of the plan; planned is the service on {wanted}");
                out.add(&arg.place, message).planned(on);
            }
        }
    }
}
