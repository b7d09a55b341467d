//! One word: quotes, escapes, expansions, globs. What nests inside a word (`"`, `${`, `$((`, an array) is a [`Mode`] on
//! a stack; a substitution suspends the word until its commands have been read.

use smol_str::SmolStr;

use super::class::{BLANK, META, class, is_name, starts_name};
use super::parser::{Head, Parser, span};
use super::skip::skip;
use super::tree::{Assignment, Dialect, Redirection, Variable, Word};

/// What a finished word is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Role {
    #[default]
    Word,
    /// In `[[ … ]]`, where operators do not end a word.
    Test,
    /// In the pattern of `case`: read and dropped.
    Pattern,
    Assignment {
        name_end: usize,
        append: bool,
    },
    Redirection {
        operator: &'static str,
        descriptor: Option<u32>,
    },
}

/// What is open inside a word.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mode {
    Quote,
    Parameter { start: usize, name: (usize, usize), modifier: usize, quoted: bool, apostrophe: bool },
    Arithmetic { end: usize },
    Array,
}

/// A word in progress. Its text so far stands in [`Parser::buffer`] behind `text_from`.
#[derive(Debug, Default)]
pub(super) struct WordState {
    pub(super) role: Role,
    pub(super) start: usize,
    pub(super) text_from: usize,
    pub(super) modes_from: usize,
    value_start: usize,
    pub(super) uncertain: bool,
    pub(super) quoted: bool,
    glob: bool,
    pub(super) substitution: bool,
    bracket: bool,
    brace: Option<usize>,
    pub(super) variables: Vec<Variable>,
    /// How many `${`, `$((` and arrays are open: their text is taken as written when the outermost one ends.
    pub(super) raw: u32,
    pub(super) raw_from: usize,
    /// Bytes of text that are substitutions without any command (`` `# note` ``).
    pub(super) vanished: usize,
}

