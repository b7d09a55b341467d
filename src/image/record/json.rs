//! Stored JSON becomes indented text and a tree with places in it, in one pass over flat lists: no recursion.
//!
//! Values, their order and keys that stand twice stay as they are; numbers keep their digits. Escapes are resolved and
//! written anew, so that the text is readable.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use serde::de::IgnoredAny;
use smol_str::SmolStr;

use super::super::error::ImageError;
use crate::source::{Place, Source, Span};
use crate::syntax::yaml::{Entry, Node, Scalar, Style, Value};

/// Keys, values and brackets of one record. A config of Docker's with 10,000 history steps has 120,000.
const MAX_ITEMS: usize = 250_000;
/// Bytes of one record: indentation may grow a config.
const MAX_TEXT: usize = 32 << 20;
/// Keys that stand twice and are told of.
const MAX_DOUBLES: usize = 100;
/// Objects and lists inside one another.
const MAX_DEPTH: usize = 64;

/// Whether a text is one JSON object.
///
/// # Errors
/// When it is none.
pub(super) fn validate(what: &str, text: &str) -> Result<(), ImageError> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(ImageError::new(format!("its {what} is no JSON: {error}")));
    }
    match text.trim_start().starts_with('{') {
        true => Ok(()),
        false => Err(ImageError::new(format!("its {what} is no JSON object"))),
    }
}

/// What was written, in order.
struct Item {
    kind: Kind,
    span: Span,
    text: SmolStr,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar(Style),
    Object,
    List,
    End,
}

struct Frame {
    is_object: bool,
    is_empty: bool,
    /// Of an object: whether a key was written whose value is to come.
    has_key: bool,
}

/// Writes a record.
#[derive(Default)]
pub(super) struct Writer {
    out: String,
    items: Vec<Item>,
    open: Vec<Frame>,
}

impl Writer {
    /// Begins an object.
    pub(super) fn begin_object(&mut self) -> Result<(), ImageError> {
        self.begin(true)
    }

    fn begin(&mut self, is_object: bool) -> Result<(), ImageError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(ImageError::new(format!("it nests JSON deeper than {MAX_DEPTH} levels")));
        }
        self.before_value();
        let (kind, bracket) = if is_object { (Kind::Object, "{") } else { (Kind::List, "[") };
        self.item(kind, bracket, SmolStr::default())?;
        self.open.push(Frame { is_object, is_empty: true, has_key: false });
        Ok(())
    }

    /// Ends the object or list that is open.
    pub(super) fn end(&mut self) -> Result<(), ImageError> {
        let Some(frame) = self.open.pop() else { return Ok(()) };
        if !frame.is_empty {
            self.line();
        }
        self.item(Kind::End, if frame.is_object { "}" } else { "]" }, SmolStr::default())
    }

    /// A key of the object that is open.
    pub(super) fn key(&mut self, key: &str) -> Result<(), ImageError> {
        self.before_value();
        self.quoted(key)?;
        self.out.push_str(": ");
        if let Some(frame) = self.open.last_mut() {
            frame.has_key = true;
        }
        Ok(())
    }

    /// A text.
    pub(super) fn text(&mut self, text: &str) -> Result<(), ImageError> {
        self.before_value();
        self.quoted(text)
    }

    /// Copies a stored object.
    pub(super) fn copy(&mut self, what: &str, json: &str) -> Result<(), ImageError> {
        validate(what, json)?;
        self.copy_value(what, json)
    }

    /// Copies a stored value, which is known to be valid.
    pub(super) fn copy_value(&mut self, what: &str, json: &str) -> Result<(), ImageError> {
        let explain = |error: ImageError| ImageError::new(format!("its {what} is too large: {error}"));
        let bytes = json.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let behind = token_end(bytes, at);
            let Some(token) = json.get(at..behind) else { break };
            match bytes[at] {
                b'{' => self.begin(true),
                b'[' => self.begin(false),
                b'}' | b']' => self.end(),
                b'"' => {
                    let text = unescaped(token.get(1..token.len().saturating_sub(1)).unwrap_or_default());
                    let is_key = self.open.last().is_some_and(|frame| frame.is_object && !frame.has_key);
                    if is_key { self.key(&text) } else { self.text(&text) }
                }
                b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => Ok(()),
                _ => {
                    self.before_value();
                    self.item(Kind::Scalar(Style::Plain), token, token.into())
                }
            }
            .map_err(explain)?;
            at = behind;
        }
        Ok(())
    }

    fn quoted(&mut self, text: &str) -> Result<(), ImageError> {
        let written = serde_json::to_string(text).unwrap_or_default();
        self.item(Kind::Scalar(Style::DoubleQuoted), &written, text.into())
    }

    /// What stands between the last token and the next: nothing behind a key, else a new line.
    fn before_value(&mut self) {
        let Some(frame) = self.open.last_mut() else { return };
        if std::mem::take(&mut frame.has_key) {
            return;
        }
        if !std::mem::take(&mut frame.is_empty) {
            self.out.push(',');
        }
        self.line();
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.open.len()));
    }

    fn item(&mut self, kind: Kind, written: &str, text: SmolStr) -> Result<(), ImageError> {
        if self.items.len() >= MAX_ITEMS {
            return Err(ImageError::new(format!("it has more than {MAX_ITEMS} keys and values")));
        }
        if self.out.len() + written.len() > MAX_TEXT {
            return Err(ImageError::new(format!("indented it has more than {MAX_TEXT} bytes")));
        }
        let start = self.out.len() as u32;
        self.out.push_str(written);
        self.items.push(Item { kind, span: Span::new(start, self.out.len() as u32), text });
        Ok(())
    }

    /// The text as a source, the tree, and the places of keys that stand there a second time, some of them.
    pub(super) fn finish(mut self, name: &str) -> Result<(Arc<Source>, Node, Vec<Place>), ImageError> {
        self.out.push('\n');
        let source = Source::new(name, self.out.into_bytes());
        let mut doubles = Vec::new();
        let root = tree(self.items, &source, &mut doubles);
        let root = root.ok_or_else(|| ImageError::new("its record has no end"))?;
        Ok((source, root, doubles))
    }
}

