//! Shell command lines as far as policy needs them: text in, a flat list of simple commands with spans out.

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

/// Options of `set` in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShellOptions {
    /// `-e`
    pub errexit: bool,
    /// `-o pipefail`
    pub pipefail: bool,
    /// `-u`
    pub nounset: bool,
    /// `-x`
    pub xtrace: bool,
}

/// The words behind wrappers such as `sudo`.
#[must_use]
pub fn unwrap(words: &[Word]) -> &[Word] {
    words
}

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
