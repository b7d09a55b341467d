//! The pipeline: what a call asks for goes in, what is reported comes out.

mod active;
mod deployments;
mod dump;
mod examples;
mod graph;
mod images;
mod init;
mod inputs;
mod judge;
mod live;
mod mended;
mod named;
mod plan;
mod requests;
mod secrets;
mod services;
mod since;
mod weaker;
mod write;

use std::fmt;
use std::path::PathBuf;

pub use crate::git::GitFolder;
pub use crate::report::graph::GraphFormat;
pub use dump::dump;
pub use graph::graph;
pub use images::check_images;
pub use init::{Gate, Starter, gates, is_gated, starter};
pub use live::{FleetProgress, FleetRequest, FleetStep, validate_fleet};
pub use plan::{ImportCall, import_plan, load_plan};
pub use requests::*;
pub use since::baseline_before;
pub use write::{Written, replace, write_new};

use active::Active;

use crate::finding::{Finding, Findings};
use crate::fleet::{Fleet, FleetBases};
use crate::plan::{Plan, PlanIndex};
use crate::report::{Checked, Report, Style};
use crate::rules::{Check, Rule};
use crate::settle::{Settled, settle};
use crate::source::Place;

/// What `check` found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is reported.
    pub settled: Settled,
    /// What was looked at.
    pub checked: Checked,
    /// Inputs that could not be read, with the reason: the call ends with exit 2 although the rest is reported.
    pub unread: Vec<(String, String)>,
}

impl Outcome {
    /// The outcome as a report.
    #[must_use]
    pub fn report(&self, style: Style) -> Report<'_> {
        Report {
            findings: &self.settled.findings,
            open: &self.settled.open,
            suppressed: self.settled.suppressed,
            waived: self.settled.waived,
            quieted: self.settled.quieted.as_ref(),
            older: self.settled.older,
            checked: &self.checked,
            style,
        }
    }
}

/// Why the tool could not finish (exit 2).
#[derive(Debug, Clone, Default)]
pub struct RunError {
    /// What was attempted and what went wrong, without a full stop.
    pub message: String,
    /// The mistakes one by one, each with the line that makes it where there is one.
    pub faults: Vec<(Option<Place>, String)>,
    /// What to do, one sentence.
    pub help: Option<String>,
}

