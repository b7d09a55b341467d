//! Plimsoll works out what will run in a container fleet and proves where that breaks the fleet's plan.
//!
//! The modules in the order in which data flows; nothing imports anything that stands below it. `ARCHITECTURE.md` has
//! the picture.

pub mod base64;
pub mod nearest;
pub mod parallel;
pub mod path;
pub mod source;
pub mod syntax;

pub mod model;

pub mod lower;

// Does I/O and comes first in time; stands here because it implements `lower::Files`.
pub mod collect;

#[cfg(feature = "registry")]
pub mod registry;

// Asks a local Docker Engine.
#[cfg(feature = "registry")]
pub mod engine;

// Reads images from disk and from registries; makes facts of them as `lower` does of files.
pub mod image;

// Asks endpoints and engines; what they say is read by `lower::live`.
pub mod live;

pub mod finding;
pub mod plan;

pub mod fleet;

pub mod rules;

pub mod settle;

pub mod report;

// Asks the program git, for `--since`.
pub mod git;

pub mod run;

pub mod cli;
