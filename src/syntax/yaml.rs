//! YAML and JSON written by people: text goes in, trees come out whose every node has a place.
//!
//! The only module that knows the YAML library. Types stay open: a scalar keeps its text and style, and each consumer
//! (Compose, Kubernetes, GitHub) resolves it by its own table ([`Scalar::resolve`], [`Node::resolve`]). Nothing here knows
//! what a key means.
//!
//! A document is read in two passes. `record` turns events into a flat list, and counts there what aliases and merge keys
//! would expand to; `build` makes the tree, once it is known to be small enough.

mod build;
mod explain;
mod merge;
mod problems;
mod read;
mod record;
mod resolve;
mod scalar;
mod template;
#[cfg(test)]
mod tests;
mod tree;
mod weight;
mod written;

pub use read::parse;
pub use scalar::{Resolved, Scalar, Style, Typing};
pub use tree::{Document, Entry, Node, Problem, ProblemKind, Properties, Stream, Value, VariableUse};
