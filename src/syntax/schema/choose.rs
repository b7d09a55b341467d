//! Which errors of a schema say what is wrong: of the branches of `oneOf` and `anyOf` the one that was meant.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use smol_str::SmolStr;

/// One thing that is wrong.
pub(super) enum Leaf<'a> {
    /// An error of the library that has no branches.
    Error(ValidationError<'a>),
    /// No branch takes a value of this type; all types that some branch takes.
    Types { path: Vec<SmolStr>, wanted: Vec<JsonType> },
    /// Several branches take the value, and only one may.
    Ambiguous { path: Vec<SmolStr> },
}

/// The leaves of all errors.
pub(super) fn leaves<'a>(errors: impl Iterator<Item = ValidationError<'a>>) -> Vec<Leaf<'a>> {
    let mut leaves = Vec::new();
    let mut open: Vec<ValidationError<'a>> = errors.collect();
    open.reverse();
    while let Some(error) = open.pop() {
        let here = error.instance_path().as_str();
        match branches(error.kind()) {
            None => leaves.push(Leaf::Error(error)),
            Some([]) => leaves.push(Leaf::Ambiguous { path: path(&error) }),
            Some(context) => match meant(context, here) {
                None => leaves.push(Leaf::Types { path: path(&error), wanted: types(context, here) }),
                Some(at) => open.extend(take(error, at)),
            },
        }
    }
    leaves
}

/// The keys and indices that lead to the value that an error is about.
pub(super) fn path(error: &ValidationError<'_>) -> Vec<SmolStr> {
    error.instance_path().segments().map(|segment| SmolStr::new(segment.to_string())).collect()
}

/// The errors of each branch; none when several branches fit.
fn branches(kind: &Kind) -> Option<&[Vec<ValidationError<'static>>]> {
    match kind {
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => Some(context),
        Kind::OneOfMultipleValid { .. } => Some(&[]),
        _ => None,
    }
}

/// The errors of one branch.
fn take(error: ValidationError<'_>, at: usize) -> Vec<ValidationError<'static>> {
    match error.into_parts().kind {
        Kind::OneOfNotValid { mut context } | Kind::AnyOf { mut context } => context.swap_remove(at),
        _ => Vec::new(),
    }
}

/// The branch that was meant: it takes the type of the value, and what it finds wrong lies deepest; of equals the one
/// with the fewest errors. `None` when no branch takes the type.
fn meant(context: &[Vec<ValidationError<'static>>], here: &str) -> Option<usize> {
    let depth = |errors: &[ValidationError<'_>]| {
        errors.iter().map(|error| error.instance_path().segments().count()).max().unwrap_or(0)
    };
    let fitting = context.iter().enumerate().filter(|(_, errors)| !refuses_type(errors, here));
    let best = fitting.max_by_key(|(_, errors)| (depth(errors), std::cmp::Reverse(errors.len())));
    best.map(|(at, _)| at)
}

/// Whether a branch cannot take the value at all: its type is wrong, in each of its own branches.
fn refuses_type(errors: &[ValidationError<'_>], here: &str) -> bool {
    let at_here = |error: &&ValidationError<'_>| error.instance_path().as_str() == here;
    let mut own = errors.iter().filter(at_here);
    own.any(|error| match error.kind() {
        Kind::Type { .. } => true,
        // A schema nests branches in branches once or twice.
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => context.iter().all(|inner| {
            inner.iter().any(|error| {
                matches!(error.kind(), Kind::Type { .. }) && error.instance_path().as_str() == here
            })
        }),
        _ => false,
    })
}

/// Every type that some branch takes here.
fn types(context: &[Vec<ValidationError<'static>>], here: &str) -> Vec<JsonType> {
    let mut found: Vec<JsonType> = Vec::new();
    let mut open: Vec<&ValidationError<'_>> = context.iter().flatten().collect();
    while let Some(error) = open.pop() {
        if error.instance_path().as_str() != here {
            continue;
        }
        match error.kind() {
            Kind::Type { kind: TypeKind::Single(kind) } => found.push(*kind),
            Kind::Type { kind: TypeKind::Multiple(kinds) } => found.extend(kinds.iter()),
            Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
                open.extend(context.iter().flatten())
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
