//! A text of the record as it is meant and as it is written, so that a part of the first has a place in the second.

use std::borrow::Cow;
use std::ops::Range;

use crate::source::{Place, Span};

/// A scalar of the record without quotes and escapes.
pub(super) struct JsonText<'a> {
    /// As it is meant.
    pub(super) text: Cow<'a, str>,
    place: &'a Place,
    /// Bytes before the text: the quote.
    start: u32,
    /// Pairs of (offset in the text, offset behind the quote as written) from which the two run in step again.
    steps: Vec<(usize, usize)>,
}

impl<'a> JsonText<'a> {
    /// Reads the scalar at a place; `None` when it is no text that can be read.
    pub(super) fn of(place: &'a Place) -> Option<Self> {
        let bytes = place.source.slice(place.span);
        let written = std::str::from_utf8(bytes).ok()?;
        let Some(inner) = written.strip_prefix('"').map(|rest| rest.strip_suffix('"').unwrap_or(rest)) else {
            return Some(Self { text: written.into(), place, start: 0, steps: Vec::new() });
        };
        let mut steps = Vec::new();
        let text = if inner.contains('\\') { unescape(inner, &mut steps).into() } else { inner.into() };
        Some(Self { text, place, start: 1, steps })
    }

    /// Where a part of the text is written.
    pub(super) fn part(&self, range: &Range<usize>) -> Place {
        let start = self.place.span.start + self.start;
        let span = Span::new(start + self.written(range.start), start + self.written(range.end));
        Place::new(&self.place.source, span)
    }

    fn written(&self, at: usize) -> u32 {
        let before = self.steps.partition_point(|(text, _)| *text <= at);
        let (text, written) = before.checked_sub(1).map_or((0, 0), |step| self.steps[step]);
        (written + (at - text)) as u32
    }
}

/// Escapes of RFC 8259, as Go writes them; what is none stays.
fn unescape(written: &str, steps: &mut Vec<(usize, usize)>) -> String {
    let mut text = String::with_capacity(written.len());
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &written.as_bytes()[at..]) {
        text.push_str(&written[at..at + next]);
        at += next;
        // The part in front of an escape ends where the escape starts, and the next one starts behind it.
        steps.push((text.len(), at));
        let (character, length) = escape(&written[at..]);
        text.push(character);
        at += length;
        steps.push((text.len(), at));
    }
    text.push_str(&written[at..]);
    text
}

/// The character of the escape that a text starts with, and the bytes it takes.
fn escape(text: &str) -> (char, usize) {
    let unit = |from: usize| {
        let digits = text.get(from..from + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    match text.as_bytes().get(1) {
        Some(b'n') => ('\n', 2),
        Some(b't') => ('\t', 2),
        Some(b'r') => ('\r', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(byte @ (b'"' | b'\\' | b'/')) => (char::from(*byte), 2),
        Some(b'u') => {
            let first = unit(0);
            let pair = first.into_iter().chain(unit(6));
            match char::decode_utf16(pair).next() {
                Some(Ok(character)) => (character, character.len_utf16() * 6),
                Some(Err(_)) => (char::REPLACEMENT_CHARACTER, 6),
                None => ('\\', 1),
            }
        }
        _ => ('\\', 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn parts_lie_where_they_are_written() {
        for (written, text, part, wanted) in [
            (r#""A=b""#, "A=b", "b", "b"),
            (r#""\"A\" \u0026\u0026 b c""#, "\"A\" && b c", "b c", "b c"),
            (r#""\"A\" \u0026\u0026 b c""#, "\"A\" && b c", "&& b", r"\u0026\u0026 b"),
            (r#""x\ud83d\ude00y\ud83dz""#, "x\u{1F600}y\u{FFFD}z", "z", "z"),
            (r#""\n\t\r\b\f\/\\\q\u12""#, "\n\t\r\u{8}\u{c}/\\\\q\\u12", "q\\u12", "q\\u12"),
            ("12", "12", "2", "2"),
        ] {
            let source = Source::new("x", format!("[{written}]").into_bytes());
            let place = Place::new(&source, Span::new(1, written.len() as u32 + 1));
            let read = JsonText::of(&place).unwrap();
            assert_eq!(read.text, text, "{written}");
            let at = text.rfind(part).unwrap();
            assert_eq!(read.part(&(at..at + part.len())).text(), wanted, "{written}");
        }
    }
}
