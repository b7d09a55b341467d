//! Flags between a keyword and its arguments: a range of a logical line in, flags and the rest out.
//!
//! BuildKit: `parser/split_command.go`. The scan knows one escape character only, `\`, whatever the directive says.

use super::logical::{Builder, Logical};
use super::words::{Range, width};
use super::{Flag, Text};

/// Reads the flags at the start of a range; also gives where the arguments start.
pub(super) fn read<'a>(line: &Logical<'a, '_>, (start, end): Range) -> (Vec<Flag<'a>>, usize) {
    let mut flags = Vec::new();
    let mut at = start;
    loop {
        at = skip_blanks(line.text, at, end);
        if !line.text[at..end].starts_with("--") {
            return (flags, at);
        }
        let word = Word::scan(line.text, at, end);
        if word.is_bare(line.text) {
            return (flags, if word.end < end { word.end } else { end });
        }
        flags.push(word.flag(line));
        at = word.end;
    }
}

/// BuildKit looks at single bytes here, so a character that holds byte 85 or A0 ends a word too.
fn is_blank(bytes: &[u8], at: usize) -> bool {
    let first = bytes[at];
    if first.is_ascii() {
        return matches!(first, b'\t'..=b'\r' | b' ');
    }
    bytes[at..(at + width(first)).min(bytes.len())].iter().any(|byte| matches!(byte, 0x85 | 0xA0))
}

fn skip_blanks(text: &str, start: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while at < end && matches!(bytes[at], b'\t'..=b'\r' | b' ') {
        at += 1;
    }
    at
}

/// One flag: its range, and the pieces that are left when quotes and escapes are taken away.
struct Word {
    start: usize,
    end: usize,
    /// Ranges of the text; empty when the word holds neither quote nor escape.
    pieces: Vec<Range>,
}

impl Word {
    fn scan(text: &str, start: usize, limit: usize) -> Self {
        let bytes = text.as_bytes();
        let (mut at, mut piece, mut quote) = (start, start, 0);
        let mut pieces = Vec::new();
        while at < limit {
            let byte = bytes[at];
            let skipped = match byte {
                b'\\' => true,
                b'\'' | b'"' if quote == 0 => {
                    quote = byte;
                    true
                }
                _ if quote != 0 && byte == quote => {
                    quote = 0;
                    true
                }
                _ if quote == 0 && is_blank(bytes, at) => break,
                _ => false,
            };
            if skipped {
                pieces.push((piece, at));
                at += 1;
                piece = at;
                if byte != b'\\' || at >= limit {
                    continue;
                }
            }
            at += width(bytes[at]);
        }
        let end = at.min(limit);
        if !pieces.is_empty() {
            pieces.push((piece.min(end), end));
        }
        Self { start, end, pieces }
    }

    /// Whether it is `--` alone, which ends the flags.
    fn is_bare(&self, text: &str) -> bool {
        if self.pieces.is_empty() {
            return self.end - self.start == 2;
        }
        self.pieces.iter().map(|(start, end)| text[*start..*end].len()).sum::<usize>() == 2
    }

    fn flag<'a>(&self, line: &Logical<'a, '_>) -> Flag<'a> {
        let raw = line.slice(self.start, self.end);
        if self.pieces.is_empty() {
            let equals = line.text[self.start..self.end].find('=').map(|at| self.start + at);
            let name = line.cow(self.start + 2, equals.unwrap_or(self.end));
            return Flag { raw, name, value: equals.map(|at| line.slice(at + 1, self.end)) };
        }
        self.resolved(line, raw)
    }

    /// A flag with quotes or escapes in it.
    fn resolved<'a>(&self, line: &Logical<'a, '_>, raw: Text<'a>) -> Flag<'a> {
        let mut name = String::new();
        let mut value: Option<(usize, Builder)> = None;
        for (start, end) in &self.pieces {
            match &mut value {
                Some((_, builder)) => builder.push_range(line, *start, *end),
                None => match line.text[*start..*end].find('=') {
                    Some(at) => {
                        name.push_str(&line.text[*start..start + at]);
                        let mut builder = Builder::default();
                        builder.push_range(line, start + at + 1, *end);
                        value = Some((start + at + 1, builder));
                    }
                    None => name.push_str(&line.text[*start..*end]),
                },
            }
        }
        let name = name.strip_prefix("--").unwrap_or(&name).to_owned();
        let value = value.map(|(start, builder)| builder.finish(line.span(start, self.end)));
        Flag { raw, name: name.into(), value }
    }
}

#[cfg(test)]
mod tests {
    use super::super::logical::{File, Logical};

    fn read(text: &str) -> (Vec<(String, Option<String>)>, String) {
        let line = Logical { file: File::new(text.as_bytes()), text, segments: &[(0, 0)] };
        let (flags, rest) = super::read(&line, (0, text.len()));
        let flags =
            flags.into_iter().map(|flag| (flag.name.into_owned(), flag.value.map(|it| it.text.into_owned())));
        (flags.collect(), text[rest..].to_owned())
    }

    type Flags = &'static [(&'static str, Option<&'static str>)];

    #[test]
    fn quotes_and_escapes_are_resolved() {
        let cases: &[(&str, Flags, &str)] = &[
            ("--from=b a c", &[("from", Some("b"))], "a c"),
            ("--link  --chmod= x", &[("link", None), ("chmod", Some(""))], "x"),
            ("--from='a b' c", &[("from", Some("a b"))], "c"),
            ("--fr\"om\"=a\\ b c", &[("from", Some("a b"))], "c"),
            ("--a=\"x\\\"y\" z", &[("a", Some("x\"y"))], "z"),
            ("-- --x y", &[], " --x y"),
            ("--a=1 -- --x", &[("a", Some("1"))], " --x"),
            ("-x --y", &[], "-x --y"),
            ("--a=1", &[("a", Some("1"))], ""),
            ("--a=1\\", &[("a", Some("1"))], ""),
            ("--", &[], ""),
        ];
        for (text, flags, rest) in cases {
            let flags: Vec<_> = flags.iter().map(|(n, v)| ((*n).to_owned(), v.map(str::to_owned))).collect();
            assert_eq!(read(text), (flags, (*rest).to_owned()), "{text}");
        }
    }
}
