//! Syntax trees to facts: what the instructions of a Dockerfile mean for the container that will run.
//!
//! Trees and views of the file system come in (as traits, so that nothing here does I/O itself), [`crate::model::Build`]s
//! come out. Nothing here knows a plan's policy or a rule.

mod bases;
pub mod context;
mod dockerfile;
mod entry;
mod expand;
mod files;
mod image_layers;
mod known_bases;
mod memory_files;
mod pattern;
pub mod probe;
mod problems;
mod run;
mod scope;
mod stage;
mod stubs;
use stubs::{accounts, pip, provides, system_packages};
mod user;
mod variables;

pub use bases::{BaseAnswer, Bases, NoBases};
pub use dockerfile::{Identity, Request, lower, references};
pub use known_bases::is_well_known;
pub use memory_files::MemoryFiles;
pub use scope::*;