impl RunError {
    /// An error of one sentence.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RunError {}

impl From<std::io::Error> for RunError {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// Checks files against the plan.
///
/// # Errors
/// When the plan is wrong, there is nothing to check, or nobody can tell what is new.
pub fn check(request: &CheckRequest) -> Result<Outcome, RunError> {
    let plan = plan::load_in(&inputs::base(request)?, &request.plan, &request.paths)?;
    let mut outcome = check_files(request, &plan)?;
    if let Some(revision) = &request.since {
        since::keep_new(&mut outcome, request, &plan, revision)?;
    }
    if let Some(bases) = &mut outcome.checked.bases {
        graph::count(bases, &outcome.settled.findings);
    }
    Ok(outcome)
}

/// The whole pipeline on one screen.
fn check_files(request: &CheckRequest, plan: &Plan) -> Result<Outcome, RunError> {
    let inputs = inputs::gather(request, plan)?;
    let index = PlanIndex::new(plan);
    let wanted = images::of_services(&request.images, plan, &index)?;
    let build_args = inputs::build_args(&request.build_args);
    let paths = inputs.dockerfile_paths();
    let context = inputs::context(request.context.as_deref());
    let root = inputs.root.clone();
    let bases = FleetBases::new(&paths, plan, &index, &inputs.files, &build_args, context.as_deref(), &root);
    let looks: fn(&Check) -> bool =
        if wanted.is_empty() { active::at_files } else { |check| !active::at_live(check) };
    let active = Active::of(request, plan, looks);
    let scope = judge::Scope {
        plan,
        rules: &active.run,
        bases: &bases,
        files: &inputs.files,
        build_args: &build_args,
        context: context.as_deref(),
        root: &root,
    };
    let mut judged = judge::all(&scope, &inputs.dockerfiles, request.jobs);
    let deployed = deployments::all(&scope, &inputs.deployments, &index);
    let named = named::of(&deployed, &inputs);
    judged.append(judge::all(&scope, &named.dockerfiles, request.jobs));
    // YAML files may turn out to be no deployment files at all.
    if inputs.dockerfiles.is_empty() && deployed.is_empty() {
        let mut unread = inputs.unread;
        unread.extend(deployed.unread);
        let not_checked = inputs.not_checked.into_iter().chain(deployed.not_checked);
        unread.extend(not_checked.map(|(path, reason)| (format!("{path}:"), reason)));
        return Err(inputs::nothing(&request.paths, unread));
    }

    let mut findings = judged.findings;
    findings.extend(deployed.findings);
    let mut fleet = Fleet::link(judged.members, bases.cycles(), inputs.whole);
    fleet.projects = deployed.projects;
    fleet.manifests = deployed.manifests;
    fleet.templates = deployed.templates;
    fleet.workflows = deployed.workflows;
    findings.extend(over_fleet(&active.run, plan, &fleet));
    mended::drop(&mut findings, &fleet, plan);
    secrets::hide(&findings, &fleet);
    secrets::redact(&mut findings, &fleet);
    findings.extend(examples::judge_all(&scope, &index));
    let built = images::beside(&wanted, &request.image_sources, &scope, &index);
    findings.extend(built.findings);

    let mut options = active.options(request, plan, &inputs.base, inputs.whole);
    options.looked_at.images = built.names;
    let mut suppressions = if request.inline_suppressions { judged.suppressions } else { Vec::new() };
    if request.inline_suppressions {
        suppressions.extend(deployed.suppressions);
    }
    let settled = settle(findings, &suppressions, plan, &options);
    let mut unread = inputs.unread;
    unread.extend(judged.unread);
    let mut files = std::collections::BTreeMap::new();
    let dockerfiles = inputs.dockerfiles.len() + named.dockerfiles.len();
    files.insert("dockerfile".into(), dockerfiles - unread.len().min(dockerfiles));
    unread.extend(deployed.unread);
    let projects = fleet.projects.iter().flat_map(|project| &project.files);
    let manifests = fleet.manifests.iter().filter(|file| !file.objects.is_empty());
    for (kind, count) in [
        ("compose", projects.count()),
        ("kubernetes", manifests.count()),
        ("workflow", fleet.workflows.len()),
        ("image", built.count),
    ] {
        if count > 0 {
            files.insert(kind.into(), count);
        }
    }
    let mut not_checked = inputs.not_checked;
    not_checked.extend(named.not_checked);
    not_checked.extend(deployed.not_checked);
    not_checked.extend(built.not_compared);
    unread.extend(built.unread);
    let checked = Checked {
        mode: "check",
        plan: plan.path.clone().or_else(|| request.plan.pack.clone()),
        files,
        rules: active.ids(),
        not_planned: active.not_planned,
        not_checked,
        contexts: judged.contexts,
        services: services::of(&fleet, plan),
        subjects: services::subjects(&fleet, plan),
        bases: graph::bases(&fleet.members, plan),
        ..Checked::default()
    };
    Ok(Outcome { settled, checked, unread })
}

/// Checks the plan alone: the rules that look at nothing else, and its examples.
///
/// # Errors
/// When the plan is wrong or there is none.
pub fn check_plan(request: &CheckRequest) -> Result<Outcome, RunError> {
    let plan = load_plan(&request.plan)?;
    let index = PlanIndex::new(&plan);
    let active = Active::of(request, &plan, active::at_files);
    let base = inputs::working_directory()?;
    let files = crate::collect::DiskFiles::new(&base, &[PathBuf::from(&plan.folder)]);
    let bases = FleetBases::new(&[], &plan, &index, &files, &[], None, &plan.folder);
    let scope = judge::Scope {
        plan: &plan,
        rules: &active.run,
        bases: &bases,
        files: &files,
        build_args: &[],
        context: None,
        root: &plan.folder,
    };
    let fleet = Fleet::default();
    let mut findings = over_fleet(&active.run, &plan, &fleet);
    findings.extend(examples::judge_all(&scope, &index));
    // The rules of builds ran over examples only.
    let active = active.only(active::at_plan);
    let settled = settle(findings, &[], &plan, &active.options(request, &plan, &base, false));
    let checked =
        Checked { mode: "plan", plan: plan.path.clone(), rules: active.ids(), ..Checked::default() };
    Ok(Outcome { settled, checked, unread: Vec::new() })
}

/// Findings of the rules that look at the whole fleet or at the plan.
fn over_fleet(rules: &[&'static Rule], plan: &Plan, fleet: &Fleet) -> Vec<Finding> {
    let mut out = Findings::new();
    for rule in rules {
        out.speak_for(rule.id, rule.severity);
        for check in rule.check.each() {
            match check {
                Check::Fleet(check) => check(fleet, plan, &mut out),
                Check::Plan(check) => check(plan, &mut out),
                _ => {}
            }
        }
    }
    out.into_vec()
}
