//! The logical line of one instruction: physical pieces in, one text with a map back to the source out.
//!
//! Nothing of instructions is known here.

use std::borrow::Cow;

use super::Text;
use crate::source::Span;

/// The file, as bytes and, when it is valid UTF-8, as text.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    text: Option<&'a str>,
}

impl<'a> File<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, text: std::str::from_utf8(bytes).ok() }
    }

    /// The text of a range of the file; `None` when it is not valid UTF-8.
    pub(super) fn text(&self, start: usize, end: usize) -> Option<&'a str> {
        match self.text {
            Some(text) => text.get(start..end),
            None => std::str::from_utf8(self.bytes.get(start..end)?).ok(),
        }
    }

    /// The text of a range of the file, each invalid byte replaced by U+FFFD.
    pub(super) fn text_lossy(&self, start: usize, end: usize) -> Cow<'a, str> {
        if let Some(text) = self.text(start, end) {
            return Cow::Borrowed(text);
        }
        let mut text = String::new();
        push_lossy(&mut text, &mut Vec::new(), self.bytes.get(start..end).unwrap_or_default(), start);
        Cow::Owned(text)
    }
}

/// Appends bytes as text and their map. Each invalid byte becomes one U+FFFD (as Go decodes) whose three bytes all map
/// to that byte.
pub(super) fn push_lossy(text: &mut String, segments: &mut Vec<(u32, u32)>, bytes: &[u8], at: usize) {
    let mut source = at as u32;
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        if !valid.is_empty() {
            segments.push((text.len() as u32, source));
            text.push_str(valid);
            source += valid.len() as u32;
        }
        for _ in chunk.invalid() {
            let offset = text.len() as u32;
            segments.extend([(offset, source), (offset + 1, source), (offset + 2, source)]);
            text.push(char::REPLACEMENT_CHARACTER);
            source += 1;
        }
    }
}

/// One instruction's text with its map. Offsets given to its functions are bytes of `text`, on character boundaries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Logical<'a, 't> {
    pub(super) file: File<'a>,
    pub(super) text: &'t str,
    /// Pairs of (offset in `text`, offset in the file), ascending, at least one.
    pub(super) segments: &'t [(u32, u32)],
}

impl<'a> Logical<'a, '_> {
    fn segment(&self, at: usize) -> usize {
        match self.segments {
            [_] => 0,
            many => many.partition_point(|(text, _)| *text as usize <= at).saturating_sub(1),
        }
    }

    /// The file offset of one byte of the text.
    pub(super) fn source(&self, at: usize) -> u32 {
        self.segments.get(self.segment(at)).map_or(0, |(text, source)| source + (at as u32 - text))
    }

    /// The file span of a range; an empty one stands behind the byte before it.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        if let [(_, source)] = self.segments {
            return Span::new(source + start as u32, source + end as u32);
        }
        if start < end {
            return Span::new(self.source(start), self.source(end - 1) + 1);
        }
        let at = if start == 0 { self.source(0) } else { self.source(start - 1) + 1 };
        Span::new(at, at)
    }

    /// A range as a text of its own, borrowed from the file when it is in one piece.
    pub(super) fn slice(&self, start: usize, end: usize) -> Text<'a> {
        let span = self.span(start, end);
        if start >= end {
            return Text { text: Cow::Borrowed(""), span, segments: Vec::new() };
        }
        let first = self.segment(start);
        let in_one_piece = self.segments.get(first + 1).is_none_or(|(next, _)| *next as usize >= end);
        if in_one_piece && let Some(text) = self.file.text(span.start as usize, span.end as usize) {
            return Text { text: Cow::Borrowed(text), span, segments: Vec::new() };
        }
        let mut builder = Builder { text: String::with_capacity(end - start), segments: Vec::new() };
        builder.push_range(self, start, end);
        builder.finish(span)
    }

    /// A range as plain text, for names.
    pub(super) fn cow(&self, start: usize, end: usize) -> Cow<'a, str> {
        self.slice(start, end).text
    }

    /// The range without white space at both ends.
    pub(super) fn trim(&self, start: usize, end: usize) -> (usize, usize) {
        let text = &self.text[start..end];
        if let ([first, ..], [.., last]) = (text.as_bytes(), text.as_bytes())
            && first.is_ascii_graphic()
            && last.is_ascii_graphic()
        {
            return (start, end);
        }
        let front = text.len() - text.trim_start().len();
        (start + front, start + front + text[front..].trim_end().len())
    }
}

/// Puts a text together from ranges of a logical line and decoded characters.
#[derive(Debug, Default)]
pub(super) struct Builder {
    text: String,
    segments: Vec<(u32, u32)>,
}

impl Builder {
    /// Appends a range as it stands.
    pub(super) fn push_range(&mut self, line: &Logical<'_, '_>, start: usize, end: usize) {
        if start >= end {
            return;
        }
        let base = self.text.len() as u32;
        let (first, last) = (line.segment(start), line.segment(end - 1));
        self.segments.reserve(last - first + 1);
        self.segments.push((base, line.source(start)));
        let later = line.segments.get(first + 1..=last).unwrap_or_default();
        self.segments.extend(later.iter().map(|(at, source)| (at - start as u32 + base, *source)));
        self.text.push_str(&line.text[start..end]);
    }

    /// Appends one character that stands for what is written at `at`.
    pub(super) fn push_char(&mut self, line: &Logical<'_, '_>, character: char, at: usize) {
        self.segments.push((self.text.len() as u32, line.source(at)));
        self.text.push(character);
    }

    pub(super) fn finish<'a>(self, span: Span) -> Text<'a> {
        Text { text: Cow::Owned(self.text), span, segments: self.segments }
    }
}

#[cfg(test)]
mod tests {
    use super::{File, Logical, push_lossy};

    #[test]
    fn broken_bytes_keep_the_map_exact() {
        let bytes = b"J\xF6\xE4rg";
        let (mut text, mut segments) = (String::new(), Vec::new());
        push_lossy(&mut text, &mut segments, bytes, 0);
        assert_eq!(text, "J\u{fffd}\u{fffd}rg");
        let line = Logical { file: File::new(bytes), text: &text, segments: &segments };
        assert_eq!(line.span(1, 4).range(), 1..2);
        assert_eq!(line.span(4, 7).range(), 2..3);
        assert_eq!(line.slice(0, text.len()).source_span(7, 9).range(), 3..5);
    }

    #[test]
    fn pieces_are_borrowed_and_joins_are_mapped() {
        let bytes = b"ab\\\ncd";
        let line = Logical { file: File::new(bytes), text: "abcd", segments: &[(0, 0), (2, 4)] };
        assert!(matches!(line.slice(2, 4).text, std::borrow::Cow::Borrowed("cd")));
        let joined = line.slice(1, 3);
        assert_eq!((joined.text.as_ref(), joined.span.range()), ("bc", 1..5));
        assert_eq!(joined.source_span(1, 2).range(), 4..5);
        assert_eq!(line.span(2, 2).range(), 2..2);
    }
}
