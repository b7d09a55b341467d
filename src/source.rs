//! Text with places in it: bytes go in, spans and line/column positions come out.
//!
//! Every fact and finding points at a [`Place`]: a [`Span`] of bytes in an [`Source`] that the place keeps alive.
//! A source therefore lives exactly as long as somebody can still point at it, and memory stays flat however many
//! files one run reads. Nothing here knows what kind of text it holds.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A range of bytes in one source, half open, from 0.
///
/// `u32` because one input is capped far below 4 GiB and spans are the most frequent value in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`; an `end` before `start` gives the empty span at `start`.
    #[must_use]
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span as a range for slicing bytes.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Whether a character controls more than its own cell: C0 and C1 controls, bidi and other invisible formatting, line
/// separators, tags.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// One input text: its display path and its bytes as they were read.
#[derive(Debug)]
pub struct Source {
    path: String,
    bytes: Vec<u8>,
    lines: OnceLock<LineIndex>,
    hidden: Mutex<Vec<Span>>,
    shown: OnceLock<Vec<u8>>,
}

impl Source {
    /// A source named `path` (as reports print it: relative to the working directory, with `/`).
    #[must_use]
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            bytes,
            lines: OnceLock::new(),
            hidden: Mutex::default(),
            shown: OnceLock::new(),
        })
    }

    /// The path as reports print it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The bytes as they were read, a byte order mark included.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether both are one text: images of one name on two platforms have one path and two records.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.path == other.path && self.bytes == other.bytes
    }

    /// The bytes of a span, cut to the source.
    #[must_use]
    pub fn slice(&self, span: Span) -> &[u8] {
        let end = (span.end as usize).min(self.bytes.len());
        &self.bytes[(span.start as usize).min(end)..end]
    }

    /// From now on reports print `*` for the bytes of a span: it holds a secret. Without effect once something was shown.
    pub fn hide(&self, span: Span) {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }

    /// The spans that are hidden.
    #[must_use]
    pub fn hidden(&self) -> Vec<Span> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bytes as reports print them: as they were read, with `*` for each byte that is hidden.
    #[must_use]
    pub fn shown(&self) -> &[u8] {
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        if hidden.is_empty() {
            return &self.bytes;
        }
        self.shown.get_or_init(|| {
            let mut bytes = self.bytes.clone();
            for span in hidden.iter() {
                let end = (span.end as usize).min(bytes.len());
                let hide = &mut bytes[(span.start as usize).min(end)..end];
                // Line ends stay, so that every position does.
                hide.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b'*');
            }
            bytes
        })
    }

    /// The bytes of a span as reports print them.
    #[must_use]
    pub fn shown_slice(&self, span: Span) -> &[u8] {
        let shown = self.shown();
        let end = (span.end as usize).min(shown.len());
        &shown[(span.start as usize).min(end)..end]
    }

    /// Where lines start; made on first use, because most files never have a finding.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.bytes))
    }

    /// Line and columns of a byte offset.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.bytes, offset)
    }
}

/// A point in a text, for people and for report formats. All from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line; lines end at `\n`.
    pub line: u32,
    /// The column in characters (Unicode scalar values; an invalid byte counts as one).
    pub column: u32,
    /// The column in UTF-16 code units, as SARIF counts by default.
    pub utf16: u32,
}

/// The offsets at which lines start.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// Of a text that is not all ASCII: points to count columns from, so that long lines are not counted again and again.
    points: Vec<Point>,
    ascii: bool,
}

/// A byte offset with its column and UTF-16 column, from 1.
#[derive(Debug, Clone, Copy)]
struct Point {
    offset: u32,
    column: u32,
    utf16: u32,
}

/// Bytes between two points of one line.
const POINT_DISTANCE: u32 = 512;

