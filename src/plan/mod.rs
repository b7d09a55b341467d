//! The plan: TOML, packs and Markdown tables in, one resolved [`Plan`] out, every value with the place that says it.
//!
//! Reads the plan's own files and nothing else. Knows no rule; a mistake in the plan's own form is an error of the call
//! (exit 2), a contradiction between its values is a finding of the `plan-contradiction` rule.

mod index;
mod names;
mod types;
pub use index::*;
pub use names::*;

pub use types::*;
