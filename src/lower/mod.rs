//! Syntax trees to facts: what the instructions of a Dockerfile mean for the container that will run.
//!
//! Trees and views of the file system come in (as traits, so that nothing here does I/O itself), [`crate::model::Build`]s
//! come out. Nothing here knows a plan's policy or a rule.

mod accounts;
mod arguments;
mod bases;
mod calls;
pub mod compose;
pub mod context;
mod dockerfile;
mod entry;
mod entry_script;
mod expand;
mod expansion;
mod files;
mod from;
pub mod image;
mod image_layers;
mod images;
mod known_bases;
pub mod kubernetes;
pub mod live;
pub mod lookups;
mod memory_files;
mod overlay;
mod paths;
mod pattern;
mod pip;
pub mod probe;
mod problems;
mod provides;
mod recover;
mod requirements;
mod run;
mod run_facts;
mod scope;
mod settings;
mod stage;
mod started;
mod system_packages;
#[cfg(test)]
mod testing;
mod triggers;
mod user;
mod variables;
mod words;
pub mod workflow;

pub use bases::{BaseAnswer, Bases, NoBases};
pub use dockerfile::{Identity, Request, lower, references};
pub use images::{BuildQuestion, Image, Images, MissingSources, NoImages, outside};
pub use known_bases::is_well_known;
pub use memory_files::MemoryFiles;
pub use requirements::RequirementsCache;
pub use run_facts::{RunFacts, run_facts};
pub use scope::*;
pub use words::{Field, Words};
