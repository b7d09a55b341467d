//! The exec form: a JSON array of strings, by the rules of Go's `encoding/json`, without recursion.

use super::Text;
use super::logical::{Builder, Logical};
use super::words::Range;

/// Deeper nesting is refused, as Go refuses it.
const MAX_DEPTH: usize = 10_000;

/// What a text is, read as a JSON array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Array {
    /// No valid JSON array: the plain form is meant.
    Invalid,
    /// A valid array with a member that is no string; the range of the first such member's first byte.
    NotStrings(Range),
    /// The members, quotes included.
    Strings(Vec<Range>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// Reads a range that starts with `[` (after blanks); anything else is [`Array::Invalid`].
pub(super) fn read(text: &str, (start, end): Range) -> Array {
    let bytes = &text.as_bytes()[..end];
    let start = end - text[start..end].trim_start().len();
    if bytes.get(start) != Some(&b'[') {
        return Array::Invalid;
    }
    Reader { bytes, at: start + 1, objects: vec![false], members: Vec::new(), other: None }
        .run()
        .unwrap_or(Array::Invalid)
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The open brackets: `true` for an object.
    objects: Vec<bool>,
    members: Vec<Range>,
    other: Option<Range>,
}

impl Reader<'_> {
    fn run(mut self) -> Option<Array> {
        let mut expect = Expect::ValueOrEnd;
        while !self.objects.is_empty() {
            self.skip_blanks();
            let byte = *self.bytes.get(self.at)?;
            expect = match (expect, byte) {
                (Expect::Value | Expect::ValueOrEnd, b']') if expect == Expect::ValueOrEnd => {
                    self.close(false)?
                }
                (Expect::Value | Expect::ValueOrEnd, _) => self.value(byte)?,
                (Expect::KeyOrEnd, b'}') => self.close(true)?,
                (Expect::Key | Expect::KeyOrEnd, b'"') => {
                    self.string()?;
                    Expect::Colon
                }
                (Expect::Colon, b':') => {
                    self.at += 1;
                    Expect::Value
                }
                (Expect::CommaOrEnd, b',') => {
                    self.at += 1;
                    if self.objects.last() == Some(&true) { Expect::Key } else { Expect::Value }
                }
                (Expect::CommaOrEnd, b']') => self.close(false)?,
                (Expect::CommaOrEnd, b'}') => self.close(true)?,
                _ => return None,
            };
        }
        self.skip_blanks();
        if self.at < self.bytes.len() {
            return None;
        }
        Some(self.other.map_or(Array::Strings(self.members), Array::NotStrings))
    }

    fn skip_blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn close(&mut self, object: bool) -> Option<Expect> {
        (self.objects.pop()? == object).then_some(())?;
        self.at += 1;
        Some(Expect::CommaOrEnd)
    }

    fn value(&mut self, byte: u8) -> Option<Expect> {
        let start = self.at;
        let top = self.objects.len() == 1;
        if byte == b'"' {
            self.string()?;
            if top {
                self.members.push((start, self.at));
            }
            return Some(Expect::CommaOrEnd);
        }
        if top && self.other.is_none() {
            self.other = Some((start, start + 1));
        }
        match byte {
            b'[' | b'{' => {
                self.at += 1;
                self.objects.push(byte == b'{');
                (self.objects.len() <= MAX_DEPTH).then_some(())?;
                return Some(if byte == b'{' { Expect::KeyOrEnd } else { Expect::ValueOrEnd });
            }
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            _ => self.number()?,
        }
        Some(Expect::CommaOrEnd)
    }

    fn literal(&mut self, word: &[u8]) -> Option<()> {
        self.bytes[self.at..].starts_with(word).then_some(())?;
        self.at += word.len();
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let count = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    /// A number; one that is too large for a double makes Go refuse the text.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        self.at += usize::from(self.bytes.get(self.at) == Some(&b'-'));
        match self.bytes.get(self.at)? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).ok()?;
        text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| ())
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => match *self.bytes.get(self.at + 1)? {
                    b'u' => {
                        hex(self.bytes, self.at + 2)?;
                        self.at += 6;
                    }
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
                    _ => return None,
                },
                0..0x20 => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }
}

