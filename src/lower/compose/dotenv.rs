//! `.env` files: text goes in, names with values come out, in order (compose-go: `dotenv`).

use std::collections::HashMap;

use smol_str::SmolStr;

use super::template::{TemplateError, substitute};

/// One variable of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    /// Its name.
    pub(super) name: SmolStr,
    /// Its value.
    pub(super) value: SmolStr,
    /// The line that gives the value, from 1.
    pub(super) line: u32,
}

/// Names with values in the order of their first line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Variables {
    list: Vec<Variable>,
    index: HashMap<SmolStr, usize>,
}

impl Variables {
    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.index.get(name).map(|at| self.list[*at].value.as_str())
    }

    fn set(&mut self, name: SmolStr, value: SmolStr, line: usize) {
        let variable = Variable { name, value, line: line as u32 };
        match self.index.get(&variable.name) {
            Some(at) => self.list[*at] = variable,
            None => {
                self.index.insert(variable.name.clone(), self.list.len());
                self.list.push(variable);
            }
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Variable> {
        self.list.iter()
    }
}

/// Why a file cannot be read: one sentence, and the line from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DotenvError {
    /// What is wrong.
    pub(super) message: String,
    /// The line.
    pub(super) line: usize,
}

/// Reads a file. `outside` gives variables of the surroundings, which go before what the file says.
///
/// # Errors
/// The first line that is wrong.
pub(super) fn parse(
    text: &str,
    outside: &dyn Fn(&str) -> Option<SmolStr>,
    budget: &mut usize,
) -> Result<Variables, DotenvError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = Reader { text, at: 0, line: 1, found: Variables::default(), outside, budget };
    while reader.statement()? {}
    Ok(reader.found)
}

struct Reader<'r> {
    text: &'r str,
    at: usize,
    line: usize,
    found: Variables,
    outside: &'r dyn Fn(&str) -> Option<SmolStr>,
    budget: &'r mut usize,
}

impl<'r> Reader<'r> {
    fn error<T>(&self, message: impl Into<String>) -> Result<T, DotenvError> {
        Err(DotenvError { message: message.into(), line: self.line })
    }

    fn advance(&mut self, count: usize) {
        let passed = &self.text.as_bytes()[self.at..self.at + count];
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.at += count;
    }

