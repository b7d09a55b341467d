//! Findings: what a rule says, and what happens to it before it is reported.
//!
//! Knows places and severities; knows no rule's logic and no output format.

mod types;

pub use types::*;
