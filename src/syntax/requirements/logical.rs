//! Logical lines of a requirement file: joined, comments gone, and each byte's place remembered.

use crate::source::Span;

/// One logical line. The text is bytes: one per byte of the file, so that places stay exact whatever the encoding.
#[derive(Debug, Default)]
pub(super) struct Logical {
    /// The text.
    pub(super) text: Vec<u8>,
    /// (offset in the text, offset in the unit list), ascending.
    segments: Vec<(usize, usize)>,
    /// How many bytes a unit has in the file, and how many stand before the first one.
    unit: (usize, usize),
}

impl Logical {
    /// The span in the file of a range of the text.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        if start >= end {
            let at = self.offset(start);
            return Span::new(at as u32, at as u32);
        }
        Span::new(self.offset(start) as u32, (self.offset(end - 1) + self.unit.0) as u32)
    }

    fn offset(&self, at: usize) -> usize {
        let index = self.segments.partition_point(|(text, _)| *text <= at);
        let (text, unit) = self.segments[index.saturating_sub(1)];
        (unit + (at - text)) * self.unit.0 + self.unit.1
    }

    fn push(&mut self, bytes: &[u8], from: usize) {
        self.segments.push((self.text.len(), from));
        self.text.extend_from_slice(bytes);
    }
}

/// The non-empty logical lines of a file.
pub(super) struct LogicalLines {
    units: Vec<u8>,
    unit: (usize, usize),
    at: usize,
}

impl LogicalLines {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let (units, unit) = match bytes {
            [0xFF, 0xFE, rest @ ..] => (narrow(rest, 0), (2, 2)),
            [0xFE, 0xFF, rest @ ..] => (narrow(rest, 1), (2, 2)),
            [0xEF, 0xBB, 0xBF, rest @ ..] => (rest.to_vec(), (1, 3)),
            _ => (bytes.to_vec(), (1, 0)),
        };
        Self { units, unit, at: 0 }
    }

    /// The next physical line without its end, and where it starts.
    fn physical(&mut self) -> Option<(usize, usize)> {
        if self.at >= self.units.len() {
            return None;
        }
        let start = self.at;
        let rest = &self.units[start..];
        let end = start + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let crlf = self.units.get(end) == Some(&b'\r') && self.units.get(end + 1) == Some(&b'\n');
        self.at = end + 1 + usize::from(crlf);
        Some((start, end))
    }
}

impl Iterator for LogicalLines {
    type Item = Logical;

    fn next(&mut self) -> Option<Logical> {
        let mut line = Logical { unit: self.unit, ..Logical::default() };
        while let Some((start, end)) = self.physical() {
            let bytes = &self.units[start..end];
            let is_comment = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'#');
            if is_comment {
                // A comment line ends what was joined before it.
            } else if let Some((b'\\', body)) = bytes.split_last() {
                line.push(body, start);
                continue;
            } else {
                line.push(bytes, start);
            }
            line.text.truncate(comment_start(&line.text));
            if !line.text.trim_ascii().is_empty() {
                return Some(line);
            }
            line = Logical { unit: self.unit, ..Logical::default() };
        }
        line.text.truncate(comment_start(&line.text));
        (!line.text.trim_ascii().is_empty()).then_some(line)
    }
}

/// UTF-16 as one byte per unit; what is not ASCII becomes `?`, which only comments may hold.
fn narrow(bytes: &[u8], low: usize) -> Vec<u8> {
    let unit = |pair: &[u8]| if pair[1 - low] == 0 { pair[low] } else { b'?' };
    bytes.chunks_exact(2).map(unit).collect()
}

/// Where a `#` stands at the start or behind a blank.
fn comment_start(text: &[u8]) -> usize {
    memchr::memchr_iter(b'#', text)
        .find(|at| *at == 0 || text[at - 1].is_ascii_whitespace())
        .unwrap_or(text.len())
}
