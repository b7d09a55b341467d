//! The pipeline: what a call asks for goes in, what is reported comes out.

mod deployments;
mod dump;
mod examples;
mod graph;
mod images;
mod inputs;
mod judge;
mod mended;
mod plan;
mod secrets;
mod services;

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;

pub use dump::dump;
pub use graph::graph;
pub use images::check_images;
pub use plan::load_plan;

use crate::finding::{Finding, Findings, Severity};
use crate::fleet::{Fleet, FleetBases};
use crate::image::{LayerChoice, PlatformChoice};
use crate::plan::{Plan, PlanIndex};
use crate::report::{Checked, Report, Style};
use crate::rules::{Check, Rule};
use crate::settle::{Day, Options, Settled, settle, working_prefix};
use crate::source::Place;

/// Which plan a call judges by.
#[derive(Debug, Clone, Default)]
pub struct PlanChoice {
    /// `--plan`: this file. `None`: `plimsoll.toml`, searched from the working directory upwards.
    pub file: Option<PathBuf>,
    /// `--pack`: this pack and no file.
    pub pack: Option<String>,
}

/// What `check` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct CheckRequest {
    /// Files and folders; `-` is a Dockerfile from standard input. Never empty: the command line says `.`.
    pub paths: Vec<PathBuf>,
    /// `--stdin-filename`: the name that standard input goes by.
    pub stdin_filename: Option<String>,
    /// The plan.
    pub plan: PlanChoice,
    /// `--select`, as canonical ids; also turns on what the default leaves off. Empty: the default.
    pub select: Vec<&'static str>,
    /// `--ignore`, as canonical ids.
    pub ignore: Vec<&'static str>,
    /// `--severity`: canonical id and severity, `None` for `off`.
    pub severities: Vec<(&'static str, Option<Severity>)>,
    /// `--build-arg`: name and value; `None`: the value of the environment variable of that name, as `docker` does it.
    pub build_args: Vec<(String, Option<String>)>,
    /// `--context`: the build context of every Dockerfile of the call.
    pub context: Option<PathBuf>,
    /// `--no-inline-suppressions` was not given.
    pub inline_suppressions: bool,
    /// `--strict`: open results are findings.
    pub strict: bool,
    /// `--jobs`: threads; `None`: as many as there are processors.
    pub jobs: Option<NonZeroUsize>,
    /// The current day in UTC.
    pub today: Day,
    /// `--image` of `check`: planned services with the names of their images, which are judged beside the files.
    pub images: Vec<(String, String)>,
    /// How those are read.
    pub image_sources: ImageSources,
}

/// How images are read.
#[derive(Debug, Clone, Default)]
pub struct ImageSources {
    /// Which platform of an index.
    pub platform: PlatformChoice,
    /// Whether layers are read.
    pub layers: LayerChoice,
    /// Images at once; `None`: as many as suit.
    pub jobs: Option<NonZeroUsize>,
    /// How registries are spoken to; `None`: not at all.
    #[cfg(feature = "registry")]
    pub registry: Option<crate::registry::ClientOptions>,
}

/// What `image` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct ImageRequest {
    /// The images to judge, by name.
    pub images: Vec<String>,
    /// Images that are read to be compared with, and not judged.
    pub candidates: Vec<String>,
    /// `--service`: the planned service that every image belongs to.
    pub service: Option<String>,
    /// `--against`: files and folders whose Dockerfiles the images were built from.
    pub against: Vec<PathBuf>,
    /// `--planned`: whether every planned image is looked up in the registry.
    pub planned: bool,
    /// `--tag`: the tag that planned images must have.
    pub tag: Option<String>,
    /// How they are read.
    pub sources: ImageSources,
    /// Plan, rules and what fails.
    pub check: CheckRequest,
}

/// Hears how far a long call is: images done, images in all, and the name of the last one.
pub type Progress<'a> = &'a (dyn Fn(usize, usize, &str) + Sync);

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

/// What `graph` is asked to draw.
#[derive(Debug, Clone)]
pub struct GraphRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// `--image`: built images, drawn instead of files by what their own evidence says.
    pub images: Vec<String>,
    /// How they are read.
    pub sources: ImageSources,
    /// The plan.
    pub plan: PlanChoice,
    /// The form.
    pub format: GraphFormat,
}

/// Forms of the base-image graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    /// An indented tree.
    Text,
    /// Graphviz.
    Dot,
    /// Mermaid, as Markdown renderers draw it.
    Mermaid,
}

/// What `dump` is asked to print.
#[derive(Debug, Clone)]
pub struct DumpRequest {
    /// Dockerfiles; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// The parse tree, one JSON line a file, instead of the effective config.
    pub syntax: bool,
    /// The plan, for the hierarchy.
    pub plan: PlanChoice,
    /// `--build-arg`.
    pub build_args: Vec<(String, Option<String>)>,
    /// `--context`.
    pub context: Option<PathBuf>,
}

