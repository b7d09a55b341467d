//! A compose project: what `docker compose` makes of one file or of several together.

use std::sync::Arc;

use smol_str::SmolStr;

use super::fact::Spanned;
use super::lookups::Lookups;
use super::workload::Workload;
use crate::source::{Place, Source, Span};
use crate::syntax::yaml::{Document, Node};

/// A compose project, resolved.
#[derive(Debug)]
pub struct Project {
    /// The files as they were given, in order of precedence (the last one wins), before anything is resolved.
    pub files: Vec<ProjectFile>,
    /// `name`.
    pub name: Option<Spanned<SmolStr>>,
    /// The project in canonical form: interpolated, typed, short forms written out, files merged, `extends` and `include`
    /// put in. Every node keeps the place that said it last, and in `overrides` those that said it before. `None` when a
    /// file cannot be loaded at all.
    pub resolved: Option<Node>,
    /// The services.
    pub services: Vec<Workload>,
    /// Why Compose refuses the project, or warns about it.
    pub problems: Vec<ProjectProblem>,
    /// Variables that the project takes from `.env` files and from the call, each with the value that it has somewhere.
    /// Nothing that is printed may show the secrets among them.
    pub variables: Vec<(SmolStr, SmolStr)>,
    /// What the repository holds of what the project names; filled after loading.
    pub lookups: Lookups,
    /// Whether the project is only what an override file says by itself and never runs alone.
    pub partial: bool,
    /// Whether its last file is laid over a project that is here by itself: another way to start it, of which nobody knows
    /// where it runs.
    pub variant: bool,
}

impl Project {
    /// Whether Compose refuses the files themselves, whatever lies beside them: no YAML, a key, type or value that the
    /// specification does not allow, or a variable that must be given and is not.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        use ProjectProblemKind::{Interpolation, Required, Schema, Syntax, UserType, Value};
        self.problems.iter().any(|problem| {
            matches!(problem.kind, Interpolation | Required | Schema | Syntax | UserType | Value)
        })
    }
}

/// One file of a project.
#[derive(Debug)]
pub struct ProjectFile {
    /// The file.
    pub source: Arc<Source>,
    /// Its documents as they are written.
    pub documents: Vec<Document>,
    /// Its comments.
    pub comments: Vec<Span>,
}

/// Something that Compose refuses or warns about.
#[derive(Debug, Clone)]
pub struct ProjectProblem {
    /// What kind.
    pub kind: ProjectProblemKind,
    /// Where.
    pub place: Place,
    /// One sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The other place that belongs to it, with a note.
    pub related: Option<(Place, SmolStr)>,
}

/// What kind of problem a project has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectProblemKind {
    /// The text is no YAML, or has a key twice: `syntax`.
    Syntax,
    /// A key or value that the Compose specification does not allow: `compose-schema`.
    Schema,
    /// `user` is a number and no text: `compose-user-type`.
    UserType,
    /// A malformed `${`, or a text where a number or truth value must stand: `compose-schema`.
    Interpolation,
    /// A variable must be given that nobody gives here (`${X:?}`, or one without a value where a number must stand).
    /// Compose refuses the project without it, which is no mistake of the file: no rule speaks of it.
    Required,
    /// A value in a short form that Compose cannot read: a port, a volume, a command: `compose-schema`.
    Value,
    /// The file is a template that is not rendered yet: nothing about it can be judged.
    Template,
    /// A file that `include`, `extends` or `env_file` names is not there: `mount-source` has nothing to do with it.
    MissingFile,
    /// The parts do not fit: an unknown network, volume, secret or service is named, a circle of `extends`.
    Reference,
}
