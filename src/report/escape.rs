//! Escaping: text of input, made harmless for each kind of reader.
//!
//! Input comes from pull requests. What can move a cursor, reorder a line or end a quotation is made visible.

use std::borrow::Cow;

pub(super) use crate::source::is_hidden as hostile;

/// Text for terminals and logs: control and invisible characters as `\u{1b}`, tabs and line ends as `\t` and `\n`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) || !text.chars().any(hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_visible(character, &mut out);
    }
    Cow::Owned(out)
}

/// Appends one character as [`visible`] shows it.
pub(super) fn push_visible(character: char, out: &mut String) {
    match character {
        '\n' | '\r' | '\t' => out.extend(character.escape_default()),
        character if hostile(character) => out.extend(character.escape_unicode()),
        character => out.push(character),
    }
}

/// Text of XML, in elements and attributes: entities, and hostile characters as [`visible`] shows them, which leaves none
/// that XML 1.0 forbids.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in visible(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // No characters of Unicode, and forbidden in XML.
            '\u{FFFE}' | '\u{FFFF}' => out.push(char::REPLACEMENT_CHARACTER),
            other => out.push(other),
        }
    }
    out
}

/// Text between backticks is kept as code, the rest loses its meaning for Markdown: no links, tables, HTML, mentions. Code
/// that looks like HTML is written as text, so that no reader's idea of where code ends makes markup of it.
pub(super) fn markdown(text: &str) -> String {
    let text = visible(text);
    // An odd number of backticks would let the last one run over the text behind, and several in a row are a mark of their
    // own, which single ones do not close (CommonMark, "Code spans").
    let balanced = text.matches('`').count().is_multiple_of(2) && !text.contains("``");
    let mut out = String::with_capacity(text.len() + 16);
    if !balanced {
        push_plain(&text, &mut out);
        return out;
    }
    for (at, part) in text.split('`').enumerate() {
        match at % 2 == 1 && !part.contains('<') {
            // Table cells are split before code is read.
            true => out.extend(["`", &part.replace('|', "\\|"), "`"]),
            false => push_plain(part, &mut out),
        }
    }
    out
}

/// Text without a meaning for Markdown.
fn push_plain(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '|' => out.push_str("\\|"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            // A bare address becomes a link without any marks.
            ':' => out.push_str("&#58;"),
            '`' | '*' | '_' | '[' | ']' | '(' | ')' | '\\' | '#' | '!' | '~' => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
}

/// A path as a relative URI: `/` kept, everything but unreserved characters percent-encoded.
pub(super) fn uri(path: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if path.bytes().all(plain) {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len() + 16);
    for byte in path.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_become_visible() {
        for (text, expected) in [
            ("plain é 語", "plain é 語"),
            ("a\x1b[31mb", "a\\u{1b}[31mb"),
            ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("a\n\tb\r", "a\\n\\tb\\r"),
            ("\u{9b}\u{7f}\u{feff}\u{200b}", "\\u{9b}\\u{7f}\\u{feff}\\u{200b}"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn xml_holds_no_markup_and_no_forbidden_character() {
        assert_eq!(
            xml("<a b=\"c\" d='e'>&\u{0}\u{1b}\u{ffff}"),
            "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;\\u{0}\\u{1b}\u{fffd}"
        );
    }

    #[test]
    fn markdown_holds_no_link_table_mention_or_html() {
        for (text, expected) in [
            ("runs as `a_b*`, not **c**", "runs as `a_b*`, not \\*\\*c\\*\\*"),
            ("[x](http://y) <img> @team", "\\[x\\]\\(http&#58;//y\\) &lt;img&gt; &#64;team"),
            ("`a|b` | c\n# d", "`a\\|b` \\| c\\\\n\\# d"),
            ("odd ` [x]", "odd \\` \\[x\\]"),
            ("a ``` [x](u) `", "a \\`\\`\\` \\[x\\]\\(u\\) \\`"),
        ] {
            assert_eq!(markdown(text), expected);
        }
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("a/b-c_d.e~f"), "a/b-c_d.e~f");
        assert_eq!(uri("a b/é#?%:\x1b"), "a%20b/%C3%A9%23%3F%25%3A%1B");
    }
}
