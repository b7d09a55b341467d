//! Finds here-document words: a logical line in, the words that open heredocs out.
//!
//! BuildKit lexes the whole line, keyword and flags included, with `shell/lex.go`: escape `\` always, quotes and escapes
//! kept, unset variables left alone. When that fails there are no heredocs. The bodies are read by the driver.

use super::shell_words;
use super::words::Range;

/// A word that opens a heredoc.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) range: Range,
    pub(super) name: String,
    pub(super) expand: bool,
    pub(super) strip_tabs: bool,
    pub(super) descriptor: Option<u32>,
}

/// The heredocs that a line opens, in order.
pub(super) fn openings(text: &str) -> Vec<Opening> {
    let words = shell_words::words(text, true, true).unwrap_or_default();
    words.into_iter().filter_map(|(word, range)| opening(&word, range)).collect()
}

/// Whether one argument is a heredoc word.
pub(super) fn is_opening(word: &str) -> bool {
    word.contains("<<") && opening(word, (0, 0)).is_some()
}

/// `^(\d*)<<(-?)\s*([^<]*)$`, and the last part one non-empty word.
fn opening(word: &str, range: Range) -> Option<Opening> {
    let (digits, rest) = word.split_once("<<")?;
    if rest.contains('<') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (rest, strip_tabs) = match rest.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let rest = rest.trim_start_matches(['\t', '\n', '\x0C', '\r', ' ']);
    let mut names = shell_words::words(rest, false, false)?;
    let mut raw = shell_words::words(rest, true, false)?;
    let (Some((name, _)), Some((quoted, _))) = (names.pop(), raw.pop()) else { return None };
    if !names.is_empty() || !raw.is_empty() {
        return None;
    }
    let quotes = |text: &str| text.bytes().filter(|byte| matches!(byte, b'\'' | b'"')).count();
    let descriptor = digits.parse().ok();
    Some(Opening { range, expand: quotes(&name) == quotes(&quoted), name, strip_tabs, descriptor })
}

/// Whether a line can hold a heredoc word at all.
pub(super) fn may_open(text: &str) -> bool {
    let mut bytes = text.as_bytes();
    while let Some(at) = memchr::memchr(b'<', bytes) {
        if bytes.get(at + 1) == Some(&b'<') {
            return true;
        }
        bytes = &bytes[at + 1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{is_opening, may_open, openings};

    /// The word, the name, expand, strip tabs, descriptor.
    type Expected = (&'static str, &'static str, bool, bool, Option<u32>);

    #[test]
    fn words_that_open_heredocs() {
        let cases: &[(&str, &[Expected])] = &[
            ("RUN <<EOF", &[("<<EOF", "EOF", true, false, None)]),
            ("RUN cat <<-'A B' > x", &[("<<-'A B'", "A B", false, true, None)]),
            ("RUN 3<<\"EOF\" x", &[("3<<\"EOF\"", "EOF", false, false, Some(3))]),
            ("RUN << EOF cat", &[("<< EOF", "EOF", true, false, None)]),
            ("COPY <<A <<B /d", &[("<<A", "A", true, false, None), ("<<B", "B", true, false, None)]),
            ("RUN <<\\EOF", &[("<<\\EOF", "EOF", true, false, None)]),
            ("RUN <<$EOF", &[("<<$EOF", "$EOF", true, false, None)]),
            ("RUN cat<<EOF", &[]),
            ("RUN cat <<< x", &[]),
            ("RUN \"<<EOF\"", &[]),
            ("RUN echo $((1<<2))", &[]),
            ("RUN <<''", &[]),
            ("RUN echo ' <<EOF", &[]),
            ("RUN ${{x}} <<EOF", &[]),
            ("RUN ${x:-\"a b\"} ${y/a/b} ${z##*/} <<E", &[("<<E", "E", true, false, None)]),
            ("RUN ${x:-${y:-\"${z}\"}}<<E", &[]),
        ];
        for (line, expected) in cases {
            let found = openings(line);
            let found: Vec<_> = found
                .iter()
                .map(|it| {
                    (&line[it.range.0..it.range.1], it.name.as_str(), it.expand, it.strip_tabs, it.descriptor)
                })
                .collect();
            assert_eq!(found, *expected, "{line}");
        }
        assert!(is_opening("<<EOF") && !is_opening("a<<EOF") && may_open("<x<<") && !may_open("< <"));
    }

    #[test]
    fn deep_nesting_costs_no_stack() {
        let line = "RUN ".to_owned() + &"${a:-".repeat(50_000) + &"}".repeat(50_000) + " <<EOF";
        assert_eq!(openings(&line).len(), 1);
        assert_eq!(openings(&("RUN ".to_owned() + &"\"${a:-".repeat(50_000) + " <<EOF")).len(), 0);
    }
}
