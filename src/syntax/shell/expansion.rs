//! What starts with `$` or a backtick in a word, and what nests there.

use smol_str::SmolStr;

use super::class::{is_name, starts_name};
use super::parser::{Kind, Parser, span};
use super::skip::skip;
use super::tree::{Dialect, Variable};
use super::word::Mode;

impl Parser<'_> {
    /// A `$` at [`Parser::at`].
    pub(super) fn dollar(&mut self, quoted: bool) {
        let at = self.at;
        let bash = self.dialect == Dialect::Bash && !quoted && self.word.raw == 0;
        match self.byte(at + 1) {
            Some(b'(') if self.byte(at + 2) == Some(b'(') => self.arithmetic(),
            Some(b'(') => self.substitution(at, at + 1),
            Some(b'{') => self.parameter(quoted),
            Some(b'\'') if bash => self.ansi_quoted(),
            Some(b'"') if bash => self.at += 1,
            Some(byte) if starts_name(byte) => {
                let mut end = at + 1;
                while self.byte(end).is_some_and(is_name) {
                    end += 1;
                }
                self.variable(end, quoted);
            }
            Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => {
                self.variable(at + 2, quoted)
            }
            _ => self.take(at, at + 1),
        }
    }

    fn variable(&mut self, end: usize, quoted: bool) {
        let start = self.at;
        self.word.uncertain = true;
        if self.word.raw == 0 {
            let from = (self.buffer.len() - self.word.text_from) as u32;
            self.word.variables.push(Variable {
                name: SmolStr::new(&self.text[start + 1..end]),
                at: (from, from + (end - start) as u32),
                modifier: SmolStr::default(),
                quoted,
            });
        }
        self.take(start, end);
    }

    fn parameter(&mut self, quoted: bool) {
        let start = self.at;
        if self.is_full() {
            return self.skip_part(start, start + 1, true);
        }
        let mut at = start + 2;
        let prefixed = matches!(self.byte(at), Some(b'#' | b'!'));
        if prefixed && self.byte(at + 1).is_some_and(|byte| is_name(byte) || matches!(byte, b'@' | b'*')) {
            at += 1;
        }
        let name = at;
        while self.byte(at).is_some_and(is_name) {
            at += 1;
        }
        if at == name && matches!(self.byte(at), Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')) {
            at += 1;
        }
        // In double quotes `'` is ordinary, except in the patterns of `#`, `%` and `/`; to bash it is a quote everywhere.
        let posix = self.dialect == Dialect::Posix;
        let apostrophe = quoted && posix && !matches!(self.byte(at), Some(b'#' | b'%' | b'/'));
        self.open_mode(
            Mode::Parameter { start, name: (name, at), modifier: at, quoted, apostrophe },
            start,
            at,
        );
    }

    /// `$((`: arithmetic when two brackets close it together, otherwise a substitution that starts with a subshell.
    fn arithmetic(&mut self) {
        let start = self.at;
        match skip(self.bytes, start + 2, self.limit, false) {
            None => self.fail(start),
            Some(end) if self.byte(end) != Some(b')') => self.substitution(start, start + 1),
            Some(_) if self.is_full() => self.skip_part(start, start + 1, false),
            Some(end) => self.open_mode(Mode::Arithmetic { end: end + 1 }, start, start + 3),
        }
    }

    /// `$(`, `<(` or `>(` at `start` with its bracket at `bracket`.
    pub(super) fn substitution(&mut self, start: usize, bracket: usize) {
        self.word.substitution = true;
        if self.is_full() {
            self.skip_part(start, bracket, false);
        } else {
            self.open_substitution(Kind::Substitution, start, bracket + 1, self.limit);
        }
    }

    /// Backticks end at the next backtick that is not escaped. Nested ones (escaped) are not split.
    pub(super) fn backtick(&mut self) {
        let start = self.at;
        let mut at = start + 1;
        let mut nested = false;
        loop {
            match self.byte(at) {
                None => return self.fail(start),
                Some(b'`') => break,
                Some(b'\\') => {
                    nested |= self.byte(at + 1) == Some(b'`');
                    at += 2;
                }
                Some(_) => at += 1,
            }
        }
        self.word.substitution = true;
        if nested || self.is_full() {
            self.out.opaque.push(span(start, at + 1));
            self.word.uncertain = true;
            self.take(start, at + 1);
        } else {
            self.open_substitution(Kind::Backtick, start, start + 1, at);
        }
    }

    /// A substitution that started at `start` has ended at [`Parser::at`]. Without any command in it, it leaves nothing.
    pub(super) fn end_substitution(&mut self, start: usize, vanishes: bool) {
        self.word.uncertain = true;
        if vanishes && self.modes.len() == self.word.modes_from {
            self.word.vanished += self.at - start;
        }
        self.take(start, self.at);
    }

    /// Takes a part of the word that is nested too deep as written, from `start` to what closes `bracket`.
    pub(super) fn skip_part(&mut self, start: usize, bracket: usize, parameter: bool) {
        let Some(end) = skip(self.bytes, bracket, self.limit, parameter) else { return self.fail(start) };
        self.word.uncertain = true;
        self.out.opaque.push(span(start, end));
        self.take(start, end);
    }

    /// Bash's `$'…'`.
    fn ansi_quoted(&mut self) {
        let start = self.at;
        let mut at = start + 2;
        self.word.quoted = true;
        loop {
            let from = at;
            while self.byte(at).is_some_and(|byte| !matches!(byte, b'\'' | b'\\')) {
                at += 1;
            }
            self.buffer.push_str(&self.text[from..at]);
            match self.byte(at) {
                None => return self.fail(start),
                Some(b'\\') => at = super::ansi::escape(self.text, at, self.limit, &mut self.buffer),
                Some(_) => break,
            }
        }
        self.at = at + 1;
    }

    pub(super) fn open_mode(&mut self, mode: Mode, start: usize, inner: usize) {
        if self.word.raw == 0 {
            self.word.raw_from = start;
        }
        self.word.raw += 1;
        self.word.uncertain = true;
        self.modes.push(mode);
        self.at = inner;
    }

    pub(super) fn close_mode(&mut self, length: usize) {
        self.at += length;
        let mode = self.modes.pop();
        self.word.raw = self.word.raw.saturating_sub(1);
        if self.word.raw > 0 {
            return;
        }
        let from = self.buffer.len() - self.word.text_from;
        self.take(self.word.raw_from, self.at);
        if let Some(Mode::Parameter { start, name, modifier, quoted, .. }) = mode {
            let (from, to) = (from as u32, (from + self.at - start) as u32);
            let prefix = &self.text[start + 2..name.0];
            let modifier = if prefix.is_empty() { &self.text[modifier..self.at - 1] } else { prefix };
            let name = SmolStr::new(&self.text[name.0..name.1]);
            self.word.variables.push(Variable {
                name,
                at: (from, to),
                modifier: SmolStr::new(modifier),
                quoted,
            });
        }
    }

    /// In `${`, `$((` or an array: only what nests matters, the text is taken as written at its end.
    pub(super) fn raw_step(&mut self, mode: Mode) {
        let Some(byte) = self.byte(self.at) else { return self.fail(self.at) };
        match (byte, mode) {
            (b'}', Mode::Parameter { .. }) | (b')', Mode::Array) => self.close_mode(1),
            (b'\\', _) => self.at = (self.at + 2).min(self.limit),
            (b'$', Mode::Parameter { quoted, .. }) => self.dollar(quoted),
            (b'$', _) => self.dollar(false),
            (b'`', _) => self.backtick(),
            (b'\'', Mode::Parameter { apostrophe: true, .. }) | (_, Mode::Arithmetic { .. }) => self.at += 1,
            (b'\'', _) => self.single_quoted(),
            (b'"', _) => self.open_quote(),
            (b'#', Mode::Array) if self.bytes[self.at - 1].is_ascii_whitespace() => self.comment(),
            _ => self.at += 1,
        }
    }
}
