//! The plan: TOML, packs and Markdown tables in, one resolved [`Plan`] out, every value with the place that says it.
//!
//! Reads the plan's own files and nothing else. Knows no rule; a mistake in the plan's own form is an error of the call
//! (exit 2), a contradiction between its values is a finding of the `plan-contradiction` rule.
//!
//! [`load`] lays the files over each other in the order of `extends` (`sections`, `services`), adds the rows of the
//! Markdown table (`table`) and what the Markdown states beside it (`stated`), and turns names into indices (`resolve`).
//! [`import`] goes the other way round: a Markdown plan in, TOML out.
//! [`PlanIndex`] says which row a Dockerfile belongs to.

mod cells;
mod deploy;
mod draft;
mod endpoints;
mod error;
mod fields;
mod import;
mod index;
mod load;
mod names;
mod packs;
mod policy;
mod profile;
mod resolve;
mod rulesets;
mod schema;
mod sections;
mod services;
mod show;
mod stated;
mod table;
mod tag;
mod toml;
pub mod toml_text;
mod types;
mod values;

pub use cells::{cell_text, is_cell};
pub use endpoints::endpoint_contracts;
pub use error::PlanError;
pub use import::{ImportRequest, Imported, import};
pub use index::{PlanIndex, hierarchy_of, image_of_reference, service_of};
pub use load::{KnownRule, PlanRequest, load};
pub use names::{folder_of, join, normalise};
pub use packs::{PACK_PREFIX, PACKS, pack};
pub use profile::{Profile, ProfileFault};
pub use rulesets::{RULESETS, Rulesets};
pub use schema::plan_schema;
pub use show::show;
pub use tag::TagPattern;
pub use types::*;
pub use values::{date, duration_ms, torch_arch};

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use testing::{load_files, load_text};
