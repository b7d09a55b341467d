//! Redirections and the bodies of heredocs.

use super::parser::{Parser, span};
use super::tree::{Dialect, Redirection};
use super::word::Role;

impl Parser<'_> {
    pub(super) fn heredoc_bodies(&mut self) {
        let from = self.frame.heredocs_from;
        if self.heredocs.len() <= from {
            return;
        }
        for index in self.heredocs.split_off(from) {
            let Some(redirection) = self.out.redirections.get_mut(index) else { continue };
            let start = self.at;
            let (end, behind) = heredoc_end(&self.bytes[..self.limit], start, redirection);
            redirection.body = Some(span(start, end));
            self.at = behind;
        }
    }

    /// `<(cmd)` or `>(cmd)` at the start of a word.
    pub(super) fn process_substitution(&mut self) {
        if self.dialect == Dialect::Bash {
            self.begin_word(Role::Word, self.at);
            self.substitution(self.at, self.at + 1);
        } else {
            self.redirection(None, self.at);
        }
    }

    /// A redirection whose descriptor (already read) starts at `start`; `at` points at its operator.
    pub(super) fn redirection(&mut self, descriptor: Option<u32>, start: usize) {
        let operator = self.redirection_operator();
        self.at += operator.len();
        self.skip_blanks();
        self.begin_word(Role::Redirection { operator, descriptor }, start);
        let next = self.byte(self.at);
        if self.dialect == Dialect::Bash
            && matches!(next, Some(b'<' | b'>'))
            && self.byte(self.at + 1) == Some(b'(')
        {
            self.substitution(self.at, self.at + 1);
        }
    }

    fn redirection_operator(&self) -> &'static str {
        let bash = self.dialect == Dialect::Bash;
        let byte = |offset| self.byte(self.at + offset).unwrap_or(0);
        match (byte(0), byte(1), byte(2)) {
            (b'<', b'<', b'<') if bash => "<<<",
            (b'<', b'<', b'-') => "<<-",
            (b'<', b'<', _) => "<<",
            (b'<', b'>', _) => "<>",
            (b'<', b'&', _) => "<&",
            (b'<', ..) => "<",
            (b'&', b'>', b'>') => "&>>",
            (b'&', ..) => "&>",
            (_, b'>', _) => ">>",
            (_, b'|', _) => ">|",
            (_, b'&', _) => ">&",
            _ => ">",
        }
    }
}

/// Where the body ends that starts at `start`, and where the line behind its end word starts.
fn heredoc_end(bytes: &[u8], start: usize, redirection: &Redirection) -> (usize, usize) {
    let word = redirection.target.text.as_bytes();
    let mut at = start.min(bytes.len());
    while at < bytes.len() {
        let end = at + memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
        let mut line = &bytes[at..end];
        while redirection.operator == "<<-" && line.first() == Some(&b'\t') {
            line = &line[1..];
        }
        if line == word {
            return (at, (end + 1).min(bytes.len()));
        }
        at = (end + 1).min(bytes.len());
    }
    (at, at)
}
