//! Workflow files of GitHub Actions, as far as they build and push images.

use std::sync::Arc;

use smol_str::SmolStr;

use super::fact::{Spanned, Value};
use crate::source::Source;
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

/// One step that builds an image.
#[derive(Debug)]
pub struct WorkflowBuild {
    /// Name of the job.
    pub job: Spanned<SmolStr>,
    /// Lists of `strategy.matrix` in order: name and items.
    pub matrix: Vec<(Spanned<SmolStr>, Vec<Spanned<SmolStr>>)>,
    /// Tags that the step pushes, expressions resolved as far as the matrix and `env` tell.
    pub tags: Vec<Spanned<Value>>,
    /// Build context, with matrix values left as `${{ … }}`.
    pub context: Option<Spanned<SmolStr>>,
    /// Dockerfile.
    pub dockerfile: Option<Spanned<SmolStr>>,
    /// `platforms`.
    pub platforms: Vec<Spanned<SmolStr>>,
    /// Whether it pushes.
    pub pushes: bool,
}
