//! Workflow files of GitHub Actions, as far as they build and push images.

use std::sync::Arc;

use smol_str::SmolStr;

use super::fact::{Spanned, Value};
use crate::source::{Place, Source};
use crate::syntax::yaml::{Node, Problem};

/// One workflow file.
#[derive(Debug)]
pub struct Workflow {
    /// The file.
    pub source: Arc<Source>,
    /// The whole document; `None` when it is no YAML.
    pub tree: Option<Node>,
    /// What is wrong with it as YAML.
    pub problems: Vec<Problem>,
    /// The jobs that build images, in order.
    pub builds: Vec<WorkflowBuild>,
}

/// One step that builds images: an action, or a command of a `run` script.
#[derive(Debug)]
pub struct WorkflowBuild {
    /// Name of the job.
    pub job: Spanned<SmolStr>,
    /// Where the build is said: the `uses` of an action, the line of a script.
    pub place: Place,
    /// Lists of `strategy.matrix` in order: name and items, of an item that is a mapping its `name` or first text. Keys that
    /// only `include` says are lists as well.
    pub matrix: Vec<(Spanned<SmolStr>, Vec<Spanned<SmolStr>>)>,
    /// Whether the matrix is computed while the workflow runs.
    pub is_matrix_computed: bool,
    /// Tags as written, expressions left in.
    pub tags: Vec<Spanned<Value>>,
    /// Build context as written.
    pub context: Option<Spanned<SmolStr>>,
    /// Dockerfile as written.
    pub dockerfile: Option<Spanned<SmolStr>>,
    /// `platforms`.
    pub platforms: Vec<Spanned<SmolStr>>,
    /// Where layers are cached (`cache-from`, `cache-to`).
    pub caches: Vec<Spanned<SmolStr>>,
    /// Whether it pushes; a condition that only the run decides counts as yes.
    pub pushes: bool,
    /// What it builds: for each combination of the matrix one image for each tag, or one without a reference. Values of the
    /// matrix and of `env` are put in.
    pub images: Vec<WorkflowImage>,
}

/// One image under one tag.
#[derive(Debug, Clone)]
pub struct WorkflowImage {
    /// Where its tag is said; without one, the build.
    pub place: Place,
    /// The reference; what only the run knows is a `*` in it. `None` without a tag.
    pub reference: Option<SmolStr>,
    /// The reference with an example for each part that only the run knows but whose form is certain (a commit's hash);
    /// `None` when the form of some part is not.
    pub sample: Option<SmolStr>,
    /// Display path of the build context, when it is certain and a folder of the repository.
    pub context: Option<SmolStr>,
    /// Display path of the Dockerfile, when it is certain.
    pub dockerfile: Option<SmolStr>,
    /// The item of each list of the matrix, by position; `None` where the combination has none.
    pub items: Vec<Option<usize>>,
}

impl WorkflowImage {
    /// The reference, when nothing of it is left to the run.
    #[must_use]
    pub fn certain(&self) -> Option<&str> {
        self.reference.as_deref().filter(|reference| !reference.contains('*'))
    }
}

impl Workflow {
    /// Display path of the repository's root, which contexts and files are relative to: the folder that holds `.github`.
    #[must_use]
    pub fn root(&self) -> &str {
        let path = self.source.path();
        match path.find(".github/workflows/") {
            Some(0) => ".",
            Some(at) => path[..at].trim_end_matches('/'),
            None => path.rsplit_once('/').map_or(".", |(folder, _)| folder),
        }
    }
}
