//! The pipeline: what a call asks for goes in, what is reported comes out.

use std::fmt;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::finding::Severity;
use crate::plan::Plan;
use crate::report::{Checked, Report, Style};
use crate::settle::{Day, Settled};
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
}

/// What `check` found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is reported.
    pub settled: Settled,
    /// What was looked at.
    pub checked: Checked,
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

/// Checks files against the plan.
///
/// # Errors
/// When the plan is wrong, an input of the call cannot be read, or there is nothing to check.
pub fn check(request: &CheckRequest) -> Result<Outcome, RunError> {
    Err(unwired(&format!("check {} paths", request.paths.len())))
}

/// Checks the plan alone: the rules that look at nothing else.
///
/// # Errors
/// When the plan is wrong or there is none.
pub fn check_plan(request: &CheckRequest) -> Result<Outcome, RunError> {
    load_plan(&request.plan).map(|_| Outcome::default())
}

/// Reads the plan with everything it extends.
///
/// # Errors
/// When it is wrong or there is none.
pub fn load_plan(choice: &PlanChoice) -> Result<Plan, RunError> {
    Err(unwired(&format!("read {choice:?}")))
}

/// Writes the base-image graph.
///
/// # Errors
/// Those of [`check`], and of the writer.
pub fn graph(request: &GraphRequest, _out: &mut dyn Write) -> Result<(), RunError> {
    Err(unwired(&format!("draw {:?}", request.format)))
}

/// Writes effective configs or parse trees as JSON.
///
/// # Errors
/// When a file cannot be read, and those of the writer.
pub fn dump(request: &DumpRequest, _out: &mut dyn Write) -> Result<(), RunError> {
    Err(unwired(&format!("dump {} files", request.files.len())))
}

fn unwired(what: &str) -> RunError {
    RunError::new(format!("cannot {what}: the pipeline is not wired"))
}
