//! COPY and ADD: what is put in, and what was found of it in the build context.

use smol_str::SmolStr;

use super::fact::{Spanned, Unknown, Value};
use crate::source::Place;

/// One COPY or ADD.
#[derive(Debug)]
pub struct Copy {
    /// The whole instruction.
    pub place: Place,
    /// Index of the instruction in the file.
    pub order: usize,
    /// Whether it is ADD.
    pub is_add: bool,
    /// `--from`, expanded as little as BuildKit does (not at all).
    pub from: Option<Spanned<SmolStr>>,
    /// The sources, expanded, with what was found.
    pub sources: Vec<CopySource>,
    /// The destination as written, expanded.
    pub destination: Spanned<Value>,
    /// The destination made absolute by WORKDIR; unknown when that is.
    pub target: Value,
    /// `--chown`.
    pub chown: Option<Spanned<Value>>,
    /// `--chmod`.
    pub chmod: Option<Spanned<Value>>,
}

/// One source of a COPY or ADD.
#[derive(Debug, Clone)]
pub struct CopySource {
    /// The word.
    pub place: Place,
    /// The path or URL, expanded.
    pub path: Value,
    /// What was found in the build context.
    pub found: Found,
}

/// What a COPY source is in the build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there: the paths in the context (a folder counts as itself), at most 16 of a pattern.
    Files(Vec<SmolStr>),
    /// It is there, but the ignore file leaves it out: the pattern's place.
    Ignored(Place),
    /// It is not there. `elsewhere`: where a file of that path does exist, from the repository root.
    Missing {
        /// Paths that end like the source.
        elsewhere: Vec<SmolStr>,
    },
    /// It is no path of the context: a URL, a heredoc, or it comes from another stage or image.
    Outside,
    /// It cannot be told: a variable, a pattern over an unread tree, no context.
    Unknown(Unknown),
}
