//! TOML out: keys, values and comments that are valid whatever text they are made of.

use std::fmt::Write as _;

use crate::source::is_hidden as hidden;

/// A key: bare where TOML lets it.
#[must_use]
pub fn key(text: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !text.is_empty() && text.bytes().all(bare) { text.to_owned() } else { string(text) }
}

/// A string: in single quotes where that saves escapes.
#[must_use]
pub fn string(text: &str) -> String {
    if text.contains('\\') && !text.contains('\'') && !text.chars().any(hidden) {
        return format!("'{text}'");
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if hidden(c) && u32::from(c) <= 0xFFFF => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c if hidden(c) => drop(write!(out, "\\U{:08X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A list of strings on one line.
#[must_use]
pub fn list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| string(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// Text for a comment, without its mark: one line, nothing hidden in it.
#[must_use]
pub fn comment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.extend(c.escape_default()),
            c if hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::toml::{Toml, parse};
    use super::*;
    use crate::source::Source;

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "",
            "plain",
            "a.b",
            "q\"q",
            "it's",
            "b\\d",
            "'\\'",
            "\u{0}\u{1b}\u{7f}\u{85}",
            "a\nb\r\tc",
            "\u{202e}abc\u{2066}",
            "\u{e0041}",
            "]\n[x]\ny = 1 # z",
            "\u{1f6a2} \u{e9}",
        ] {
            let line = format!("# {}\n{} = {}\n", comment(text), key(text), string(text));
            let source = Source::new("p.toml", line.clone().into_bytes());
            let entries = parse(&source).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert_eq!((entries.len(), entries[0].key.as_str()), (1, text), "{line}");
            assert!(matches!(&entries[0].node.value, Toml::Text(read) if read == text), "{line}");
            assert!(!line.contains(['\u{202e}', '\u{2066}', '\u{0}']), "{line}");
        }
        assert_eq!(string(r"^\d{8}$"), r"'^\d{8}$'");
        assert_eq!((key("a-b_1"), key("a b")), ("a-b_1".to_owned(), "\"a b\"".to_owned()));
    }
}
