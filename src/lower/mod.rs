//! Syntax trees to facts: what the instructions of a Dockerfile mean for the container that will run.
//!
//! Trees and views of the file system come in (as traits, so that nothing here does I/O itself), [`crate::model::Build`]s
//! come out. Nothing here knows a plan's policy or a rule.

mod accounts;
mod arguments;
mod calls;
mod expansion;
mod paths;
mod pip;
mod provides;
mod requirements;
mod run_facts;
mod scope;
mod settings;
mod system_packages;
#[cfg(test)]
mod testing;
mod words;

pub use requirements::RequirementsCache;
pub use run_facts::{RunFacts, run_facts};
pub use scope::*;
pub use words::{Field, Words};
