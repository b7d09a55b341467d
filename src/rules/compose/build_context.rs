//! `build-context`: the folder, the Dockerfile, its stage and its arguments are there, and so is what it copies.

use crate::finding::{Findings, Severity};
use crate::model::{BuildLookup, MissingSources, Presence, Project, Workload, WorkloadBuild};
use crate::plan::Plan;
use crate::rules::common::about;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// Sources that are named in one message.
const SHOWN: usize = 3;

/// Arguments that BuildKit itself sets or reads; a Dockerfile need not declare them.
const PREDEFINED: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SOURCE_DATE_EPOCH",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
];

fn check(project: &Project, plan: &Plan, out: &mut Findings) {
    for found in &project.lookups.builds {
        let Some(workload) = project.services.get(found.service) else { continue };
        if let Some(build) = &workload.build {
            judge(workload, build, found, plan, out);
        }
    }
}

fn judge(
    workload: &Workload,
    build: &WorkloadBuild,
    found: &BuildLookup,
    plan: &Plan,
    out: &mut Findings,
) {
    let context = build.context.text.as_str();
    let wrong = match found.context {
        Presence::Missing => Some("does not exist"),
        Presence::Other => Some("is no folder"),
        // A tar archive is a context, too.
        _ => None,
    };
    if let Some(wrong) = wrong {
        let message = format!("the build context `{context}` {wrong}");
        about(out.add(&build.place, message), workload, plan).help("paths start at the folder of the first compose file");
        return;
    }
    let Some(dockerfile) = &build.dockerfile else { return };
    let wrong = match found.dockerfile {
        Presence::Missing => Some("does not exist"),
        Presence::Folder | Presence::Other => Some("is no file"),
        _ => None,
    };
    if let Some(wrong) = wrong {
        let message = format!("the Dockerfile `{}` {wrong}", dockerfile.value);
        about(out.add(&dockerfile.place, message), workload, plan).help("`dockerfile` starts at the build context");
        return;
    }
    if let (Some(stages), Some(target)) = (&found.without_target, &build.target) {
        let message = format!("`{}` has no stage `{}`", dockerfile.value, target.value);
        let names: Vec<String> = stages.iter().map(|name| format!("`{name}`")).collect();
        let help = match names.is_empty() {
            true => "no stage of it has a name: write `FROM … AS name`".to_owned(),
            false => format!("its stages are {}", names.join(", ")),
        };
        about(out.add(&target.place, message), workload, plan).help(help);
    }
    for arg in found.undeclared.iter().filter_map(|at| build.args.get(*at)) {
        let name = arg.value.0.as_str();
        if name.starts_with("BUILDKIT_") || PREDEFINED.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        let message = format!("`{}` declares no `ARG {name}`, so the value goes nowhere", dockerfile.value);
        about(out.add(&arg.place, message), workload, plan).severity(Severity::Warning);
    }
    if let Some(missing) = &build.missing {
        lacks(workload, build, missing, plan, out);
    }
}

/// Sources that another folder holds: the context is the wrong one. What no folder holds is `copy-source`'s finding.
fn lacks(
    workload: &Workload,
    build: &WorkloadBuild,
    missing: &MissingSources,
    plan: &Plan,
    out: &mut Findings,
) {
    let (Some(instead), Some((_, first))) = (&missing.instead, missing.sources.first()) else { return };
    let names: Vec<String> =
        missing.sources.iter().take(SHOWN).map(|(source, _)| format!("`{source}`")).collect();
    let more = match missing.sources.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let context = &build.context.text;
    let message = format!("the build context `{context}` lacks {}{more}, which COPY names", names.join(", "));
    about(out.add(&build.place, message), workload, plan)
        .related(first, "copied here")
        .help(format!("`{instead}` holds everything that the Dockerfile copies"));
}
