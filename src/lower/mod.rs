//! Syntax trees to facts: what the instructions of a Dockerfile mean for the container that will run.
//!
//! Trees and views of the file system come in (as traits, so that nothing here does I/O itself), [`crate::model::Build`]s
//! come out. Nothing here knows a plan's policy or a rule.

pub mod context;
mod memory_files;
pub mod probe;
mod scope;

pub use memory_files::MemoryFiles;
pub use scope::*;
