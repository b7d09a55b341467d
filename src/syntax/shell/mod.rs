//! Shell command lines as far as policy needs them: text in, a flat list of simple commands with spans out.
//!
//! This is a splitter and not a shell: it knows words, quotes, operators, redirections and groups, runs nothing, expands
//! nothing, and calls what it cannot follow *opaque*. It never recurses on its input.

mod tree;

pub use tree::*;