    fn rest(&self) -> &'r str {
        &self.text[self.at..]
    }

    /// Reads one assignment; `false` at the end.
    fn statement(&mut self) -> Result<bool, DotenvError> {
        loop {
            let rest = self.rest();
            self.advance(rest.len() - rest.trim_start().len());
            if !self.rest().starts_with('#') {
                break;
            }
            let end = memchr::memchr(b'\n', self.rest().as_bytes()).unwrap_or(self.rest().len());
            self.advance(end);
        }
        if self.rest().is_empty() {
            return Ok(false);
        }
        if let Some(behind) = self.rest().strip_prefix("export") {
            let blanks = behind.len() - behind.trim_start_matches(is_blank).len();
            if blanks > 0 {
                self.advance("export".len() + blanks);
            }
        }
        let (name, separator) = self.name()?;
        let Some(separator) = separator else {
            // A name alone takes its value from the surroundings.
            if let Some(value) = (self.outside)(&name) {
                self.found.set(name, value, self.line);
            }
            return Ok(true);
        };
        let line = self.line;
        self.advance(separator);
        let blanks = self.rest().len() - self.rest().trim_start_matches(is_blank).len();
        self.advance(blanks);
        let value = self.value()?;
        // Names that start with a digit are passed over.
        if !name.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            self.found.set(name, value, line);
        }
        Ok(true)
    }

    /// The name, and how long the separator behind it is; `None` for a name without a value.
    fn name(&mut self) -> Result<(SmolStr, Option<usize>), DotenvError> {
        let rest = self.rest();
        for (at, character) in rest.char_indices() {
            let found = match character {
                '=' => Some(1),
                ':' => Some(1),
                '\n' => None,
                _ if is_blank(character) => continue,
                '_' | '.' | '-' | '[' | ']' => continue,
                _ if character.is_alphanumeric() => continue,
                _ => {
                    let line = rest.lines().next().unwrap_or_default();
                    return self.error(format!("unexpected character `{character}` in the name of `{line}`"));
                }
            };
            let name = rest[..at].trim_end();
            if name.contains(is_blank) {
                return self.error(format!("the name `{name}` contains a blank"));
            }
            self.advance(at);
            return Ok((name.into(), found));
        }
        let name = rest.trim_end();
        if name.contains(is_blank) {
            return self.error(format!("the name `{name}` contains a blank"));
        }
        self.advance(rest.len());
        Ok((name.into(), None))
    }

    fn value(&mut self) -> Result<SmolStr, DotenvError> {
        let rest = self.rest();
        let quote = match rest.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => *quote,
            _ => {
                let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
                let line = &rest[..end];
                let value = line.split_once(" #").map_or(line, |(value, _)| value).trim_end();
                let value = self.expand(value)?;
                self.advance(end);
                return Ok(value);
            }
        };
        let bytes = rest.as_bytes();
        let mut at = 1;
        loop {
            let Some(found) = memchr::memchr2(quote, b'\\', &bytes[at..]) else {
                let line = rest.lines().next().unwrap_or_default();
                return self.error(format!("a quoted value has no end: `{line}`"));
            };
            at += found;
            if bytes[at] == quote {
                break;
            }
            at = (at + 2).min(bytes.len());
        }
        let inner = &rest[1..at];
        let value = match quote {
            b'"' => self.expand(&unescaped(inner))?,
            _ => inner.replace("\\'", "'").into(),
        };
        self.advance(at + 1);
        // What follows a closing quote on the line is a comment, or the next assignment.
        Ok(value)
    }

    fn expand(&mut self, value: &str) -> Result<SmolStr, DotenvError> {
        if !value.contains('$') {
            return Ok(value.into());
        }
        let mut surroundings: HashMap<&str, SmolStr> = HashMap::new();
        for name in names(value) {
            if let Some(value) = (self.outside)(name) {
                surroundings.insert(name, value);
            }
        }
        let found = &self.found;
        let value_of = |name: &str| surroundings.get(name).map(SmolStr::as_str).or_else(|| found.get(name));
        match substitute(value, &value_of, self.budget) {
            Ok(done) => Ok(done.text.into()),
            Err(TemplateError::Malformed) => self.error(format!("malformed variable in `{value}`")),
            Err(TemplateError::Required(name, message)) => {
                self.error(format!("the variable `{name}` has no value: {message}"))
            }
            Err(TemplateError::TooLarge) => self.error("the values grow beyond the tool's limit"),
        }
    }
}

/// The variables of a text whose values are taken as they stand: no quotes, no comments behind a value, no variables put
/// in (docker/cli: `kvfile`).
///
/// # Errors
/// A line without a name, or with a blank in it.
pub(super) fn parse_raw(
    text: &str,
    outside: &dyn Fn(&str) -> Option<SmolStr>,
) -> Result<Variables, DotenvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Variables::default();
    for (at, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(SmolStr::new(value))),
            None => (line, outside(line)),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            let message = match name.is_empty() {
                true => format!("`{line}` has no name"),
                false => format!("the name `{name}` contains a blank"),
            };
            return Err(DotenvError { message, line: at + 1 });
        }
        if let Some(value) = value {
            found.set(name.into(), value, at + 1);
        }
    }
    Ok(found)
}

/// Every name that may be a variable of a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split('$').skip(1).filter_map(move |part| {
        let part = part.strip_prefix('{').unwrap_or(part);
        let end = part.find(|character| !is_part(character)).unwrap_or(part.len());
        (end > 0).then(|| &part[..end])
    })
}

/// A double-quoted value with its escapes put in; `\$` stays for the expansion as `$$`.
fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('a') => text.push('\u{7}'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('v') => text.push('\u{b}'),
            Some('c') => text.push_str("\\c"),
            Some('$') => text.push_str("$$"),
            Some(quote @ ('"' | '\\')) => text.push(quote),
            Some('0') => {
                let rest = characters.as_str();
                let digits = rest.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                let code = u32::from_str_radix(&rest[..digits], 8).unwrap_or(0);
                text.push(char::from_u32(code).unwrap_or_default());
                characters = rest[digits..].chars();
            }
            Some(other) => text.extend(['\\', other]),
            None => text.push('\\'),
        }
    }
    text
}

fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}