/// Checks files against the plan: the whole pipeline on one screen.
///
/// # Errors
/// When the plan is wrong, or there is nothing to check.
pub fn check(request: &CheckRequest) -> Result<Outcome, RunError> {
    let plan = plan::load_for(&request.plan, &request.paths)?;
    let inputs = inputs::gather(request, &plan)?;
    let index = PlanIndex::new(&plan);
    let wanted = images::of_services(&request.images, &plan, &index)?;
    let build_args = inputs::build_args(&request.build_args);
    let paths = inputs.dockerfile_paths();
    let context = inputs::context(request.context.as_deref());
    let root = inputs.root.clone();
    let bases = FleetBases::new(&paths, &plan, &index, &inputs.files, &build_args, context.as_deref(), &root);
    let active = Active::of(request, &plan);
    let scope = judge::Scope {
        plan: &plan,
        rules: &active.run,
        bases: &bases,
        files: &inputs.files,
        build_args: &build_args,
        context: context.as_deref(),
        root: &root,
    };
    let judged = judge::all(&scope, &inputs.dockerfiles, request.jobs);
    let deployed = deployments::all(&scope, &inputs.deployments, &index);
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
    findings.extend(over_fleet(&active.run, &plan, &fleet));
    mended::drop(&mut findings, &fleet, &plan);
    secrets::hide(&findings, &fleet);
    secrets::redact(&mut findings, &fleet);
    findings.extend(examples::judge_all(&scope, &index));
    let built = images::beside(&wanted, &request.image_sources, &scope, &index);
    findings.extend(built.findings);

    let options = Options {
        severities: request.severities.clone(),
        select: request.select.clone(),
        ignore: request.ignore.clone(),
        strict: request.strict,
        today: request.today,
        ran: active.run.iter().map(|rule| rule.id).collect(),
        whole: inputs.whole,
        working_prefix: working_prefix(&plan.folder, &inputs.base),
    };
    let mut suppressions = if request.inline_suppressions { judged.suppressions } else { Vec::new() };
    if request.inline_suppressions {
        suppressions.extend(deployed.suppressions);
    }
    let settled = settle(findings, &suppressions, &plan, &options);
    let mut unread = inputs.unread;
    unread.extend(judged.unread);
    let mut files = std::collections::BTreeMap::new();
    files.insert("dockerfile".into(), inputs.dockerfiles.len() - unread.len().min(inputs.dockerfiles.len()));
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
    not_checked.extend(deployed.not_checked);
    not_checked.extend(built.not_compared);
    unread.extend(built.unread);
    let checked = Checked {
        mode: "check",
        plan: plan.path.clone().or_else(|| request.plan.pack.clone()),
        files,
        rules: active.run.iter().map(|rule| rule.id).collect(),
        not_planned: active.not_planned,
        not_checked,
        contexts: judged.contexts,
        services: services::of(&fleet, &plan),
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
    let active = Active::of(request, &plan);
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
    let ran = active
        .run
        .iter()
        .filter(|rule| rule.check.each().any(|check| matches!(check, Check::Plan(_))))
        .map(|rule| rule.id);
    let options = Options {
        severities: request.severities.clone(),
        select: request.select.clone(),
        ignore: request.ignore.clone(),
        strict: request.strict,
        today: request.today,
        ran: ran.clone().collect(),
        whole: false,
        working_prefix: working_prefix(&plan.folder, &base),
    };
    let settled = settle(findings, &[], &plan, &options);
    let checked =
        Checked { mode: "plan", plan: plan.path.clone(), rules: ran.collect(), ..Checked::default() };
    Ok(Outcome { settled, checked, unread: Vec::new() })
}

/// The rules of a call.
struct Active {
    /// Those that run.
    run: Vec<&'static Rule>,
    /// Those that would, if the plan said what they need.
    not_planned: Vec<&'static str>,
}

impl Active {
    fn of(request: &CheckRequest, plan: &Plan) -> Self {
        let mut active = Self { run: Vec::new(), not_planned: Vec::new() };
        let bare = Plan { path: Some(String::new()), ..Plan::default() };
        for rule in crate::rules::all() {
            let of_call =
                request.severities.iter().rev().find(|(id, _)| *id == rule.id).map(|(_, level)| *level);
            let of_plan = plan.rules.iter().rev().find(|setting| setting.rule.value == rule.id);
            let level = of_call.or(of_plan.and_then(|setting| setting.severity));
            let selected = request.select.contains(&rule.id);
            let wanted = match level {
                Some(level) => level.is_some(),
                None => rule.default || selected,
            };
            let left_out = request.ignore.contains(&rule.id) || (!request.select.is_empty() && !selected);
            if !wanted || left_out {
                continue;
            }
            // Who asks for a rule by its name needs no plan file, unless the rule needs a value of it.
            let asked = (selected || of_call.is_some()) && (rule.planned)(&bare);
            match asked || (rule.planned)(plan) {
                true => active.run.push(rule),
                false => active.not_planned.push(rule.id),
            }
        }
        active
    }
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
