//! Workflow files of GitHub Actions: which images they build, from what, and under which tags they push them.

use std::sync::Arc;

use crate::model::Workflow;
use crate::source::Source;
use crate::syntax::yaml::Stream;

/// Reads one workflow. Never fails: what is wrong is a problem of the result.
#[must_use]
pub fn workflow(source: &Arc<Source>, stream: Stream) -> Workflow {
    let tree = stream.documents.into_iter().next().map(|document| document.root);
    Workflow { source: Arc::clone(source), tree, problems: stream.problems, builds: Vec::new() }
}