impl LineIndex {
    fn new(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at as u32 + 1));
        let ascii = bytes.is_ascii();
        let points = if ascii { Vec::new() } else { points(bytes, &starts) };
        Self { starts, points, ascii }
    }

    /// How many lines there are; a text without `\n` has one, and one that ends in `\n` has no line behind it.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The 1-based line that holds `offset`.
    #[must_use]
    pub fn line_of(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// The bytes of a 1-based line, its line end included; empty for a line that does not exist.
    #[must_use]
    pub fn span_of(&self, line: u32, bytes: &[u8]) -> Span {
        let index = line.saturating_sub(1) as usize;
        let Some(start) = self.starts.get(index).copied() else {
            return Span::new(bytes.len() as u32, bytes.len() as u32);
        };
        Span::new(start, self.starts.get(index + 1).copied().unwrap_or(bytes.len() as u32))
    }

    fn position(&self, bytes: &[u8], offset: u32) -> Position {
        let offset = offset.min(bytes.len() as u32);
        let line = self.line_of(offset);
        let start = self.starts[line as usize - 1];
        if self.ascii {
            let column = offset - start + 1;
            return Position { line, column, utf16: column };
        }
        let known = self.points.partition_point(|point| point.offset <= offset);
        let from = known.checked_sub(1).map(|at| self.points[at]).filter(|point| point.offset >= start);
        let from = from.unwrap_or(Point { offset: start, column: 1, utf16: 1 });
        let end = count(&bytes[from.offset as usize..offset as usize], from);
        Position { line, column: end.column, utf16: end.utf16 }
    }
}

/// Points every [`POINT_DISTANCE`] bytes of each line, at starts of characters.
fn points(bytes: &[u8], starts: &[u32]) -> Vec<Point> {
    let mut found = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).copied().unwrap_or(bytes.len() as u32);
        let mut point = Point { offset: *start, column: 1, utf16: 1 };
        while end - point.offset > POINT_DISTANCE {
            let mut next = point.offset + POINT_DISTANCE;
            // Back to the start of a character; no character has more than four bytes.
            let is_inside = |at: u32| bytes[at as usize] & 0xC0 == 0x80;
            let back = (0..4).find(|back| !is_inside(next - back)).unwrap_or(0);
            next -= back;
            point = count(&bytes[point.offset as usize..next as usize], point);
            found.push(point);
        }
    }
    found
}

/// The point behind some bytes that start at another point.
fn count(bytes: &[u8], from: Point) -> Point {
    let mut point = Point { offset: from.offset + bytes.len() as u32, ..from };
    // A byte order mark is no character of the first line.
    let bytes = if from.offset == 0 { bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes) } else { bytes };
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            point.column += 1;
            point.utf16 += character.len_utf16() as u32;
        }
        point.column += chunk.invalid().len() as u32;
        point.utf16 += chunk.invalid().len() as u32;
    }
    point
}

/// A span in a source: what every fact and finding points at.
#[derive(Debug, Clone)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The bytes meant.
    pub span: Span,
}

impl Place {
    /// A place in a source.
    #[must_use]
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// Where the place starts.
    #[must_use]
    pub fn start(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// Where the place ends: the position behind its last character.
    #[must_use]
    pub fn end(&self) -> Position {
        self.source.position(self.span.end)
    }

    /// The text of the place, invalid UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.source.slice(self.span))
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && self.source.path == other.source.path
    }
}
impl Eq for Place {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_utf16_units() {
        let source = Source::new("x", "a\u{1F600}b\nzz".as_bytes().to_vec());
        assert_eq!(source.position(5), Position { line: 1, column: 3, utf16: 4 });
        assert_eq!(source.position(7), Position { line: 2, column: 1, utf16: 1 });
    }

    #[test]
    fn byte_order_mark_is_no_column() {
        let source = Source::new("x", b"\xEF\xBB\xBFFROM a".to_vec());
        assert_eq!(source.position(3).column, 1);
    }

    #[test]
    fn invalid_bytes_count_as_one_each() {
        let source = Source::new("x", b"a\xFF\xFEb".to_vec());
        assert_eq!(source.position(3).column, 4);
    }

    #[test]
    fn long_lines_are_counted_from_points() {
        let line = "aé\u{1F600}".repeat(1000) + "\n";
        let source = Source::new("x", [b"\xEF\xBB\xBF", line.as_bytes(), line.as_bytes()].concat());
        let at = |offset: u32| source.position(offset);
        assert_eq!(at(3 + 7 * 999), Position { line: 1, column: 2998, utf16: 3997 });
        let second = 3 + line.len() as u32;
        assert_eq!(at(second + 7 * 500 + 1).column, at(second).column + 1501);
    }

    #[test]
    fn offsets_behind_the_end_are_the_end() {
        let source = Source::new("x", b"ab\n".to_vec());
        assert_eq!(source.position(99), Position { line: 2, column: 1, utf16: 1 });
        assert_eq!(source.slice(Span::new(1, 99)), b"b\n");
    }
}
