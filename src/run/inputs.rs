//! What a call looks at: Dockerfiles on disk and from standard input, and what stands in its way.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smol_str::SmolStr;

use super::{CheckRequest, RunError, deployments};
use crate::collect::{DiskFiles, Input, MAX_FILE, Options, collect};
use crate::lower::context::path;
use crate::plan::Plan;
use crate::source::Source;

/// One Dockerfile of the call.
pub(super) enum Dockerfile {
    /// To be read when its turn comes.
    OnDisk(Input),
    /// Read already: standard input.
    Read(Arc<Source>),
}

impl Dockerfile {
    /// Its display path.
    pub(super) fn path(&self) -> &str {
        match self {
            Self::OnDisk(input) => &input.display,
            Self::Read(source) => source.path(),
        }
    }

    /// Its text; else its path and why it cannot be read.
    pub(super) fn source(&self) -> Result<Arc<Source>, (String, String)> {
        match self {
            Self::OnDisk(input) => input.read().map_err(|problem| (problem.path, problem.message)),
            Self::Read(source) => Ok(Arc::clone(source)),
        }
    }
}

/// Everything that a call looks at.
pub(super) struct Inputs {
    pub(super) base: PathBuf,
    pub(super) files: DiskFiles,
    /// The topmost folder in which build contexts are looked for.
    pub(super) root: String,
    pub(super) dockerfiles: Vec<Dockerfile>,
    pub(super) deployments: deployments::Files,
    pub(super) unread: Vec<(String, String)>,
    pub(super) not_checked: Vec<(String, String)>,
    /// Whether an argument is a folder that holds the plan, so that what is missing can be told.
    pub(super) whole: bool,
    /// Real paths of the arguments that are folders.
    pub(super) folders: Vec<PathBuf>,
}

impl Inputs {
    /// The display paths of the Dockerfiles.
    pub(super) fn dockerfile_paths(&self) -> Vec<SmolStr> {
        self.dockerfiles.iter().map(|input| input.path().into()).collect()
    }
}

/// `--context` as a display path.
pub(super) fn context(folder: Option<&Path>) -> Option<String> {
    folder.map(|folder| folder.to_string_lossy().replace('\\', "/"))
}

/// The Dockerfiles of some paths and of the plan's folder, so that a FROM of one file is found in its fleet.
pub(super) fn neighbours(files: &[PathBuf], plan_folder: &str, base: &Path) -> Vec<SmolStr> {
    let mut paths: Vec<PathBuf> = files.iter().filter(|path| path.as_os_str() != "-").cloned().collect();
    paths.push(PathBuf::from(plan_folder));
    let found = collect(&paths, &Options { base: base.to_owned() });
    found.dockerfiles.iter().map(|input| input.display.as_str().into()).collect()
}

/// The folder that a call works in.
pub(super) fn base(request: &CheckRequest) -> Result<PathBuf, RunError> {
    request.base.clone().map_or_else(working_directory, Ok)
}

/// The folder that the process works in.
///
/// # Errors
/// When it is gone.
pub(super) fn working_directory() -> Result<PathBuf, RunError> {
    std::env::current_dir()
        .map_err(|error| RunError::new(format!("cannot find the working directory: {error}")))
}

/// Finds the inputs.
pub(super) fn gather(request: &CheckRequest, plan: &Plan) -> Result<Inputs, RunError> {
    let base = base(request)?;
    let is_stdin = |path: &&PathBuf| path.as_os_str() == "-";
    let on_disk: Vec<PathBuf> = request.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    let collected = collect(&on_disk, &Options { base: base.clone() });
    let mut dockerfiles: Vec<Dockerfile> =
        collected.dockerfiles.into_iter().map(Dockerfile::OnDisk).collect();
    let mut whole = false;
    let mut deployments = deployments::Files {
        compose: collected.compose,
        yaml: collected.yaml,
        by_content: collected.by_content,
        workflows: collected.workflows,
        ..deployments::Files::default()
    };
    if on_disk.len() < request.paths.len() {
        let source = standard_input(request.stdin_filename.as_deref())?;
        match deployments::is_deployment(&source) {
            true => deployments.read.push(source),
            false => dockerfiles.insert(0, Dockerfile::Read(source)),
        }
    }
    if plan.path.is_some() {
        let covers = |argument: &PathBuf| {
            base.join(argument).is_dir()
                && path::below(&path::clean(&plan.folder), &shown(argument)).is_some()
        };
        whole = on_disk.iter().any(covers);
    }
    let unread: Vec<(String, String)> =
        collected.problems.into_iter().map(|problem| (problem.path, problem.message)).collect();
    if dockerfiles.is_empty() && deployments.is_empty() {
        return Err(nothing(&request.paths, unread));
    }
    let others = &collected.others;
    let templates = others.templates.iter().map(|path| (path.clone(), "a template, not rendered".to_owned()));
    let links = others.links.iter().map(|path| {
        (path.clone(), "a link that leads to no file of the folders that are checked".to_owned())
    });
    let not_checked: Vec<(String, String)> = templates.chain(links).collect();
    let real = on_disk.iter().filter_map(|argument| std::fs::canonicalize(base.join(argument)).ok());
    let folders = real.filter(|path| path.is_dir()).collect();
    let mut roots = on_disk;
    roots.push(PathBuf::from(&plan.folder));
    roots.extend(request.context.clone());
    let files = DiskFiles::new(&base, &roots);
    let root = if plan.path.is_some() { common_root(&plan.folder) } else { ".".to_owned() };
    Ok(Inputs { base, files, root, dockerfiles, deployments, unread, not_checked, whole, folders })
}

/// An argument as reports name it.
pub(super) fn shown(argument: &Path) -> String {
    path::clean(&argument.to_string_lossy().replace('\\', "/"))
}

/// Build contexts lie at or below the plan's folder; a plan above the working directory makes that folder the limit.
fn common_root(plan_folder: &str) -> String {
    path::clean(plan_folder)
}

/// The error of a call that has nothing to look at.
pub(super) fn nothing(paths: &[PathBuf], unread: Vec<(String, String)>) -> RunError {
    if !unread.is_empty() {
        let faults = unread.into_iter().map(|(path, why)| (None, format!("{path} {why}"))).collect();
        return RunError { faults, ..RunError::new("found nothing to check") };
    }
    let list: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    RunError {
        help: Some(
            "Dockerfiles and compose files are known by name (`Dockerfile`, `Dockerfile.*`, `*.Dockerfile`, \
             `Containerfile`, `compose.yaml`, `docker-compose*.yml`), Kubernetes manifests by `apiVersion` and `kind`; \
             a file of another name is checked as a Dockerfile when it is named itself"
                .to_owned(),
        ),
        ..RunError::new(format!("found no Dockerfile and no deployment file in {}", list.join(", ")))
    }
}

fn standard_input(name: Option<&str>) -> Result<Arc<Source>, RunError> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| RunError::new(format!("cannot read standard input: {error}")))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(RunError::new(format!("standard input is larger than {} MiB", MAX_FILE >> 20)));
    }
    Ok(Source::new(name.unwrap_or("-").replace('\\', "/"), bytes))
}

/// Build arguments with values; a bare name takes its value from the environment, as `docker build` does.
pub(super) fn build_args(pairs: &[(String, Option<String>)]) -> Vec<(SmolStr, SmolStr)> {
    pairs
        .iter()
        .filter_map(|(name, value)| {
            let value = value.clone().or_else(|| std::env::var(name).ok())?;
            Some((SmolStr::new(name), SmolStr::new(value)))
        })
        .collect()
}
