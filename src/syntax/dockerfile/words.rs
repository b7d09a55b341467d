//! Words of ENV, LABEL, ARG and of plain argument lists: a range of a logical line in, ranges out.
//!
//! BuildKit: `parser/line_parsers.go`.

/// A range of a logical line's text, in bytes.
pub(super) type Range = (usize, usize);

/// Whether a byte separates a keyword from its arguments and one plain argument from the next: `[\t\v\f\r ]`.
/// A no-break space does not.
pub(super) fn is_separator(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x0B | 0x0C | b'\r' | b' ')
}

/// Where the first word of a range ends, and where the rest starts.
pub(super) fn split_first(text: &str, (start, end): Range) -> (usize, usize) {
    let bytes = &text.as_bytes()[start..end];
    let word = bytes.iter().position(|byte| is_separator(*byte)).unwrap_or(bytes.len());
    let blank = bytes[word..].iter().position(|byte| !is_separator(*byte)).unwrap_or(bytes.len() - word);
    (start + word, start + word + blank)
}

/// The words of a trimmed range; quotes mean nothing.
pub(super) fn plain(text: &str, (start, end): Range) -> impl Iterator<Item = Range> {
    let mut rest = start;
    std::iter::from_fn(move || {
        if rest >= end {
            return None;
        }
        let start = rest;
        let (word, next) = split_first(text, (start, end));
        rest = next;
        Some((start, word))
    })
}

/// The words of a range where `'` and `"` group and stay in the word. The escape character keeps itself and the next
/// character, except between `'`; at the very end it is dropped. An unterminated quote runs to the end.
pub(super) fn quoted(text: &str, (start, end): Range, escape: u8) -> impl Iterator<Item = Range> {
    let mut at = start;
    std::iter::from_fn(move || {
        loop {
            let character = text[at..end].chars().next()?;
            if character.is_whitespace() {
                at += character.len_utf8();
                continue;
            }
            let start = at;
            let (word, next) = quoted_word(text, start, end, escape);
            at = next;
            // The rest is an escape character alone when the word is empty.
            return (word > start).then_some((start, word));
        }
    })
}

/// Whether a byte is part of a word wherever it stands: visible ASCII, no quote and no escape character.
fn is_ordinary(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'\'' | b'"' | b'\\' | b'`')
}

/// From the first byte of a word: the end of its text, and where to go on.
fn quoted_word(text: &str, start: usize, end: usize, escape: u8) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut quote = 0;
    let mut at = start;
    while at < end {
        at += bytes[at..end].iter().take_while(|byte| is_ordinary(**byte)).count();
        if at == end {
            break;
        }
        let byte = bytes[at];
        if byte == escape && quote != b'\'' {
            if at + 1 == end {
                return (at, end);
            }
            at += 1 + width(bytes[at + 1]);
            continue;
        }
        if quote != 0 {
            if byte == quote {
                quote = 0;
            }
        } else if byte == b'\'' || byte == b'"' {
            quote = byte;
        } else if byte.is_ascii() {
            if matches!(byte, b'\t'..=b'\r' | b' ') {
                return (at, at);
            }
        } else if text[at..].chars().next().is_some_and(char::is_whitespace) {
            return (at, at);
        }
        at += width(byte);
    }
    (end, end)
}

/// The length of the character that starts with this byte.
pub(super) fn width(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{plain, quoted, split_first};

    fn words(text: &str) -> Vec<&str> {
        quoted(text, (0, text.len()), b'\\').map(|(start, end)| &text[start..end]).collect()
    }

    #[test]
    fn quotes_and_escapes_stay_in_words() {
        let cases: &[(&str, &[&str])] = &[
            ("A=1  B=2", &["A=1", "B=2"]),
            ("A=\"x y\" 'q r'=s", &["A=\"x y\"", "'q r'=s"]),
            ("A=x\\ y B", &["A=x\\ y", "B"]),
            ("A='x\\' y'", &["A='x\\'", "y'"]),
            ("A=\"x\\\" y", &["A=\"x\\\" y"]),
            ("A=x\\", &["A=x"]),
            ("\\", &[]),
            ("\"\"", &["\"\""]),
            ("a\u{a0}b \u{2003}ü", &["a", "b", "ü"]),
            ("A=\\ü B", &["A=\\ü", "B"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), *expected, "{text}");
        }
    }

    #[test]
    fn plain_words_know_no_quotes() {
        let text = "a \"b\t c\" d\u{a0}e";
        let words: Vec<_> = plain(text, (0, text.len())).map(|(start, end)| &text[start..end]).collect();
        assert_eq!(words, ["a", "\"b", "c\"", "d\u{a0}e"]);
        assert_eq!(split_first("RUN  x", (0, 6)), (3, 5));
        assert_eq!(split_first("RUN", (0, 3)), (3, 3));
    }
}
