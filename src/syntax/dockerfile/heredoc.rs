//! Finds here-document words: a logical line in, the words that open heredocs out.
//!
//! BuildKit lexes the whole line, keyword and flags included, with `shell/lex.go`: escape `\` always, quotes and escapes
//! kept, unset variables left alone. When that fails there are no heredocs. The bodies are read by the driver.

use super::words::{Range, width};

/// A word that opens a heredoc.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) range: Range,
    pub(super) name: String,
    pub(super) expand: bool,
    pub(super) strip_tabs: bool,
    pub(super) descriptor: Option<u32>,
}

/// The heredocs that a line opens, in order.
pub(super) fn openings(text: &str) -> Vec<Opening> {
    let words = Lexer::new(text, true, true).run().unwrap_or_default();
    words.into_iter().filter_map(|(word, range)| opening(&word, range)).collect()
}

/// Whether one argument is a heredoc word.
pub(super) fn is_opening(word: &str) -> bool {
    word.contains("<<") && opening(word, (0, 0)).is_some()
}

/// `^(\d*)<<(-?)\s*([^<]*)$`, and the last part one non-empty word.
fn opening(word: &str, range: Range) -> Option<Opening> {
    let (digits, rest) = word.split_once("<<")?;
    if rest.contains('<') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (rest, strip_tabs) = match rest.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let rest = rest.trim_start_matches(['\t', '\n', '\x0C', '\r', ' ']);
    let mut names = Lexer::new(rest, false, false).run()?;
    let mut raw = Lexer::new(rest, true, false).run()?;
    let (Some((name, _)), Some((quoted, _))) = (names.pop(), raw.pop()) else { return None };
    if !names.is_empty() || !raw.is_empty() {
        return None;
    }
    let quotes = |text: &str| text.bytes().filter(|byte| matches!(byte, b'\'' | b'"')).count();
    let descriptor = digits.parse().ok();
    Some(Opening { range, expand: quotes(&name) == quotes(&quoted), name, strip_tabs, descriptor })
}

/// What the lexer is inside of; on a stack of its own instead of the program's.
#[derive(Clone, Copy)]
enum Frame {
    /// `"…"`.
    Double,
    /// `${name<modifier>…}`; whether escapes are kept.
    Brace { raw: bool },
    /// The part of `${name/…/…}` up to the second slash.
    Pattern,
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    raw_quotes: bool,
    raw_escapes: bool,
    stack: Vec<Frame>,
    /// What stands for the quoted or `$` part that is being read.
    part: String,
    /// Whether that part is split at blanks (`$`) or not (quotes).
    part_splits: bool,
    word: String,
    word_start: usize,
    in_word: bool,
    words: Vec<(String, Range)>,
}

impl<'t> Lexer<'t> {
    fn new(text: &'t str, raw_quotes: bool, raw_escapes: bool) -> Self {
        Self {
            text,
            at: 0,
            raw_quotes,
            raw_escapes,
            stack: Vec::new(),
            part: String::new(),
            part_splits: false,
            word: String::new(),
            word_start: 0,
            in_word: false,
            words: Vec::new(),
        }
    }

