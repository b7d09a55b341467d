//! Dockerfile syntax as BuildKit reads it: bytes in, a lossless tree with spans and errors out.
//!
//! Nothing of stages, variables or policy is known here; see `lower` for what the instructions mean.

mod check;
mod directives;
mod dump;
mod duration;
mod flags;
mod heredoc;
mod instruction;
mod json;
mod keyword;
mod lines;
mod logical;
mod lost;
mod mount;
mod parse;
mod shell_words;
mod templates;
mod tree;
mod words;

pub use dump::{dump, dump_recovered};
pub use parse::parse;
pub use tree::*;