/// A collection whose end is still to come.
struct Collection {
    start: Span,
    is_object: bool,
    children: Vec<Node>,
}

fn tree(items: Vec<Item>, source: &Arc<Source>, doubles: &mut Vec<Place>) -> Option<Node> {
    let mut open: Vec<Collection> = Vec::new();
    for item in items {
        let node = match item.kind {
            Kind::Object | Kind::List => {
                let is_object = item.kind == Kind::Object;
                open.push(Collection { start: item.span, is_object, children: Vec::new() });
                continue;
            }
            Kind::End => {
                let done = open.pop()?;
                let value = match done.is_object {
                    true => Value::Mapping(entries(done.children, doubles)),
                    false => Value::Sequence(done.children),
                };
                Node::new(value, Place::new(source, done.start.to(item.span)))
            }
            Kind::Scalar(style) => {
                Node::new(Value::Scalar(Scalar { text: item.text, style }), Place::new(source, item.span))
            }
        };
        match open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => return Some(node),
        }
    }
    None
}

fn entries(children: Vec<Node>, doubles: &mut Vec<Place>) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(children.len() / 2);
    let mut children = children.into_iter();
    while let (Some(key), Some(value)) = (children.next(), children.next()) {
        entries.push(Entry { key, value });
    }
    let mut known = HashSet::with_capacity(entries.len());
    for entry in &entries {
        if !known.insert(entry.key.scalar().map(|key| key.text.as_str())) && doubles.len() < MAX_DOUBLES {
            doubles.push(entry.key.place.clone());
        }
    }
    entries
}

/// The offset behind the token that begins at `at`.
fn token_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    match bytes[at] {
        b'"' => {
            while end < bytes.len() && bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            (end + 1).min(bytes.len())
        }
        b'-' | b'0'..=b'9' | b'a'..=b'z' => {
            let is_more = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
            while bytes.get(end).is_some_and(is_more) {
                end += 1;
            }
            end
        }
        _ => end,
    }
}

/// The text between the quotes of a JSON string; half a surrogate pair reads as U+FFFD.
fn unescaped(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if rest.starts_with('u') {
            let mut units = Vec::new();
            while let Some(unit) = rest.strip_prefix('u').and_then(|rest| rest.get(..4)) {
                units.push(u16::from_str_radix(unit, 16).unwrap_or(0xFFFD));
                rest = &rest[5..];
                match rest.strip_prefix('\\') {
                    Some(next) if next.starts_with('u') => rest = next,
                    _ => break,
                }
            }
            let decoded = char::decode_utf16(units);
            text.extend(decoded.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
            continue;
        }
        let Some(escape) = rest.chars().next() else { break };
        text.push(match escape {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            other => other,
        });
        rest = &rest[escape.len_utf8()..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}
