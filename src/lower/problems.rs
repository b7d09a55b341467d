//! Syntax errors of a tree as problems of the build, each for the rule that reports it.

use std::sync::Arc;

use crate::model::{Problem, ProblemKind};
use crate::source::{Place, Source};
use crate::syntax::dockerfile::{Dockerfile, SyntaxErrorKind};

/// All problems that the text alone shows.
pub(crate) fn of_tree(tree: &Dockerfile<'_>, source: &Arc<Source>) -> Vec<Problem> {
    let place = |span| Place::new(source, span);
    let errors = tree.errors.iter().map(|error| {
        let kind = match error.kind {
            SyntaxErrorKind::LostContinuation => ProblemKind::LostContinuation,
            SyntaxErrorKind::UnknownInstruction => ProblemKind::UnknownInstruction,
            _ => ProblemKind::Syntax,
        };
        let insert = (kind == ProblemKind::LostContinuation)
            .then(|| smol_str::SmolStr::new(format!(" {}", char::from(tree.escape))));
        Problem {
            kind,
            message: error.message.clone(),
            place: place(error.span),
            related: error
                .related
                .iter()
                .map(|span| (place(*span), "this line is orphaned".into()))
                .collect(),
            insert,
        }
    });
    let templates = tree.templates.iter().map(|span| Problem {
        kind: ProblemKind::Template,
        message: format!("an unrendered template stands here: `{}`", place(*span).text()),
        place: place(*span),
        related: Vec::new(),
        insert: None,
    });
    errors.chain(templates).collect()
}
