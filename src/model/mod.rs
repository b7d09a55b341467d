//! What is known about builds and containers: facts with provenance, whatever input they came from.
//!
//! Plain data and the questions rules ask of it. Nothing here parses, reads files or knows a plan.

mod build;
mod command;
mod container;
mod contract;
mod copied;
mod effective;
mod fact;
mod image;
mod image_files;
mod install;
mod known_base;
mod live;
mod live_container;
mod lookups;
mod manifest;
mod project;
mod quantity;
mod reading;
mod shell_text;
mod workflow;
mod workload;

pub use build::*;
pub use command::*;
pub use container::*;
pub use contract::*;
pub use copied::*;
pub use fact::*;
pub use image::*;
pub use image_files::*;
pub use install::*;
pub use known_base::*;
pub use live::*;
pub use live_container::*;
pub use lookups::*;
pub use manifest::*;
pub use project::*;
pub use quantity::Quantity;
pub use reading::*;
pub use shell_text::*;
pub use workflow::*;
pub use workload::*;