impl Parser<'_> {
    /// Starts a word whose value is at [`Parser::at`]; `start` is where its assignment or redirection starts.
    pub(super) fn begin_word(&mut self, role: Role, start: usize) {
        if role != Role::Pattern {
            self.open_command(start);
        }
        let tilde = self.byte(self.at) == Some(b'~');
        self.word = WordState {
            role,
            start,
            text_from: self.buffer.len(),
            modes_from: self.modes.len(),
            value_start: self.at,
            uncertain: tilde,
            glob: tilde,
            ..WordState::default()
        };
        self.in_word = true;
    }

    /// A word starts at `at`: a reserved word, an assignment, a descriptor, or one for the command.
    pub(super) fn start_word(&mut self) {
        let start = self.at;
        if self.frame.open.is_none() && self.reserved(start) {
            return;
        }
        let end = self.plain_end(start);
        let next = self.byte(end);
        if let Some(descriptor) = self.descriptor(start, end) {
            self.at = end;
            self.redirection(Some(descriptor), start);
            return;
        }
        if self.frame.open.is_none_or(|open| open.words == self.words.len()) && self.assignment(start) {
            return;
        }
        let ends = next.is_none_or(|byte| matches!(class(byte), BLANK | META) && byte != b'(');
        if ends && end > start && self.bytes[start] != b'~' {
            if self.frame.head == Head::None || !self.head_word(start, end) {
                self.push_plain(start, end);
            }
        } else {
            self.begin_word(Role::Word, start);
        }
    }

    /// The number right before a redirection.
    fn descriptor(&self, start: usize, end: usize) -> Option<u32> {
        let fits = self.bytes[start].is_ascii_digit() && end - start <= 5;
        if fits && matches!(self.byte(end), Some(b'<' | b'>')) {
            self.text[start..end].parse().ok()
        } else {
            None
        }
    }

    /// Adds a word that is its own text.
    pub(super) fn push_plain(&mut self, start: usize, end: usize) {
        self.open_command(start);
        self.words.push(Word {
            text: SmolStr::new(&self.text[start..end]),
            span: span(start, end),
            literal: true,
            quoted: false,
            variables: Vec::new(),
            substitution: false,
            glob: false,
        });
        self.end_part(end);
    }

    /// The command reaches to `end` now.
    pub(super) fn end_part(&mut self, end: usize) {
        self.at = end;
        if let Some(open) = &mut self.frame.open {
            open.end = end;
        }
    }

    /// `NAME=`, `NAME+=` or, in bash, `NAME[x]=` at `start`.
    fn assignment(&mut self, start: usize) -> bool {
        if !starts_name(self.bytes[start]) {
            return false;
        }
        let mut at = start;
        while self.byte(at).is_some_and(is_name) {
            at += 1;
        }
        if self.dialect == Dialect::Bash && self.byte(at) == Some(b'[') {
            while self.byte(at).is_some_and(|byte| is_name(byte) || matches!(byte, b'[' | b']' | b'@' | b'$'))
            {
                at += 1;
            }
        }
        let name_end = at;
        let append = self.byte(at) == Some(b'+');
        at += usize::from(append);
        if self.byte(at) != Some(b'=') {
            return false;
        }
        self.at = at + 1;
        self.begin_word(Role::Assignment { name_end, append }, start);
        if self.byte(self.at) == Some(b'(') {
            if self.is_full() {
                self.skip_part(self.at, self.at, false);
            } else {
                self.open_mode(Mode::Array, self.at, self.at + 1);
            }
        }
        true
    }

    /// One step in the word in progress.
    pub(super) fn word_step(&mut self) {
        if self.modes.len() <= self.word.modes_from {
            return self.plain_step();
        }
        match self.modes.last().copied() {
            Some(Mode::Quote) => self.quote_step(),
            Some(Mode::Arithmetic { end }) if self.at >= end => self.close_mode(0),
            Some(mode) => self.raw_step(mode),
            None => self.plain_step(),
        }
    }

    fn plain_step(&mut self) {
        let end = self.plain_end(self.at);
        self.take(self.at, end);
        let Some(byte) = self.byte(end) else { return self.finish_word() };
        match class(byte) {
            BLANK => self.finish_word(),
            META if self.word.role == Role::Test && !matches!(byte, b'\n' | b';') => self.take(end, end + 1),
            META if byte == b'(' && self.is_extended_glob(end) => {
                self.word.glob = true;
                match skip(self.bytes, end, self.limit, false) {
                    Some(close) => self.take(end, close),
                    None => self.fail(end),
                }
            }
            META => self.finish_word(),
            _ => self.special(byte),
        }
    }

    fn is_extended_glob(&self, at: usize) -> bool {
        self.dialect == Dialect::Bash
            && at > self.word.value_start
            && matches!(self.bytes[at - 1], b'?' | b'*' | b'+' | b'@' | b'!')
    }

    fn special(&mut self, byte: u8) {
        let at = self.at;
        match byte {
            b'\\' => return self.escape(),
            b'\'' => return self.single_quoted(),
            b'"' => return self.open_quote(),
            b'$' => return self.dollar(false),
            b'`' => return self.backtick(),
            b'*' | b'?' => self.word.glob = true,
            b'[' => self.word.bracket = true,
            b']' => self.word.glob |= self.word.bracket,
            b'{' => self.word.brace = Some(at),
            _ => {
                if let Some(start) = self.word.brace.take() {
                    let inner = &self.bytes[start + 1..at];
                    self.word.glob |= inner.contains(&b',') || inner.windows(2).any(|pair| pair == b"..");
                }
            }
        }
        self.word.uncertain |= self.word.glob;
        self.take(at, at + 1);
    }

    fn escape(&mut self) {
        let at = self.at;
        match self.byte(at + 1) {
            None => self.take(at, at + 1),
            Some(b'\n') => {
                self.word.quoted = true;
                self.at += 2;
            }
            Some(first) => {
                self.word.quoted = true;
                self.take(at + 1, at + 1 + character_length(first));
            }
        }
    }

    pub(super) fn single_quoted(&mut self) {
        let inner = self.at + 1;
        let Some(length) = memchr::memchr(b'\'', &self.bytes[inner..self.limit]) else {
            return self.fail(self.at);
        };
        self.word.quoted = true;
        self.take(inner, inner + length);
        self.at += 1;
    }

    pub(super) fn open_quote(&mut self) {
        self.word.quoted = true;
        if self.is_full() {
            self.skip_part(self.at, self.at, false);
        } else {
            self.modes.push(Mode::Quote);
            self.at += 1;
        }
    }

    fn quote_step(&mut self) {
        let start = self.at;
        let rest = &self.bytes[start..self.limit];
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'$' | b'`');
        let Some(length) = rest.iter().position(special) else { return self.fail(start) };
        let at = start + length;
        self.take(start, at);
        match (self.bytes[at], self.byte(at + 1)) {
            (b'"', _) => {
                self.modes.pop();
                self.at += 1;
            }
            (b'$', _) => self.dollar(true),
            (b'`', _) => self.backtick(),
            (_, Some(b'$' | b'`' | b'"' | b'\\')) => self.take(at + 1, at + 2),
            (_, Some(b'\n')) => self.at += 2,
            _ => self.take(at, at + 1),
        }
    }

    /// Adds a part of the text to the word and goes on behind it.
    #[inline]
    pub(super) fn take(&mut self, start: usize, end: usize) {
        if self.word.raw == 0 {
            self.buffer.push_str(&self.text[start..end]);
        }
        self.at = end;
    }

    fn finish_word(&mut self) {
        let state = std::mem::take(&mut self.word);
        self.in_word = false;
        let text = SmolStr::new(&self.buffer[state.text_from..]);
        self.buffer.truncate(state.text_from);
        let vanishes = state.vanished > 0 && state.vanished == text.len() && !state.quoted;
        let word = Word {
            span: span(state.value_start, self.at),
            literal: !(state.uncertain || state.glob),
            quoted: state.quoted,
            variables: state.variables,
            substitution: state.substitution,
            glob: state.glob,
            text,
        };
        let whole = span(state.start, self.at);
        match state.role {
            Role::Pattern => return,
            Role::Word | Role::Test if vanishes => return,
            Role::Word | Role::Test => self.words.push(word),
            Role::Assignment { name_end, append } => {
                let name = SmolStr::new(&self.text[state.start..name_end]);
                self.assignments.push(Assignment { name, value: word, append, span: whole });
            }
            Role::Redirection { operator, descriptor } => {
                let body = None;
                self.redirections.push(Redirection { operator, descriptor, target: word, body, span: whole });
            }
        }
        self.end_part(self.at);
    }
}

/// Length of the UTF-8 character that starts with `first`.
fn character_length(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}
