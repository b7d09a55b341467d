//! Shell command lines as far as policy needs them: text in, a flat list of simple commands with spans out.
//!
//! This is a splitter and not a shell: it knows words, quotes, operators, redirections and groups, runs nothing, expands
//! nothing, and calls what it cannot follow *opaque*. It never recurses on its input.

mod ansi;
mod class;
mod compound;
mod context;
mod expansion;
mod group;
mod parser;
mod redirection;
mod skip;
#[cfg(test)]
mod tests;
mod tree;
mod word;
mod wrappers;

pub use context::{
    Directories, ShellOptions, directory_at, options, options_at, shebang_dialect, shell_dialect,
};
pub use tree::*;
pub use wrappers::{command_name, inline_script, unwrap};

/// Splits a text into commands, in one pass and in linear time and memory. Never fails: what cannot be followed is in
/// [`Script::opaque`]. Of unbalanced text, all from the outermost open bracket or quote to the end is opaque.
///
/// Follows the POSIX Shell Command Language (XCU chapter 2), and the bash manual where [`Dialect::Bash`] differs. A text
/// of 4 GiB or more is opaque, because spans have 32 bits.
#[must_use]
pub fn parse(text: &str, dialect: Dialect) -> Script {
    if dialect == Dialect::Other || text.len() >= u32::MAX as usize {
        return parser::Parser::opaque(text);
    }
    parser::Parser::new(text, dialect).run()
}
