//! Shell command lines as far as policy needs them: text in, a flat list of simple commands with spans out.

mod tree;

pub use tree::*;

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
