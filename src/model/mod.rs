//! What is known about builds and containers: facts with provenance, whatever input they came from.
//!
//! Plain data and the questions rules ask of it. Nothing here parses, reads files or knows a plan.

mod build;
mod command;
mod container;
mod effective;
mod fact;
mod install;
mod known_base;
mod reading;
mod shell_text;

pub use build::*;
pub use command::*;
pub use container::*;
pub use fact::*;
pub use install::*;
pub use known_base::*;
pub use reading::*;
pub use shell_text::*;
