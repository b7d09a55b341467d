//! Syntax trees to facts: what the instructions of a Dockerfile mean for the container that will run.
//!
//! Trees and views of the file system come in (as traits, so that nothing here does I/O itself), [`crate::model::Build`]s
//! come out. Nothing here knows a plan's policy or a rule.

mod expand;
mod known_bases;
mod pattern;
mod scope;
mod user;

pub use scope::*;
