//! Syntax errors of a tree as problems of the build, each for the rule that reports it.

use std::sync::Arc;

use crate::model::{Problem, ProblemKind};
use crate::source::{Place, Source, Span};
use crate::syntax::dockerfile::{Dockerfile, SyntaxError, SyntaxErrorKind};

/// All problems that the text alone shows.
pub(crate) fn of_tree(tree: &Dockerfile<'_>, source: &Arc<Source>) -> Vec<Problem> {
    let place = |span| Place::new(source, span);
    // A template that stands for words makes their number wrong; the template is the cause, and it is reported.
    let templated = |error: &SyntaxError| {
        let line = |span: Span| source.lines().line_of(span.start);
        error.kind != SyntaxErrorKind::LostContinuation
            && tree.templates.iter().any(|template| line(*template) == line(error.span))
    };
    let errors = tree.errors.iter().filter(|error| !templated(error)).map(|error| {
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