    /// The words, or `None` when a quote or a `${` is not closed or not valid.
    fn run(mut self) -> Option<Vec<(String, Range)>> {
        while self.at < self.text.len() {
            match self.stack.last().copied() {
                None => self.outside()?,
                Some(Frame::Double) => self.double()?,
                Some(frame) => self.brace(frame)?,
            }
        }
        if !self.stack.is_empty() {
            return None;
        }
        self.end_word(self.text.len());
        Some(self.words)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn keep(&mut self, character: char, from: usize) {
        if self.word.is_empty() {
            self.word_start = from;
        }
        self.word.push(character);
        self.in_word = true;
    }

    fn end_word(&mut self, end: usize) {
        if !self.word.is_empty() {
            // Most words are no heredocs; their text is of no use.
            let text = std::mem::take(&mut self.word);
            self.words.push((text, (self.word_start, end)));
            self.in_word = false;
        }
    }

    fn add(&mut self, character: char, from: usize) {
        if !character.is_whitespace() {
            self.keep(character, from);
        } else if self.in_word {
            self.end_word(from);
        }
    }

    fn outside(&mut self) -> Option<()> {
        let from = self.at;
        let character = self.next()?;
        match character {
            '$' => {
                self.part_splits = true;
                self.dollar()?;
                self.end_part(from);
            }
            '\'' => {
                self.part_splits = false;
                self.single()?;
                self.end_part(from);
            }
            '"' => {
                self.part_splits = false;
                if self.raw_quotes {
                    self.part.push('"');
                }
                self.word_start = if self.word.is_empty() { from } else { self.word_start };
                self.stack.push(Frame::Double);
            }
            '<' => self.less_than(from),
            '\\' => {
                if self.raw_escapes {
                    self.keep('\\', from);
                }
                if let Some(escaped) = self.next() {
                    self.keep(escaped, from);
                }
            }
            other => self.add(other, from),
        }
        Some(())
    }

    /// `<<` takes the blanks behind it into the word.
    fn less_than(&mut self, from: usize) {
        self.keep('<', from);
        if self.peek() != Some('<') {
            return;
        }
        self.at += 1;
        self.keep('<', from);
        while let Some(blank) = self.peek().filter(|it| it.is_whitespace()) {
            self.at += blank.len_utf8();
            self.keep(blank, from);
        }
    }

    /// Hands a finished quoted or `$` part to the word, when nothing encloses it.
    fn end_part(&mut self, from: usize) {
        if !self.stack.is_empty() {
            self.word_start = if self.word.is_empty() { from } else { self.word_start };
            return;
        }
        let part = std::mem::take(&mut self.part);
        if self.part_splits {
            for character in part.chars() {
                self.add(character, from);
            }
        } else {
            if self.word.is_empty() {
                self.word_start = from;
            }
            self.word.push_str(&part);
            self.in_word = true;
        }
    }

    fn pop(&mut self) {
        self.stack.pop();
        let from = self.word_start;
        self.end_part(from);
    }

    /// The rest of `'…'`.
    fn single(&mut self) -> Option<()> {
        let length = memchr::memchr(b'\'', &self.text.as_bytes()[self.at..])?;
        let inside = &self.text[self.at..self.at + length];
        if self.raw_quotes {
            self.part.push('\'');
        }
        self.part.push_str(inside);
        if self.raw_quotes {
            self.part.push('\'');
        }
        self.at += length + 1;
        Some(())
    }

    /// Whether escapes are kept in the innermost enclosing part.
    fn keeps_escapes(&self) -> bool {
        let brace = self.stack.iter().rev().find_map(|frame| match frame {
            Frame::Double => None,
            Frame::Brace { raw } => Some(*raw),
            Frame::Pattern => Some(true),
        });
        brace.unwrap_or(self.raw_escapes)
    }

    fn double(&mut self) -> Option<()> {
        match self.next()? {
            '"' => {
                if self.raw_quotes {
                    self.part.push('"');
                }
                self.pop();
            }
            '$' => self.dollar()?,
            '\\' => {
                if self.keeps_escapes() {
                    self.part.push('\\');
                }
                match self.peek() {
                    None => return None,
                    Some(escaped @ ('"' | '$' | '\\')) => {
                        self.at += 1;
                        self.part.push(escaped);
                    }
                    Some(_) => self.part.push('\\'),
                }
            }
            other => self.part.push(other),
        }
        Some(())
    }

    fn brace(&mut self, frame: Frame) -> Option<()> {
        let (stop, raw) = match frame {
            Frame::Brace { raw } => ('}', raw),
            _ => ('/', true),
        };
        match self.next()? {
            character if character == stop => {
                self.part.push(stop);
                if stop == '}' {
                    self.pop();
                } else if let Some(top) = self.stack.last_mut() {
                    *top = Frame::Brace { raw: true };
                }
            }
            '$' => self.dollar()?,
            '\'' => self.single()?,
            '"' => {
                if self.raw_quotes {
                    self.part.push('"');
                }
                self.stack.push(Frame::Double);
            }
            '\\' => {
                if raw {
                    self.part.push('\\');
                }
                let escaped = self.next()?;
                self.part.push(escaped);
            }
            other => self.part.push(other),
        }
        Some(())
    }

    /// What follows a `$`: it stays as written, because no variable is set here.
    fn dollar(&mut self) -> Option<()> {
        self.part.push('$');
        if self.peek() != Some('{') {
            self.name();
            return Some(());
        }
        self.at += 1;
        self.part.push('{');
        if matches!(self.peek()?, '{' | '}' | ':') {
            return None;
        }
        self.name();
        let modifier = self.next()?;
        self.part.push(modifier);
        match modifier {
            '}' => {}
            '/' => {
                self.at += usize::from(self.peek() == Some('/'));
                self.stack.push(Frame::Pattern);
            }
            ':' => {
                let modifier = self.next()?;
                self.part.push(modifier);
                self.stack.push(Frame::Brace { raw: matches!(modifier, '#' | '%') });
            }
            '+' | '-' | '?' | '#' | '%' => {
                self.stack.push(Frame::Brace { raw: matches!(modifier, '#' | '%') });
            }
            _ => return None,
        }
        Some(())
    }

    /// A variable's name: digits, one special character, or letters, digits and `_`.
    fn name(&mut self) {
        let rest = &self.text[self.at..];
        let is_digit = |it: char| it.is_ascii_digit() || (!it.is_ascii() && it.is_numeric());
        let length = match rest.chars().next() {
            Some(first) if is_digit(first) => rest.find(|it| !is_digit(it)).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            Some(_) => rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len()),
            None => 0,
        };
        self.part.push_str(&rest[..length]);
        self.at += length;
    }
}

