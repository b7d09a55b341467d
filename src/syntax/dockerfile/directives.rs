//! Parser directives at the top of a file: a comment line in, a directive out.
//!
//! BuildKit: `parser/directives.go`. Whether directives are still looked for is the driver's to know.

use super::Directive;
use super::lines::{Line, trim_start};
use super::logical::File;
use crate::source::Span;

/// Reads `# name = value` when the name is one that BuildKit knows.
pub(super) fn read<'a>(file: &File<'a>, line: Line) -> Option<Directive<'a>> {
    let bytes = &file.bytes[..line.end];
    let mut at = line.end - trim_start(&bytes[line.text + 1..]).len();
    let name_start = at;
    while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
        at += 1;
    }
    let name = known(&bytes[name_start..at])?;
    at = skip_blanks(bytes, at);
    if bytes.get(at) != Some(&b'=') {
        return None;
    }
    let after = at + 1;
    let mut start = skip_blanks(bytes, after);
    let mut end = bytes.len();
    while end > start && is_blank(bytes[end - 1]) {
        end -= 1;
    }
    if start == end {
        // Nothing but blanks: the last of them is the value, nothing at all is no directive.
        start = bytes.len() - usize::from(bytes.len() > after);
        end = bytes.len();
        if start == end {
            return None;
        }
    }
    Some(Directive {
        name: name.into(),
        value: file.text_lossy(start, end),
        span: Span::new(line.text as u32, end as u32),
        value_span: Span::new(start as u32, end as u32),
    })
}

fn known(name: &[u8]) -> Option<&'static str> {
    ["syntax", "escape", "check"].into_iter().find(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).copied().is_some_and(is_blank) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::lines::Lines;
    use super::super::logical::File;

    #[test]
    fn directives_are_told_from_comments() {
        let cases = [
            ("# syntax=docker/dockerfile:1", Some(("syntax", "docker/dockerfile:1", 9))),
            ("  #ESCAPE = ` ", Some(("escape", "`", 12))),
            ("#check=skip=all;error=true", Some(("check", "skip=all;error=true", 7))),
            ("# escape=", None),
            ("# escape= ", Some(("escape", " ", 9))),
            ("# escapes=x", None),
            ("# note: x=y", None),
            ("#", None),
        ];
        for (text, expected) in cases {
            let line = Lines::new(text.as_bytes()).next().unwrap();
            let read = super::read(&File::new(text.as_bytes()), line);
            let read = read.map(|it| (it.name.into_owned(), it.value.into_owned(), it.value_span.start));
            assert_eq!(read, expected.map(|(name, value, at)| (name.into(), value.into(), at)), "{text}");
        }
    }
}
