//! One Dockerfile as a build: stages, what they run, copy and install, and the faults of the file.

use std::sync::Arc;

use smol_str::SmolStr;

use super::command::{CommandLine, Probe, User};
use super::container::{Container, Layer};
use super::copied::Copy;
use super::fact::{Fact, Spanned, Unknown, Value};
use super::install::{PipInstall, SystemInstall};
use super::shell_text::ShellText;
use crate::source::{Place, Source, Span};
use crate::syntax::ignore_file::IgnoreFile;

/// One Dockerfile, understood.
#[derive(Debug)]
pub struct Build {
    /// The file.
    pub source: Arc<Source>,
    /// What the plan says it is.
    pub role: Role,
    /// Names under which other files may name the image that it builds (hierarchy name, folder name), best first.
    pub image_names: Vec<SmolStr>,
    /// The planned service that it builds, as an index into [`crate::plan::Plan::services`].
    pub service: Option<usize>,
    /// The build context that COPY sources were resolved in.
    pub context: BuildContext,
    /// What is wrong with the file as text, in order.
    pub problems: Vec<Problem>,
    /// ARG before the first FROM.
    pub global_args: Vec<Spanned<Arg>>,
    /// The stages in order.
    pub stages: Vec<Stage>,
    /// Comments that may be suppressions.
    pub comments: Vec<Comment>,
    /// The first and last physical line of each instruction, in order, from 1.
    pub instruction_lines: Vec<(u32, u32)>,
    /// Parser directives: name and value.
    pub directives: Vec<Spanned<(SmolStr, SmolStr)>>,
}

impl Build {
    /// The stage that a plain `docker build` ships: the last one.
    #[must_use]
    pub fn final_stage(&self) -> Option<&Stage> {
        self.stages.last()
    }

    /// The final stage and the stages of the file that it is based on, nearest first.
    pub fn own_stages(&self) -> impl Iterator<Item = &Stage> {
        // An index always falls, because a stage can only stand on an earlier one.
        std::iter::successors(self.final_stage(), |stage| match stage.from.base {
            Base::Stage(index) => self.stages.get(index).filter(|earlier| earlier.index < stage.index),
            _ => None,
        })
    }

    /// The stages that reach the final image: through FROM, `COPY --from` or `RUN --mount=from=`.
    pub fn needed_stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| stage.needed)
    }
}

/// What a Dockerfile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It builds a planned service.
    Service,
    /// It builds an image of the plan's hierarchy.
    Base,
    /// Neither: a tool, a test, an example, or a base that the plan does not name.
    Other,
}

/// A comment line.
#[derive(Debug, Clone, Copy)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// Its 1-based line.
    pub line: u32,
}

/// The build context that was assumed or given.
#[derive(Debug, Clone)]
pub struct BuildContext {
    /// The folder, relative to the working directory, with `/`; `.` for the working directory itself.
    pub folder: String,
    /// Why this one: given, or how it was found.
    pub chosen: ContextChoice,
    /// The ignore file in force, when there is one: `<Dockerfile>.dockerignore` or `.dockerignore` of the context.
    pub ignore_file: Option<Arc<Source>>,
    /// The same, read.
    pub ignore: Option<Arc<IgnoreFile>>,
    /// What of the names that somebody asked for is in the context, and not left out.
    pub present: Arc<Vec<Present>>,
}

/// A name that a build context holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// The name as it was asked for: `models/`.
    pub name: SmolStr,
    /// The first place with that name that is nearest to the context's root, relative to it.
    pub path: SmolStr,
    /// How many places have the name.
    pub places: usize,
    /// How many files they hold that are not left out.
    pub files: usize,
}

/// How the build context was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextChoice {
    /// By `--context`, or by a compose file or the plan.
    Given,
    /// The nearest folder, from the Dockerfile's own upwards, in which every COPY source exists.
    AllSourcesExist,
    /// No folder holds all sources; this one holds most of them.
    MostSourcesExist,
    /// No folder holds any source, so the Dockerfile's own: no more than a guess.
    NoSourceExists,
    /// There is nothing to copy, so the Dockerfile's own folder.
    Own,
    /// There is no file system to look at (standard input).
    None,
}

/// A fault of the file as text.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Which rule reports it.
    pub kind: ProblemKind,
    /// What is wrong, without a full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Further places with notes (the lines that a lost backslash orphaned).
    pub related: Vec<(Place, SmolStr)>,
    /// Text to insert at the end of `place` that mends it, when there is one.
    pub insert: Option<SmolStr>,
}

/// Kinds of [`Problem`]s: the rule that reports them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// `syntax`
    Syntax,
    /// `lost-continuation`
    LostContinuation,
    /// `template-leftover`
    Template,
    /// `unknown-instruction`
    UnknownInstruction,
}

/// A build argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arg {
    /// Its name.
    pub name: SmolStr,
    /// Its own default, expanded; `None` when none is written.
    pub default: Option<Value>,
    /// The value in force: `--build-arg`, else the default, else the global default; `None` when it has none.
    pub value: Option<Value>,
}