/// Four hexadecimal digits.
fn hex(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |sum, byte| Some(sum * 16 + (*byte as char).to_digit(16)?))
}

/// Decodes one member of a valid array; its span includes the quotes.
pub(super) fn decode<'a>(line: &Logical<'a, '_>, (start, end): Range) -> Text<'a> {
    let bytes = &line.text.as_bytes()[..end - 1];
    let span = line.span(start, end);
    let plain = memchr::memchr(b'\\', &bytes[start + 1..]).is_none();
    if plain {
        let mut text = line.slice(start + 1, end - 1);
        if text.segments.is_empty() {
            text.segments.push((0, text.span.start));
        }
        return Text { span, ..text };
    }
    let mut builder = Builder::default();
    let mut at = start + 1;
    while at < bytes.len() {
        let run = memchr::memchr(b'\\', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        builder.push_range(line, at, run);
        at = run;
        if at < bytes.len() {
            let (character, length) = escape(bytes, at);
            builder.push_char(line, character, at);
            at += length;
        }
    }
    builder.finish(span)
}

/// The character that a valid escape stands for, and its length as written.
fn escape(bytes: &[u8], at: usize) -> (char, usize) {
    let character = match bytes.get(at + 1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(bytes, at),
        Some(other) => *other as char,
        None => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (character, 2)
}

/// `\uXXXX`, a surrogate pair joined; a lone surrogate is U+FFFD.
fn unicode_escape(bytes: &[u8], at: usize) -> (char, usize) {
    let first = hex(bytes, at + 2).unwrap_or(0xFFFD);
    if let 0xD800..0xDC00 = first
        && bytes.get(at + 6..at + 8) == Some(b"\\u")
        && let Some(second @ 0xDC00..0xE000) = hex(bytes, at + 8)
    {
        let joined = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

#[cfg(test)]
mod tests {
    use super::super::logical::{File, Logical};
    use super::{Array, decode, read};

    fn strings(text: &str) -> Option<Vec<String>> {
        let line = Logical { file: File::new(text.as_bytes()), text, segments: &[(0, 0)] };
        match read(text, (0, text.len())) {
            Array::Strings(members) => {
                Some(members.into_iter().map(|it| decode(&line, it).text.into_owned()).collect())
            }
            Array::Invalid | Array::NotStrings(_) => None,
        }
    }

    #[test]
    fn arrays_of_strings_are_decoded() {
        let cases: &[(&str, &[&str])] = &[
            ("[]", &[]),
            (" [ \"a\" , \"b\" ] ", &["a", "b"]),
            (r#"["a\"b","c\u0041","\\d\/\n"]"#, &["a\"b", "cA", "\\d/\n"]),
            (r#"["\ud83d\ude00\ud83d","\u0000"]"#, &["\u{1f600}\u{fffd}", "\0"]),
        ];
        for (text, expected) in cases {
            let expected: Vec<String> = expected.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(strings(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn broken_json_is_the_plain_form() {
        for text in [
            "",
            "a",
            "[",
            "[\"a\" \"b\"]",
            "['a']",
            "[\"a\",]",
            "[ -f x ] && y",
            "[\"a\"] x",
            "[\"\\x\"]",
            "[\"a\tb\"]",
            "[,]",
            "[01]",
            "[1e999]",
            "[\"\\u12\"]",
            "[{]}",
            "[{\"a\"}]",
            "[tru]",
        ] {
            assert_eq!(read(text, (0, text.len())), Array::Invalid, "{text}");
        }
        let deep = "[".repeat(50_000) + &"]".repeat(50_000);
        assert_eq!(read(&deep, (0, deep.len())), Array::Invalid);
    }

    #[test]
    fn other_members_are_told_apart() {
        for text in ["[1]", "[null]", "[[\"a\"]]", "[{\"a\":[true,-1.5e3]}]"] {
            assert_eq!(read(text, (0, text.len())), Array::NotStrings((1, 2)), "{text}");
        }
        assert_eq!(read("[\"a\", 1]", (0, 8)), Array::NotStrings((6, 7)));
    }
}
