//! Physical lines: bytes in, one line after the other out, without a copy.
//!
//! Lines end at `\n`; trailing `\r` and `\n` belong to no line's text. Comments, directives and continuations are told
//! apart by the callers.

use memchr::memchr;

/// One physical line, as offsets into the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// First byte, a byte order mark left out.
    pub(super) start: usize,
    /// First byte that is not white space; `end` when there is none.
    pub(super) text: usize,
    /// Behind the last byte that is no `\r` and no `\n`.
    pub(super) end: usize,
    /// Behind the line end.
    pub(super) next: usize,
    /// From 1.
    pub(super) number: u32,
}

impl Line {
    /// Whether the line holds nothing but white space.
    pub(super) fn is_blank(self) -> bool {
        self.text >= self.end
    }
}

/// The lines of a file; a cheap copy remembers a place to come back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    position: usize,
    number: u32,
}

impl<'a> Lines<'a> {
    /// The lines of a whole file; a byte order mark is passed over.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let position = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        Self { bytes, position, number: 0 }
    }

    /// The number of the line that was read last; 0 before the first.
    pub(super) fn number(&self) -> u32 {
        self.number
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let start = self.position;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        let mut end = start + length;
        let next = (end + 1).min(self.bytes.len());
        while end > start && matches!(self.bytes[end - 1], b'\r' | b'\n') {
            end -= 1;
        }
        self.position = next;
        self.number += 1;
        let text = match self.bytes.get(start) {
            Some(byte) if byte.is_ascii_graphic() => start,
            _ => end - trim_start(&self.bytes[start..end]).len(),
        };
        Some(Line { start, text, end, next, number: self.number })
    }
}

/// The bytes without leading Unicode white space. Works on any bytes; an invalid sequence is no white space.
pub(super) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = match bytes {
            [b'\t'..=b'\r' | b' ', rest @ ..] | [0xC2, 0x85 | 0xA0, rest @ ..] => rest,
            [0xE1, 0x9A, 0x80, rest @ ..]
            | [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF, rest @ ..]
            | [0xE2, 0x81, 0x9F, rest @ ..]
            | [0xE3, 0x80, 0x80, rest @ ..] => rest,
            _ => return bytes,
        };
    }
}

/// Where a line's text ends when the line goes on: at its last visible character, if that is the escape character and
/// not preceded by the same one. `None` when the line does not go on.
pub(super) fn continuation(line: &[u8], escape: u8) -> Option<usize> {
    let mut end = line.len();
    while end > 0 && matches!(line[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    match &line[..end] {
        [.., before, last] if *last == escape && *before != escape => Some(end - 1),
        [last] if *last == escape => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, continuation, trim_start};

    #[test]
    fn line_ends_and_byte_order_mark() {
        let lines: Vec<_> =
            Lines::new(b"\xEF\xBB\xBF a\r\r\n\n b").map(|it| (it.start, it.text, it.end, it.next)).collect();
        assert_eq!(lines, [(3, 4, 5, 8), (8, 8, 8, 9), (9, 10, 11, 11)]);
        assert_eq!(Lines::new(b"").count(), 0);
        assert_eq!(Lines::new(b"a\n").count(), 1);
    }

    #[test]
    fn an_escape_goes_on_unless_doubled() {
        let cases: &[(&[u8], Option<usize>)] = &[
            (b"a \\", Some(2)),
            (b"a \\ \t", Some(2)),
            (b"a\\\\", None),
            (b"a\\\\\\", None),
            (b"\\", Some(0)),
            (b" \\", Some(1)),
            (b"a", None),
            (b"", None),
        ];
        for (line, expected) in cases {
            assert_eq!(continuation(line, b'\\'), *expected, "{line:?}");
        }
        assert_eq!(continuation(b"a `", b'`'), Some(2));
    }

    #[test]
    fn unicode_blanks_are_trimmed_and_broken_bytes_stay() {
        assert_eq!(trim_start("\u{a0}\u{2003}\u{3000} x".as_bytes()), b"x");
        assert_eq!(trim_start(b"\xC2x"), b"\xC2x");
    }
}