/// One stage.
#[derive(Debug)]
pub struct Stage {
    /// Position in the file, from 0.
    pub index: usize,
    /// Its name as BuildKit compares it, in lower case.
    pub name: Option<Spanned<SmolStr>>,
    /// Its FROM.
    pub from: From,
    /// The effective config at the end of the stage, base chain included.
    pub container: Container,
    /// What the health check in force asks, with the ENV that the container has at the end of the stage.
    pub probes: Vec<Probe>,
    /// ARG of the stage.
    pub args: Vec<Spanned<Arg>>,
    /// Every USER, in order, with the index of its instruction.
    pub users: Vec<(usize, Spanned<Fact<User>>)>,
    /// Every RUN, in order.
    pub runs: Vec<Run>,
    /// Every COPY and ADD, in order.
    pub copies: Vec<Copy>,
    /// System packages installed.
    pub installs: Vec<SystemInstall>,
    /// Python packages installed.
    pub pip_installs: Vec<PipInstall>,
    /// Every CMD and ENTRYPOINT, HEALTHCHECK and SHELL in order (only the last of each counts).
    pub entries: Vec<Entry>,
    /// Files that its own CMD and ENTRYPOINT start by name.
    pub started: Vec<StartedFile>,
    /// Images and stages that it takes files from: `COPY --from`, `RUN --mount=from=`.
    pub takes: Vec<Take>,
    /// Whether the final stage needs it.
    pub needed: bool,
}

impl Stage {
    /// What this stage itself says, without its bases.
    #[must_use]
    pub fn layer(&self) -> &Arc<Layer> {
        &self.container.layers[0]
    }

    /// How reports name it: its name, or `stage 2` counted from 1.
    #[must_use]
    pub fn label(&self) -> SmolStr {
        match &self.name {
            Some(name) => name.value.clone(),
            None => SmolStr::new(format!("stage {}", self.index + 1)),
        }
    }
}

/// An instruction that sets how the container starts or is watched.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `CMD`, `ENTRYPOINT`, `HEALTHCHECK` or `SHELL`.
    pub keyword: &'static str,
    /// Its command; of HEALTHCHECK NONE: no words.
    pub command: CommandLine,
    /// The whole instruction.
    pub place: Place,
    /// The argument alone (behind keyword and flags).
    pub argument: Place,
    /// Index of the instruction in the file.
    pub order: usize,
    /// Shell form: the text split.
    pub text: Option<ShellText>,
}

/// A script or module that a CMD or ENTRYPOINT starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedFile {
    /// `CMD` or `ENTRYPOINT`.
    pub keyword: &'static str,
    /// The word that names it: `main.py`, `/app/run.sh`, `package.main`.
    pub word: SmolStr,
    /// Absolute paths of the image, one of which has to be there.
    pub paths: Vec<SmolStr>,
    /// Whether no COPY or ADD of the chain brings any of them, copied folders looked into. What a RUN makes, or what a
    /// base image that nobody read holds, is not considered.
    pub nowhere: bool,
}

/// A FROM.
#[derive(Debug, Clone)]
pub struct From {
    /// The whole instruction.
    pub place: Place,
    /// The image as written, before expansion.
    pub written: SmolStr,
    /// The image, expanded.
    pub reference: Value,
    /// The image's words.
    pub reference_place: Place,
    /// `--platform`, expanded.
    pub platform: Option<Spanned<Value>>,
    /// What the image is.
    pub base: Base,
}

/// What a FROM names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// `scratch`.
    Scratch,
    /// An earlier stage, by index.
    Stage(usize),
    /// An image that a Dockerfile of the fleet builds: its path, and the name it was found by.
    Fleet {
        /// Display path of the Dockerfile.
        path: SmolStr,
        /// Name in the hierarchy, or folder name.
        name: SmolStr,
    },
    /// A well-known public image.
    WellKnown(SmolStr),
    /// Any other image.
    External,
    /// The name cannot be told.
    Unknown(Unknown),
}

/// A `COPY --from` or `RUN --mount=from=`.
#[derive(Debug, Clone)]
pub struct Take {
    /// The flag's value.
    pub place: Place,
    /// The text of it.
    pub name: SmolStr,
    /// What it is.
    pub source: TakeSource,
    /// Whether a COPY takes it (a mount only lends).
    pub copies: bool,
    /// Index of the instruction.
    pub order: usize,
}

/// What a `--from` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakeSource {
    /// A stage, by index.
    Stage(usize),
    /// The stage it stands in, or a later one.
    NotYet(usize),
    /// An image.
    Image,
    /// A number beyond the stages.
    Missing,
}

/// One RUN.
#[derive(Debug)]
pub struct Run {
    /// The whole instruction.
    pub place: Place,
    /// Index of the instruction in the file.
    pub order: usize,
    /// Who runs it.
    pub user: Arc<Fact<User>>,
    /// Working directory, when it is certain.
    pub workdir: Value,
    /// `--mount` flags.
    pub mounts: Vec<Mount>,
    /// Exec form: its elements.
    pub exec: Option<Vec<Spanned<SmolStr>>>,
    /// The shell texts: the line itself, its heredoc scripts, and texts behind `sh -c`, in order.
    pub texts: Vec<ShellText>,
}

/// A `--mount` of a RUN.
#[derive(Debug, Clone)]
pub struct Mount {
    /// The flag.
    pub place: Place,
    /// `bind`, `cache`, `tmpfs`, `secret` or `ssh`.
    pub kind: SmolStr,
    /// `target`, expanded; absolute.
    pub target: Value,
    /// `source`.
    pub source: Option<Value>,
    /// `from`.
    pub from: Option<SmolStr>,
    /// `uid` of a cache mount.
    pub uid: Option<SmolStr>,
}
