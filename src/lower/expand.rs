//! Variable expansion as BuildKit does it (`frontend/dockerfile/shell/lex.go`): quotes removed, escapes resolved,
//! `$name` and `${name…}` replaced.
//!
//! A variable whose value cannot be told stays in the text as written and makes the whole value uncertain; a default
//! (`${X:-y}`) decides it. Values are capped, because every line can double the one before.

use smol_str::SmolStr;

use crate::model::{Unknown, Value};

/// Longest value that is kept, in bytes. A real value is below 4 KiB; PATH chains reach some hundred bytes.
const MAX_VALUE: usize = 64 * 1024;

/// Deepest nesting of `${a:-${b:-…}}` that is followed.
const MAX_NESTING: usize = 16;

/// What an expansion gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expansion {
    /// The value.
    pub(crate) value: Value,
    /// Why BuildKit refuses the text, when it does.
    pub(crate) error: Option<SmolStr>,
}

/// How a name is looked up. `None`: nobody declares it, so it is empty. A value with [`Unknown::Variable`]: declared, but
/// without a value of its own, so that `:-` applies.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// Expands one word.
pub(crate) fn expand(text: &str, escape: u8, lookup: Lookup<'_>) -> Expansion {
    if !text.bytes().any(|byte| matches!(byte, b'$' | b'"' | b'\'') || byte == escape) {
        return Expansion { value: capped(text), error: None };
    }
    let mut lexer = Lexer { text, at: 0, escape, lookup, out: Output::default(), error: None, depth: 0 };
    lexer.words(None);
    let Lexer { out, error, .. } = lexer;
    let value = match out.overflow {
        true => Value { text: SmolStr::default(), unknown: Some(Unknown::TooLarge) },
        false => Value { text: SmolStr::new(&out.text), unknown: out.unknown },
    };
    Expansion { value, error }
}

fn capped(text: &str) -> Value {
    match text.len() > MAX_VALUE {
        true => Value { text: SmolStr::default(), unknown: Some(Unknown::TooLarge) },
        false => Value::known(text),
    }
}

#[derive(Default)]
struct Output {
    text: String,
    unknown: Option<Unknown>,
    overflow: bool,
}

impl Output {
    fn push(&mut self, text: &str) {
        if self.text.len() + text.len() > MAX_VALUE {
            self.overflow = true;
        } else {
            self.text.push_str(text);
        }
    }

    fn push_value(&mut self, value: &Value, written: &str) {
        match &value.unknown {
            None => self.push(&value.text),
            Some(why) => {
                self.push(written);
                self.unknown.get_or_insert_with(|| why.clone());
            }
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    escape: u8,
    lookup: Lookup<'a>,
    out: Output,
    error: Option<SmolStr>,
    depth: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fail(&mut self, why: impl Into<SmolStr>) {
        self.error.get_or_insert(why.into());
    }

    /// Reads to the end, or to an unquoted `stop`, which is consumed. Gives whether `stop` was found.
    fn words(&mut self, stop: Option<u8>) -> bool {
        let mut plain = self.at;
        while let Some(byte) = self.peek() {
            let special = matches!(byte, b'$' | b'"' | b'\'') || byte == self.escape || Some(byte) == stop;
            if !special {
                self.at += 1;
                continue;
            }
            self.out.push(&self.text[plain..self.at]);
            match byte {
                _ if Some(byte) == stop => {
                    self.at += 1;
                    return true;
                }
                b'\'' => self.single_quoted(),
                b'"' => self.double_quoted(),
                b'$' => self.dollar(),
                _ => {
                    self.at += 1;
                    self.take_character();
                }
            }
            plain = self.at;
        }
        self.out.push(&self.text[plain.min(self.at)..self.at]);
        false
    }

    fn take_character(&mut self) {
        if let Some(character) = self.text[self.at..].chars().next() {
            let end = self.at + character.len_utf8();
            self.out.push(&self.text[self.at..end]);
            self.at = end;
        }
    }

    fn single_quoted(&mut self) {
        let start = self.at + 1;
        match self.text[start..].find('\'') {
            Some(length) => {
                self.out.push(&self.text[start..start + length]);
                self.at = start + length + 1;
            }
            None => {
                self.fail("unexpected end of statement while looking for matching single-quote");
                self.out.push(&self.text[start..]);
                self.at = self.text.len();
            }
        }
    }

    fn double_quoted(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'$' => self.dollar(),
                _ if byte == self.escape => {
                    let next = self.text.as_bytes().get(self.at + 1).copied();
                    if next.is_some_and(|next| next == b'"' || next == b'$' || next == self.escape) {
                        self.at += 1;
                    }
                    self.take_character();
                }
                _ => self.take_character(),
            }
        }
        self.fail("unexpected end of statement while looking for matching double-quote");
    }

    fn dollar(&mut self) {
        let start = self.at;
        self.at += 1;
        if self.peek() == Some(b'{') {
            self.at += 1;
            self.braced(start);
            return;
        }
        let name = self.name();
        if name.is_empty() {
            self.out.push("$");
            return;
        }
        match (self.lookup)(&name) {
            Some(value) => self.out.push_value(&value, &self.text[start..self.at]),
            None if is_special(&name) => {}
            None => {}
        }
    }

