//! Dockerfile syntax as BuildKit reads it: bytes in, a lossless tree with spans and errors out.
//!
//! Nothing of stages, variables or policy is known here; see `lower` for what the instructions mean.

mod tree;

pub use tree::*;
