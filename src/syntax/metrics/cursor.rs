//! A place in one line of metrics, and the words that stand there.

use memchr::memchr2;
use smol_str::{SmolStr, format_smolstr};

/// Characters of a body that a message shows.
const SHOWN: usize = 40;

/// Why a line cannot be read, as a sentence without a full stop.
pub(super) type Refused = SmolStr;

/// What stands in a body, as a message shows it: cut, without control characters.
pub(super) fn shown(text: impl AsRef<[u8]>) -> String {
    let bytes = text.as_ref();
    // A character has at most four bytes.
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN * 4)]);
    let mut shown = String::new();
    for char in text.chars().take(SHOWN) {
        match is_unseen(char) || char == '`' {
            true => shown.extend(char.escape_default()),
            false => shown.push(char),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a terminal does not show a character as one of its own: controls, blanks beyond the space, marks of direction.
fn is_unseen(char: char) -> bool {
    let is_mark = matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    char.is_control() || is_mark || (char.is_whitespace() && char != ' ')
}

/// What a backslash in a label's value may stand before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// `\\`, `\"` and `\n` only (text format 0.0.4).
    Known,
    /// Anything; what is not known stays as it is written (OpenMetrics 1.0, "ABNF").
    Any,
}

/// A place in a line.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(line: &'a [u8]) -> Self {
        Self { line, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.line.len()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        &self.line[self.at..]
    }

    /// Steps over a byte when it stands here.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over bytes for as long as they fit.
    fn take(&mut self, fits: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !fits(*byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Steps over blanks and tabs.
    pub(super) fn blanks(&mut self) {
        self.take(is_blank);
    }

    /// Everything up to the next blank, tab or the end.
    pub(super) fn word(&mut self) -> &'a [u8] {
        self.take(|byte| !is_blank(byte))
    }

    /// The name of a metric: `[a-zA-Z_:][a-zA-Z0-9_:]*`; empty when none stands here.
    pub(super) fn metric_name(&mut self) -> &'a str {
        self.name(|byte| byte == b':')
    }

    /// The name of a label: `[a-zA-Z_][a-zA-Z0-9_]*`; empty when none stands here.
    pub(super) fn label_name(&mut self) -> &'a str {
        self.name(|_| false)
    }

    fn name(&mut self, also: impl Fn(u8) -> bool) -> &'a str {
        if self.peek().is_none_or(|byte| byte.is_ascii_digit()) {
            return "";
        }
        let name = self.take(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || also(byte));
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// The value of a label behind its opening quote, and its closing quote.
    pub(super) fn quoted(&mut self, escapes: Escapes) -> Result<SmolStr, Refused> {
        let start = self.at;
        let mut unescaped: Option<Vec<u8>> = None;
        loop {
            let rest = self.rest();
            let Some(length) = memchr2(b'"', b'\\', rest) else {
                let value = shown(&self.line[start..]);
                return Err(format_smolstr!("the label value `{value}` has no closing quote"));
            };
            let (plain, found) = (&rest[..length], rest[length]);
            self.at += length + 1;
            if found == b'"' {
                let value = match &mut unescaped {
                    None => plain,
                    Some(text) => {
                        text.extend_from_slice(plain);
                        text
                    }
                };
                let Ok(text) = std::str::from_utf8(value) else {
                    return Err(format_smolstr!("the label value `{}` is not UTF-8", shown(value)));
                };
                return Ok(SmolStr::new(text));
            }
            let text = unescaped.get_or_insert_default();
            text.extend_from_slice(plain);
            match (self.peek(), escapes) {
                (Some(byte @ (b'"' | b'\\')), _) => text.push(byte),
                (Some(b'n'), _) => text.push(b'\n'),
                (Some(byte), Escapes::Any) => text.extend_from_slice(&[b'\\', byte]),
                (_, Escapes::Known) | (None, _) => return Err(bad_escape(self.rest())),
            }
            self.at += 1;
        }
    }
}

/// Says that an escape is none; `rest` begins behind its backslash.
pub(super) fn bad_escape(rest: &[u8]) -> Refused {
    if rest.is_empty() {
        return "a backslash stands at the end of the line".into();
    }
    let end =
        rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()).map_or(1, char::len_utf8);
    format_smolstr!("`\\{}` is no escape sequence", shown(&rest[..end.min(rest.len())]))
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}