/// Whether a line can hold a heredoc word at all.
pub(super) fn may_open(text: &str) -> bool {
    let mut bytes = text.as_bytes();
    while let Some(at) = memchr::memchr(b'<', bytes) {
        if bytes.get(at + 1) == Some(&b'<') {
            return true;
        }
        bytes = &bytes[at + width(b'<')..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{is_opening, may_open, openings};

    #[test]
    fn words_that_open_heredocs() {
        let cases: &[(&str, &[(&str, &str, bool, bool, Option<u32>)])] = &[
            ("RUN <<EOF", &[("<<EOF", "EOF", true, false, None)]),
            ("RUN cat <<-'A B' > x", &[("<<-'A B'", "A B", false, true, None)]),
            ("RUN 3<<\"EOF\" x", &[("3<<\"EOF\"", "EOF", false, false, Some(3))]),
            ("RUN << EOF cat", &[("<< EOF", "EOF", true, false, None)]),
            ("COPY <<A <<B /d", &[("<<A", "A", true, false, None), ("<<B", "B", true, false, None)]),
            ("RUN <<\\EOF", &[("<<\\EOF", "EOF", true, false, None)]),
            ("RUN <<$EOF", &[("<<$EOF", "$EOF", true, false, None)]),
            ("RUN cat<<EOF", &[]),
            ("RUN cat <<< x", &[]),
            ("RUN \"<<EOF\"", &[]),
            ("RUN echo $((1<<2))", &[]),
            ("RUN <<''", &[]),
            ("RUN echo ' <<EOF", &[]),
            ("RUN ${{x}} <<EOF", &[]),
            ("RUN ${x:-\"a b\"} ${y/a/b} ${z##*/} <<E", &[("<<E", "E", true, false, None)]),
            ("RUN ${x:-${y:-\"${z}\"}}<<E", &[]),
        ];
        for (line, expected) in cases {
            let found = openings(line);
            let found: Vec<_> = found
                .iter()
                .map(|it| {
                    (&line[it.range.0..it.range.1], it.name.as_str(), it.expand, it.strip_tabs, it.descriptor)
                })
                .collect();
            assert_eq!(found, *expected, "{line}");
        }
        assert!(is_opening("<<EOF") && !is_opening("a<<EOF") && may_open("<x<<") && !may_open("< <"));
    }

    #[test]
    fn deep_nesting_costs_no_stack() {
        let line = "RUN ".to_owned() + &"${a:-".repeat(50_000) + &"}".repeat(50_000) + " <<EOF";
        assert_eq!(openings(&line).len(), 1);
        assert_eq!(openings(&("RUN ".to_owned() + &"\"${a:-".repeat(50_000) + " <<EOF")).len(), 0);
    }
}
