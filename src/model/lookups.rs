//! What the folder of a compose project holds of what the project names.
//!
//! Rules read no files, so the questions that they ask of the file system are answered before they run.

use smol_str::SmolStr;

use crate::source::Place;

/// Answers about what a project names.
#[derive(Debug, Default)]
pub struct Lookups {
    /// Files and folders that services, configs and secrets name, as far as they lie inside the call's folders.
    pub paths: Vec<NamedPath>,
    /// One for each service that is built.
    pub builds: Vec<BuildLookup>,
}

/// A file or folder that a project names.
#[derive(Debug, Clone)]
pub struct NamedPath {
    /// The service that names it, as an index into [`super::Project::services`]; `None` for top-level elements.
    pub service: Option<usize>,
    /// What it is for.
    pub purpose: PathPurpose,
    /// The display path.
    pub path: SmolStr,
    /// Where it is named.
    pub place: Place,
    /// What is there.
    pub presence: Presence,
}

/// What a path is named for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPurpose {
    /// It is mounted at a path of the container.
    Bind {
        /// The path in the container.
        target: SmolStr,
        /// Whether the engine makes a folder when nothing is there.
        is_created: bool,
        /// Whether the file asks for that folder: `create_host_path: true`.
        is_asked: bool,
        /// Whether the container only reads it.
        read_only: bool,
    },
    /// Variables of the service are read from it.
    EnvFile,
    /// `file` of a top-level config or secret: the element's name.
    Element(SmolStr),
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is not looked at: it lies outside the call's folders, or its name is not certain.
    Unseen,
    /// Nothing.
    Missing,
    /// Nothing, and it is made where the project runs: a `.gitignore` says that git never has it, or a sample of it lies
    /// beside (`.env.example`).
    Ignored,
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Anything else.
    Other,
}

/// What is there of a build that a service asks for.
#[derive(Debug, Clone)]
pub struct BuildLookup {
    /// The service, as an index into [`super::Project::services`].
    pub service: usize,
    /// What is at the path of the context.
    pub context: Presence,
    /// What is at the path of the Dockerfile.
    pub dockerfile: Presence,
    /// The names of the Dockerfile's stages, when the target is none of them.
    pub without_target: Option<Vec<SmolStr>>,
    /// Build arguments that the Dockerfile does not declare, as indices into [`super::WorkloadBuild::args`].
    pub undeclared: Vec<usize>,
}

/// What a build context lacks.
#[derive(Debug, Clone)]
pub struct MissingSources {
    /// Sources as written, with their places in the Dockerfile.
    pub sources: Vec<(SmolStr, Place)>,
    /// The folder that holds all of them: the context that was meant.
    pub instead: Option<SmolStr>,
}
