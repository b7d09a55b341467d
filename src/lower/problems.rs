//! Syntax errors of a tree as problems of the build, each for the rule that reports it.

use std::sync::Arc;

use crate::model::{Problem, ProblemKind};
use crate::source::{Place, Source, Span};
use crate::syntax::dockerfile::{Arguments, Dockerfile, Keyword, SyntaxError, SyntaxErrorKind};

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
        if let Some(problem) = lost_health(tree, error, source) {
            return problem;
        }
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

/// A HEALTHCHECK that holds nothing but flags, with an indented CMD below it: its `\` is lost. BuildKit takes the CMD for
/// the container's.
fn lost_health(tree: &Dockerfile<'_>, error: &SyntaxError, source: &Arc<Source>) -> Option<Problem> {
    if error.kind != SyntaxErrorKind::Other {
        return None;
    }
    let at = tree.instructions.binary_search_by_key(&error.span.start, |it| it.name_span.start).ok()?;
    let (health, next) = (&tree.instructions[at], tree.instructions.get(at + 1)?);
    let bare =
        health.keyword == Keyword::Healthcheck && !matches!(health.arguments, Arguments::Health { .. });
    let indented = next.span.start > source.lines().span_of(next.lines.0, source.bytes()).start;
    if !bare || next.keyword != Keyword::Cmd || next.lines.0 != health.lines.1 + 1 || !indented {
        return None;
    }
    let last = health.flags.last().map_or(health.name_span, |flag| flag.raw.span);
    let escape = char::from(tree.escape);
    Some(Problem {
        kind: ProblemKind::LostContinuation,
        message: format!("this line lacks its `{escape}`: the CMD that follows belongs to HEALTHCHECK"),
        place: Place::new(source, last),
        related: vec![(Place::new(source, next.span), "this line is orphaned".into())],
        insert: Some(smol_str::SmolStr::new(format!(" {escape}"))),
    })
}
