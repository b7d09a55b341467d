//! Compose files to projects: what `docker compose` would start.
//!
//! Files come in with a view of the folder that they name others in; a [`Project`] comes out, whatever is wrong with the
//! files. Behaviour follows compose-go (`loader`, `override`, `interpolation`, `transform`). No plan is known here.

pub(crate) mod schema;

use std::sync::Arc;

use smol_str::SmolStr;

use super::images::Images;
use super::scope::Files;
use crate::model::{Lookups, Project, ProjectFile, ProjectProblem, ProjectProblemKind};
use crate::source::Source;
use crate::syntax::yaml;

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
    let mut problems = Vec::new();
    let mut files = Vec::with_capacity(request.sources.len());
    for source in request.sources {
        let stream = yaml::parse(source);
        problems.extend(stream.problems.into_iter().map(syntax_problem));
        problems.extend(stream.documents.iter().flat_map(|document| schema::check(&document.root)));
        files.push(ProjectFile {
            source: Arc::clone(source),
            documents: stream.documents,
            comments: stream.comments,
        });
    }
    Project {
        files,
        name: None,
        resolved: None,
        services: Vec::new(),
        problems,
        lookups: Lookups::default(),
        partial: false,
    }
}

fn syntax_problem(problem: yaml::Problem) -> ProjectProblem {
    let yaml::Problem { place, message, related, .. } = problem;
    let related = related.map(|(place, note)| (place, note.into()));
    ProjectProblem { kind: ProjectProblemKind::Syntax, place, message, help: None, related }
}
