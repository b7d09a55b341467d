//! Compose files to projects: what `docker compose` would start.
//!
//! Files come in with a view of the folder that they name others in; a [`Project`] comes out, whatever is wrong with the
//! files. Behaviour follows compose-go (`loader`, `override`, `interpolation`, `transform`). No plan is known here.

mod canonical;
mod check;
mod cycles;
mod dotenv;
mod env_files;
mod environment;
mod extends;
mod include;
mod interpolate;
mod json;
mod keys;
mod loader;
mod merge;
mod mounts;
pub(crate) mod numbers;
mod patterns;
mod ports;
mod problems;
mod relative;
mod reset;
pub(crate) mod schema;
mod service;
mod settings;
mod short;
mod template;
mod times;
mod tree;
mod unique;
mod words;

use std::sync::Arc;

use smol_str::SmolStr;

use self::environment::Environment;
use self::loader::{Loader, display, folder_of, project_name};
use super::images::Images;
use super::memory_files::MemoryFiles;
use super::scope::Files;
use crate::model::{Lookups, Project, ProjectFile, ProjectProblem, ProjectProblemKind, Spanned};
use crate::source::Source;
use crate::syntax::yaml::{Node, Problem};

pub use self::json::to_json;
pub(crate) use self::relative::is_remote;

/// What loading a project needs.
#[derive(Clone, Copy)]
pub struct ComposeRequest<'a> {
    /// The files in order of precedence, the last one wins; the first one's folder is the project folder.
    pub sources: &'a [Arc<Source>],
    /// Files of the call, for `.env`, `env_file`, `extends` and `include`.
    pub files: &'a dyn Files,
    /// Images that Dockerfiles of the call build.
    pub images: &'a dyn Images,
    /// Variables that are given; the environment of the process is never read.
    pub environment: &'a [(SmolStr, SmolStr)],
}

/// Loads a project. Never fails: what Compose refuses is a problem of the result.
#[must_use]
pub fn load(request: ComposeRequest<'_>) -> Project {
    let mut loader = Loader::new(request.files, false);
    let folder = request.sources.first().map_or(".", |source| folder_of(source.path()));
    let files: Vec<ProjectFile> = request.sources.iter().map(|source| loader.file(source)).collect();
    let mut environment = Environment::new(request.environment);
    if let Some(source) = request.files.read(&display(folder, ".env")) {
        environment.load(&source, &mut loader.problems, &mut loader.bytes);
    }
    let name = files.iter().rev().flat_map(|file| file.documents.iter().rev());
    let name = name.filter_map(|document| document.root.get("name")?.text()).next();
    // Variables may stand in it, but not itself.
    let name = name
        .and_then(|name| template::substitute(name, &|name| environment.get(name), &mut loader.bytes).ok());
    let name = name.and_then(|done| project_name(&done.text));
    if let Some(name) = name.or_else(|| project_name(folder)) {
        environment.default("COMPOSE_PROJECT_NAME", &name);
    }
    let mut resolved = loader.project(&files, folder, environment.clone());
    if let Some(root) = &mut resolved {
        check::values(root, &mut loader.problems);
        check::references(root, &mut loader.problems);
        env_files::resolve(root, folder, &environment, &mut loader);
    }
    let services = resolved.as_ref().map(|root| service::workloads(root, folder, request.images));
    Project {
        files,
        name: resolved.as_ref().and_then(name_of),
        services: services.unwrap_or_default(),
        resolved,
        variables: loader.problems.variables(),
        problems: loader.problems.into_vec(),
        lookups: Lookups::default(),
        partial: false,
        variant: false,
    }
}

/// Reads one file by itself: `extends`, `include` and `env_file` stay as they are, nothing is looked up beside it, and
/// what services name of one another is not checked. No services come out.
#[must_use]
pub fn resolve_file(source: &Arc<Source>, project: &str) -> Project {
    let none = MemoryFiles::new(std::collections::BTreeMap::new());
    let mut loader = Loader::new(&none, true);
    let files = vec![loader.file(source)];
    let environment = Environment::new(&[("COMPOSE_PROJECT_NAME".into(), project.into())]);
    let resolved = loader.project(&files, ".", environment);
    if let Some(root) = &resolved {
        check::values(root, &mut loader.problems);
    }
    Project {
        files,
        name: resolved.as_ref().and_then(name_of),
        services: Vec::new(),
        resolved,
        variables: loader.problems.variables(),
        problems: loader.problems.into_vec(),
        lookups: Lookups::default(),
        partial: false,
        variant: false,
    }
}

fn name_of(root: &Node) -> Option<Spanned<SmolStr>> {
    let name = root.get("name")?;
    Some(Spanned::new(name.text()?.into(), name.place.clone()))
}

/// A mistake of the text, as a problem of the project.
fn of_yaml(problem: Problem) -> ProjectProblem {
    ProjectProblem {
        kind: ProjectProblemKind::Syntax,
        place: problem.place,
        message: problem.message,
        help: None,
        related: problem.related.map(|(place, note)| (place, SmolStr::new_static(note))),
    }
}

#[cfg(test)]
mod tests;
