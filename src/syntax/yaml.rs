//! YAML and JSON written by people: text goes in, trees come out whose every node has a place.
//!
//! The only module that knows the YAML library. Types stay open: a scalar keeps its text and style, and each consumer
//! (Compose, Kubernetes, GitHub) resolves it by its own table ([`Scalar::resolve`]). Nothing here knows what a key means.

mod read;
mod scalar;
mod tree;

pub use read::parse;
pub use scalar::{Resolved, Scalar, Style, Typing};
pub use tree::{Document, Entry, Node, Problem, ProblemKind, Properties, Stream, Value, VariableUse};