    /// A name behind `$`: letters, digits and `_`; all digits; or one special character.
    fn name(&mut self) -> SmolStr {
        let rest = &self.text.as_bytes()[self.at..];
        let length = match rest.first() {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
            }
            Some(b'0'..=b'9') => rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
            Some(byte) if is_special(std::str::from_utf8(&[*byte]).unwrap_or("")) => 1,
            _ => 0,
        };
        let name = SmolStr::new(&self.text[self.at..self.at + length]);
        self.at += length;
        name
    }

    /// `${name}` and its modifiers; `start` is the offset of `$`.
    fn braced(&mut self, start: usize) {
        match self.peek() {
            None => return self.fail("syntax error: missing '}'"),
            Some(b'{' | b'}' | b':') => {
                self.fail("syntax error: bad substitution");
                return self.skip_braced();
            }
            _ => {}
        }
        let name = self.name();
        if name.is_empty() {
            self.fail("syntax error: bad substitution");
            return self.skip_braced();
        }
        match self.peek() {
            Some(b'}') => {
                self.at += 1;
                if let Some(value) = (self.lookup)(&name) {
                    self.out.push_value(&value, &self.text[start..self.at]);
                }
            }
            Some(b':') => {
                self.at += 1;
                match self.peek() {
                    Some(operator @ (b'-' | b'+' | b'?')) => self.modified(start, &name, operator, true),
                    _ => {
                        self.fail("unsupported modifier in substitution");
                        self.skip_braced();
                    }
                }
            }
            Some(operator @ (b'-' | b'+' | b'?' | b'#' | b'%' | b'/')) => {
                self.modified(start, &name, operator, false);
            }
            Some(_) => {
                self.fail("unsupported modifier in substitution");
                self.skip_braced();
            }
            None => self.fail("syntax error: missing '}'"),
        }
    }

    /// Passes over the rest of a bad `${…}`, so that one fault is one error; the text stays uncertain.
    fn skip_braced(&mut self) {
        let mut open = 1usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'{' => open += 1,
                b'}' => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
        self.out.unknown.get_or_insert(Unknown::Template);
    }

    /// The word behind a modifier, expanded by itself.
    fn operand(&mut self, stop: u8) -> Output {
        let outer = std::mem::take(&mut self.out);
        self.depth += 1;
        let found = if self.depth > MAX_NESTING {
            self.out.unknown = Some(Unknown::TooLarge);
            self.skip_braced();
            true
        } else {
            self.words(Some(stop))
        };
        self.depth -= 1;
        if !found {
            self.fail("syntax error: missing '}'");
        }
        std::mem::replace(&mut self.out, outer)
    }

    fn modified(&mut self, start: usize, name: &str, operator: u8, with_colon: bool) {
        self.at += 1;
        if matches!(operator, b'#' | b'%' | b'/') {
            return self.pattern(start, name, operator);
        }
        let word = self.operand(b'}');
        let value = (self.lookup)(name);
        let set = match &value {
            None => Some(false),
            Some(Value { unknown: Some(Unknown::Variable(_)), .. }) => Some(false),
            Some(Value { unknown: Some(_), .. }) => None,
            Some(Value { text, .. }) => Some(!with_colon || !text.is_empty()),
        };
        let written = &self.text[start..self.at];
        match (operator, set) {
            (b'-', Some(false)) | (b'+', Some(true)) => {
                self.out.push(&word.text);
                self.out.overflow |= word.overflow;
                if let Some(why) = word.unknown {
                    self.out.unknown.get_or_insert(why);
                }
            }
            (b'+', Some(false)) => {}
            (b'?', Some(false)) => {
                // The build stops unless a value is given, so nothing is known of it.
                self.out.push_value(
                    &Value { text: SmolStr::default(), unknown: Some(Unknown::Variable(name.into())) },
                    written,
                );
            }
            _ => {
                if let Some(value) = value {
                    self.out.push_value(&value, written);
                }
            }
        }
    }

    /// `#`, `##`, `%`, `%%` and `/`: prefix and suffix removal, replacement.
    fn pattern(&mut self, start: usize, name: &str, operator: u8) {
        let doubled = self.peek() == Some(operator);
        if doubled {
            self.at += 1;
        }
        let (pattern, replacement) = match operator {
            b'/' => {
                let pattern = self.operand(b'/');
                (pattern, Some(self.operand(b'}')))
            }
            _ => (self.operand(b'}'), None),
        };
        let written = &self.text[start..self.at];
        let Some(value) = (self.lookup)(name) else { return };
        let uncertain = pattern.unknown.or(replacement.as_ref().and_then(|text| text.unknown.clone()));
        if let Some(why) = uncertain {
            return self.out.push_value(&Value { text: SmolStr::default(), unknown: Some(why) }, written);
        }
        let Some(text) = value.certain() else { return self.out.push_value(&value, written) };
        let result = match (operator, replacement) {
            (b'#', _) => super::pattern::without_prefix(text, &pattern.text, doubled).map(str::to_owned),
            (b'%', _) => super::pattern::without_suffix(text, &pattern.text, doubled).map(str::to_owned),
            (_, Some(with)) => super::pattern::replaced(text, &pattern.text, &with.text, doubled),
            (_, None) => None,
        };
        match result {
            Some(result) => self.out.push(&result),
            None => {
                let why = Unknown::TooLarge;
                self.out.push_value(&Value { text: SmolStr::default(), unknown: Some(why) }, written);
            }
        }
    }
}

fn is_special(name: &str) -> bool {
    matches!(name, "@" | "*" | "#" | "?" | "-" | "$" | "!" | "0")
}

#[cfg(test)]
mod tests;
