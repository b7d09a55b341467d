//! One logical line to one instruction: keyword, flags and arguments in the form that the keyword asks for.
//!
//! Reported here is what BuildKit's `parser.Parse` refuses; see `check` for `instructions.Parse`. Heredoc bodies and line
//! numbers are filled in by the driver.

use super::json::{self, Array};
use super::logical::Logical;
use super::words::{self, Range};
use super::{Arguments, Instruction, Keyword, Pair, SyntaxError, SyntaxErrorKind, flags};
use crate::source::Span;

/// How deep ONBUILD is followed: the instruction itself, its trigger, and the end of a (forbidden) chain.
const ONBUILD_DEPTH: u8 = 2;

/// Reads the instruction in a range of a line.
pub(super) fn read<'a>(
    line: &Logical<'a, '_>,
    range: Range,
    escape: u8,
    errors: &mut Vec<SyntaxError>,
) -> Instruction<'a> {
    Reader { line, escape, errors }.instruction(range, ONBUILD_DEPTH)
}

struct Reader<'l, 'a, 't> {
    line: &'l Logical<'a, 't>,
    escape: u8,
    errors: &'l mut Vec<SyntaxError>,
}

impl<'a> Reader<'_, 'a, '_> {
    fn instruction(&mut self, range: Range, depth: u8) -> Instruction<'a> {
        let line = self.line;
        let (start, end) = line.trim(range.0, range.1);
        let (name_end, rest) = words::split_first(line.text, (start, end));
        let keyword = Keyword::from_name(&line.text[start..name_end]);
        let (flags, rest) = flags::read(line, (rest, end));
        let rest = line.trim(rest, end);
        Instruction {
            keyword,
            name: line.cow(start, name_end),
            name_span: line.span(start, name_end),
            span: line.span(start, end),
            lines: (0, 0),
            flags,
            arguments: self.arguments(keyword, rest, depth),
            heredocs: Vec::new(),
            empty_continuations: Vec::new(),
        }
    }

    fn arguments(&mut self, keyword: Keyword, rest: Range, depth: u8) -> Arguments<'a> {
        if rest.0 >= rest.1 {
            return Arguments::None;
        }
        match keyword {
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell => self.json_or_text(rest),
            Keyword::Copy | Keyword::Add | Keyword::Volume => match self.json(rest) {
                Some(members) => members,
                None => self.words(rest),
            },
            Keyword::From | Keyword::Expose => self.words(rest),
            Keyword::Env | Keyword::Label => self.pairs(keyword, rest),
            Keyword::Arg => self.declarations(rest),
            Keyword::Healthcheck => self.health(rest),
            Keyword::Onbuild => self.onbuild(rest, depth),
            Keyword::User
            | Keyword::Workdir
            | Keyword::Stopsignal
            | Keyword::Maintainer
            | Keyword::Unknown => Arguments::Text(self.line.slice(rest.0, rest.1)),
        }
    }

    fn refuse(&mut self, kind: SyntaxErrorKind, message: impl Into<String>, span: Span) {
        self.errors.push(SyntaxError::new(kind, message, span).in_parser());
    }

    /// The JSON form, or `None` for the plain form. An array with other members than strings is an error.
    fn json(&mut self, rest: Range) -> Option<Arguments<'a>> {
        match json::read(self.line.text, rest) {
            Array::Invalid => None,
            Array::Strings(members) => Some(Arguments::Json(
                members.into_iter().map(|member| json::decode(self.line, member)).collect(),
            )),
            Array::NotStrings((start, end)) => {
                let span = self.line.span(start, end);
                self.refuse(SyntaxErrorKind::Other, "the members of a JSON array must all be strings", span);
                None
            }
        }
    }

    fn json_or_text(&mut self, rest: Range) -> Arguments<'a> {
        match self.json(rest) {
            Some(members) => members,
            None => Arguments::Text(self.line.slice(rest.0, rest.1)),
        }
    }

    fn words(&self, rest: Range) -> Arguments<'a> {
        let words = words::plain(self.line.text, rest);
        Arguments::Words(words.map(|(start, end)| self.line.slice(start, end)).collect())
    }

    fn pair(&self, (start, equals): Range, value: Option<Range>, legacy: bool) -> Pair<'a> {
        Pair {
            key: self.line.slice(start, equals),
            value: value.map(|(start, end)| self.line.slice(start, end)),
            legacy,
        }
    }

    fn equals(&self, (start, end): Range) -> Option<usize> {
        memchr::memchr(b'=', &self.line.text.as_bytes()[start..end]).map(|at| start + at)
    }

    fn pairs(&mut self, keyword: Keyword, rest: Range) -> Arguments<'a> {
        let mut words = words::quoted(self.line.text, rest, self.escape).peekable();
        let Some(first) = words.peek() else { return Arguments::None };
        if self.equals(*first).is_none() {
            return self.legacy_pair(keyword, rest);
        }
        let mut pairs = Vec::with_capacity(1);
        for word in words {
            match self.equals(word) {
                Some(at) => pairs.push(self.pair((word.0, at), Some((at + 1, word.1)), false)),
                None => {
                    let text = self.line.cow(word.0, word.1);
                    let message =
                        format!("{} needs name=value, but `{}` has no `=`", keyword.name(), shorten(&text));
                    let span = self.line.span(word.0, word.1);
                    self.refuse(SyntaxErrorKind::MissingEquals, message, span);
                    pairs.push(self.pair(word, None, false));
                }
            }
        }
        Arguments::Pairs(pairs)
    }

    /// `ENV KEY the rest of the line`.
    fn legacy_pair(&mut self, keyword: Keyword, rest: Range) -> Arguments<'a> {
        let (key_end, value) = words::split_first(self.line.text, rest);
        if value >= rest.1 {
            let message = format!("{} needs name=value", keyword.name());
            self.refuse(SyntaxErrorKind::MissingEquals, message, self.line.span(rest.0, key_end));
            return Arguments::Pairs(vec![self.pair((rest.0, key_end), None, false)]);
        }
        Arguments::Pairs(vec![self.pair((rest.0, key_end), Some((value, rest.1)), true)])
    }

    fn declarations(&self, rest: Range) -> Arguments<'a> {
        let words = words::quoted(self.line.text, rest, self.escape);
        let pair = |word: Range| match self.equals(word) {
            Some(at) => self.pair((word.0, at), Some((at + 1, word.1)), false),
            None => self.pair(word, None, false),
        };
        let pairs: Vec<_> = words.map(pair).collect();
        if pairs.is_empty() { Arguments::None } else { Arguments::Pairs(pairs) }
    }

    fn health(&mut self, rest: Range) -> Arguments<'a> {
        let text = &self.line.text[rest.0..rest.1];
        let kind = text.find(char::is_whitespace).map_or(rest.1, |at| rest.0 + at);
        let command = self.line.trim(kind, rest.1);
        let command = if command.0 < command.1 { self.json_or_text(command) } else { Arguments::None };
        Arguments::Health { kind: self.line.slice(rest.0, kind), command: Box::new(command) }
    }

    fn onbuild(&mut self, rest: Range, depth: u8) -> Arguments<'a> {
        let raw = self.line.slice(rest.0, rest.1);
        if depth == 0 {
            return Arguments::Onbuild { raw, inner: None };
        }
        // A chain is refused whatever its length; its end is still read for errors.
        let rest = if depth == 1 { self.chain_end(rest) } else { rest };
        let inner = self.instruction(rest, depth - 1);
        Arguments::Onbuild { raw, inner: Some(Box::new(inner)) }
    }

    fn chain_end(&self, (mut start, end): Range) -> Range {
        loop {
            let (name_end, rest) = words::split_first(self.line.text, (start, end));
            if rest >= end || Keyword::from_name(&self.line.text[start..name_end]) != Keyword::Onbuild {
                return (start, end);
            }
            start = rest;
        }
    }
}

/// The start of a text, for messages.
pub(super) fn shorten(text: &str) -> &str {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

impl SyntaxError {
    /// An error of `instructions.Parse`.
    pub(super) fn new(kind: SyntaxErrorKind, message: impl Into<String>, span: Span) -> Self {
        Self { kind, message: message.into(), span, in_parser: false, at_build: false, related: Vec::new() }
    }

    /// The same as an error of `parser.Parse`.
    pub(super) fn in_parser(self) -> Self {
        Self { in_parser: true, ..self }
    }

    /// The same as an error that only the build shows.
    pub(super) fn at_build(self) -> Self {
        Self { at_build: true, ..self }
    }
}
