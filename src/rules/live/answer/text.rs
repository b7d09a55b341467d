//! Texts of answers, as messages show them.

use std::time::Duration;

use crate::model::HttpAnswer;
use crate::rules::run::is_secret;

/// Characters of a body that a message shows: enough to know it again, too few for most secrets.
const MAX_EXCERPT: usize = 40;
/// Characters of any other text.
const MAX_SHOWN: usize = 120;

/// The first words of a body in backticks and parentheses, with a blank in front; nothing of an empty body or of one that
/// is no text.
pub(super) fn excerpt(answer: &HttpAnswer) -> String {
    let bytes = answer.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&answer.body);
    // Four bytes a character, and some white space between them.
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_EXCERPT * 8)]);
    let words = clean(&text, MAX_EXCERPT);
    let strange = words.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    match words.is_empty() || strange * 4 > words.chars().count() {
        true => String::new(),
        false => format!(" (`{words}`)"),
    }
}

/// A text of an answer, on one line and cut.
pub(in crate::rules::live) fn shown(text: &str) -> String {
    clean(text, MAX_SHOWN)
}

/// A value of an answer: as short as an excerpt.
pub(in crate::rules::live) fn clip(text: &str) -> String {
    clean(text, MAX_EXCERPT)
}

/// Whether a text seems to hold a secret: a token, an address with a password, or a value behind a name that says so.
fn may_be_secret(text: &str) -> bool {
    let marks = |c: char| c.is_whitespace() || c.is_control() || "\"'`{}[]<>(),:;=&?".contains(c);
    let words: Vec<&str> = text.split(marks).filter(|word| !word.is_empty()).collect();
    let named = |pair: &[&str]| {
        let is_told = is_told(text, pair[0]) || pair[1].chars().any(|c| !c.is_alphabetic());
        (is_told && is_secret(pair[0], pair[1])) || is_bearer(pair[0], pair[1])
    };
    words.windows(2).any(named)
        || words.into_iter().chain(text.split_whitespace()).any(|word| is_secret("", word))
}

/// Whether a name has a value behind `=` or `:`, and not only another word of a sentence.
fn is_told(text: &str, name: &str) -> bool {
    let mut behind = text.match_indices(name).map(|(at, _)| &text[at + name.len()..]);
    behind.any(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(['=', ':']))
}

/// Whether a word is the token behind `Bearer` (RFC 6750 §2.1): a word of a sentence is shorter.
fn is_bearer(scheme: &str, token: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer") && token.len() >= 12
}

/// What the probe engine says, which has its own backticks around what it quotes; on one line and cut.
pub(in crate::rules::live) fn phrase(text: &str) -> String {
    match may_be_secret(&near(text, MAX_SHOWN)) {
        true => "***".to_owned(),
        false => plain(text, MAX_SHOWN, false),
    }
}

/// Runs of white space and control characters are one blank, backticks are quotes. What seems to be a secret is not shown.
pub(in crate::rules::live) fn clean(text: &str, max: usize) -> String {
    match may_be_secret(&near(text, max)) {
        true => "***".to_owned(),
        false => plain(text, max, true),
    }
}

/// What may say that the shown part of a text is a secret: what is cut away, but not from far away.
fn near(text: &str, max: usize) -> String {
    text.chars().take(max * 4).collect()
}

fn plain(text: &str, max: usize, is_quoted: bool) -> String {
    let mut out = String::new();
    let mut count = 0;
    for c in text.chars() {
        let c = match c {
            '`' if is_quoted => '\'',
            c if c.is_whitespace() || c.is_control() => ' ',
            c => c,
        };
        if c == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if count == max {
            out.truncate(out.trim_end().len());
            out.push('\u{2026}');
            return out;
        }
        out.push(c);
        count += 1;
    }
    out.truncate(out.trim_end().len());
    out
}

/// Where an answer sends to, without what may be secret in it: user, query and fragment.
pub(super) fn target(location: &str) -> String {
    let plain = location.split(['?', '#']).next().unwrap_or_default();
    let plain = match plain.split_once("//") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            format!("{scheme}//{}{path}", host.rsplit('@').next().unwrap_or_default())
        }
        None => plain.to_owned(),
    };
    shown(&plain)
}

/// `5 s`, `1.25 s`, `40 ms`.
pub(super) fn seconds(time: Duration) -> String {
    milliseconds(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// The same of milliseconds.
pub(super) fn milliseconds(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        _ => {
            let text = format!("{}.{:03}", ms / 1000, ms % 1000);
            format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
        }
    }
}

/// A list of alternatives: `200`, `200 or 204`.
pub(super) fn either(items: &[String]) -> String {
    match items.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_answers_are_tamed() {
        let cases =
            [("  a\r\n\tb\u{0}\u{1b}[31m `c` ", "a b [31m 'c'"), ("", ""), (" \n", ""), ("\u{e9}", "\u{e9}")];
        for (text, want) in cases {
            assert_eq!(shown(text), want);
        }
        let long = shown(&"x ".repeat(500));
        assert_eq!((long.chars().count(), long.ends_with("x\u{2026}")), (MAX_SHOWN, true), "{long}");
    }

    #[test]
    fn secrets_of_answers_are_not_shown() {
        let hidden = [
            "PASSWORD=hunter2",
            "{\"api_token\":\"abc9x\"}",
            "Authorization: Bearer abcdef0123456789",
            "m{password=\"hunter2\",a=\"b\"}",
            "curl: http://admin:hunter2@db/ failed",
            "--api-key hunter2",
            "no `password` `hunter2`",
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        ];
        for text in hidden {
            assert_eq!((shown(text), phrase(text)), ("***".to_owned(), "***".to_owned()), "{text}");
        }
        for text in ["status: ok", "bearer token missing", "/bin/sh: 1: curl: not found", "tokens 17 keys 3"]
        {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn where_an_answer_sends_to_keeps_no_secret() {
        let cases = [
            ("/login?token=s3cret#x", "/login"),
            ("http://user:pass@169.254.169.254/latest?x=1", "http://169.254.169.254/latest"),
            ("https://h", "https://h"),
            ("//h/p", "//h/p"),
            ("file:///etc/passwd", "file:///etc/passwd"),
            ("", ""),
        ];
        for (location, want) in cases {
            assert_eq!(target(location), want);
        }
    }

    #[test]
    fn times_are_short() {
        let cases = [(5_000, "5 s"), (1_250, "1.25 s"), (40, "40 ms"), (0, "0 ms"), (60_001, "60.001 s")];
        for (ms, want) in cases {
            assert_eq!(seconds(Duration::from_millis(ms)), want);
        }
    }
}
