//! The shell words of a line, as far as heredocs need them: text in, words with their ranges out.
//!
//! BuildKit: `shell/lex.go` with no variable set, so `$` parts stay as written. Nothing of heredocs is known here but that
//! `<<` takes the blanks behind it into its word.

use super::words::Range;

/// The words, or `None` when a quote or a `${` is not closed or not valid. Quotes and escapes are kept on demand.
pub(super) fn words(text: &str, raw_quotes: bool, raw_escapes: bool) -> Option<Vec<(String, Range)>> {
    Lexer::new(text, raw_quotes, raw_escapes).run()
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
