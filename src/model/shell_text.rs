//! Shell text of a RUN, CMD or health check, split into commands and tied to its file.

use std::sync::Arc;

use crate::source::{Place, Source, Span};
use crate::syntax::shell::{Command, Dialect, Script, ShellOptions, Word};

/// One split shell text: a RUN's line, a heredoc body, or the text behind `sh -c`.
#[derive(Debug, Clone)]
pub struct ShellText {
    /// The commands.
    pub script: Script,
    /// Which shell reads it.
    pub dialect: Dialect,
    /// `set` options in force before its first command.
    pub initial: ShellOptions,
    /// `set` options in force at each command, parallel to `script.commands`.
    pub options: Vec<ShellOptions>,
    /// The file.
    pub source: Arc<Source>,
    /// Where the text is in the file.
    pub span: Span,
    /// How offsets in the text map to the file: (offset in the text, offset in the file), ascending; empty when the text
    /// is one piece starting at `span.start`.
    pub segments: Vec<(u32, u32)>,
    /// Of a text behind `sh -c`: the index, in [`super::Run::texts`], of the text that holds it.
    pub parent: Option<usize>,
}

impl ShellText {
    /// The place of a span of the script.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        if span.start >= span.end {
            let at = self.offset(span.start);
            return Place::new(&self.source, Span::new(at, at));
        }
        Place::new(&self.source, Span::new(self.offset(span.start), self.offset(span.end - 1) + 1))
    }

    fn offset(&self, at: u32) -> u32 {
        match self.segments.partition_point(|(text, _)| *text <= at) {
            0 => self.span.start + at,
            index => {
                let (text, source) = self.segments[index - 1];
                source + (at - text)
            }
        }
    }

    /// The words of a command behind wrappers such as `sudo`, `env` and `exec`.
    #[must_use]
    pub fn command_words(&self, command: &Command) -> &[Word] {
        crate::syntax::shell::unwrap(self.script.words(command))
    }
}
