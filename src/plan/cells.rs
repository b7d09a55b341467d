//! The forms of a service row's cells: ports, machine names, "nothing".

use std::borrow::Cow;

use crate::source::{Span, is_hidden};

/// Ports of a service, each with its span.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) service: Option<(u16, Span)>,
    pub(super) health: Option<(u16, Span)>,
}

/// Whether a cell says that there is nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    let text = text.trim();
    text.chars().all(|c| matches!(c, '-' | '\u{2010}'..='\u{2015}' | '.'))
        || ["none", "n/a", "na", "tbd", "?"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a cell that holds a text as code gives it back as it is.
#[must_use]
pub fn is_cell(text: &str) -> bool {
    !text.starts_with('"')
        && !text.ends_with('\\')
        && !text.contains('`')
        && !text.contains("\\|")
        && !text.chars().any(is_hidden)
        && text.trim() == text
        && !is_nothing(text)
}

/// A text for a cell that `unquoted` reads: in quotes, as JSON has them, where the cell would change it; with `item`
/// also where a list would be split in it. What stands in quotes holds nothing that Markdown or a table takes as a mark
/// of its own inside of code.
#[must_use]
pub fn cell_text(text: &str, item: bool) -> Cow<'_, str> {
    if is_cell(text) && !(item && text.contains(',')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_hidden(c) || matches!(c, '`' | '|') => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    Cow::Owned(out)
}

/// The text of a cell, without the quotes that it may stand in.
pub(super) fn unquoted(text: &str) -> String {
    in_quotes(text).unwrap_or_else(|| text.to_owned())
}

/// The text between quotes, if a cell is just that.
pub(super) fn in_quotes(text: &str) -> Option<String> {
    text.starts_with('"').then(|| serde_json::from_str(text).ok()).flatten()
}

/// The items of a cell, split at commas that stand outside of quotes.
pub(super) fn items(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if rest.starts_with('"') {
            let mut strings = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            if let Some(Ok(item)) = strings.next() {
                let behind = rest.get(strings.byte_offset()..).unwrap_or_default().trim_start();
                if behind.is_empty() || behind.starts_with(',') {
                    found.push(item);
                    rest = behind.get(1..).unwrap_or_default().trim_start();
                    continue;
                }
            }
        }
        let (item, behind) = rest.split_once(',').unwrap_or((rest, ""));
        found.extend(Some(item.trim()).filter(|item| !item.is_empty()).map(str::to_owned));
        rest = behind.trim_start();
    }
    found
}

/// Whether a machine name means every machine.
pub(super) fn is_everywhere(name: &str) -> bool {
    ["both", "all", "every", "any", "*", "both machines", "all machines"]
        .iter()
        .any(|word| name.trim().eq_ignore_ascii_case(word))
}

/// Service and health port of `7200 / 8200`; `span` is where the text starts.
///
/// # Errors
/// Why it cannot be understood: the rest of a sentence that starts with the cell's name.
pub(super) fn ports(text: &str, span: Span) -> Result<Ports, String> {
    if is_nothing(text) {
        return Ok(Ports::default());
    }
    let parts: Vec<(&str, u32)> = pieces(text, &['/', ',']).collect();
    if parts.len() > 2 {
        return Err(format!("names {} ports, at most a service and a health port are meant", parts.len()));
    }
    let one = |at: usize| -> Result<Option<(u16, Span)>, String> {
        let Some((part, offset)) = parts.get(at).copied().filter(|(part, _)| !is_nothing(part)) else {
            return Ok(None);
        };
        let start = span.start + offset;
        port(part)
            .map(|port| Some((port, Span::new(start, (start + part.len() as u32).min(span.end.max(start))))))
    };
    Ok(Ports { service: one(0)?, health: one(1)? })
}

/// A port of its text.
pub(super) fn port(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    let short: String = text.chars().take(40).collect();
    if !digits {
        return Err(format!("holds `{short}`, which is no port"));
    }
    text.parse::<u16>()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| format!("holds `{short}`, but ports go from 1 to 65535"))
}

/// The names of a list, with their offsets: split at commas, `+`, `&`, `/`, `;` and the word `and`.
pub(super) fn names(text: &str) -> Vec<(&str, u32)> {
    let mut list = Vec::new();
    for (piece, offset) in pieces(text, &[',', '+', '&', '/', ';']) {
        let mut start = 0;
        for part in piece.split(" and ") {
            let lead = part.len() - part.trim_start().len();
            if !is_nothing(part) {
                list.push((part.trim(), offset + (start + lead) as u32));
            }
            start += part.len() + " and ".len();
        }
    }
    list
}

/// Trimmed pieces between separators, with their offsets.
fn pieces<'a>(text: &'a str, separators: &'a [char]) -> impl Iterator<Item = (&'a str, u32)> {
    let mut start = 0;
    text.split(separators).map(move |piece| {
        let lead = piece.len() - piece.trim_start().len();
        let offset = (start + lead) as u32;
        start += piece.len() + 1;
        (piece.trim(), offset)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_cells() {
        let both = |a: Option<u16>, b: Option<u16>| Some((a, b));
        let cases = [
            ("7200 / 8200", both(Some(7200), Some(8200))),
            ("7200/8200", both(Some(7200), Some(8200))),
            ("7200", both(Some(7200), None)),
            ("7200 / -", both(Some(7200), None)),
            ("- / 8200", both(None, Some(8200))),
            ("", both(None, None)),
            ("\u{2013}", both(None, None)),
            ("n/a", both(None, None)),
            ("70000", None),
            ("0", None),
            ("7200-7210", None),
            ("1/2/3", None),
            ("http", None),
            ("99999999999999999999", None),
        ];
        for (text, want) in cases {
            let got = ports(text, Span::new(10, 10 + text.len() as u32)).ok();
            let got = got.map(|it| (it.service.map(|it| it.0), it.health.map(|it| it.0)));
            assert_eq!(got, want, "{text}");
        }
        let got = ports("7200 / 8200", Span::new(10, 21)).expect("good");
        assert_eq!(got.health, Some((8200, Span::new(17, 21))));
    }

    #[test]
    fn quotes_keep_what_a_cell_would_change() {
        let texts = [
            "a",
            "a b",
            "",
            " lead",
            "-",
            "n/a",
            "a,b",
            "\"q\"",
            "a`b`",
            "a\\|b",
            "back\\",
            "\u{202e}\u{e0041}\n",
        ];
        for text in texts {
            assert_eq!(unquoted(&cell_text(text, false)), text, "{text:?}");
            let written = cell_text(text, true);
            assert_eq!(items(&format!("x, {written},{written} , y")), ["x", text, text, "y"], "{text:?}");
            assert!(!written.contains(['`', '\u{202e}']) && !written.contains("\\|"), "{written}");
        }
        assert_eq!((cell_text("a b", true), cell_text("a,b", false)), ("a b".into(), "a,b".into()));
        assert_eq!(items("\"a, b\"c, ,\"d"), ["\"a", "b\"c", "\"d"]);
    }

    #[test]
    fn machine_cells() {
        assert_eq!(names("4090, 3060"), [("4090", 0), ("3060", 6)]);
        assert_eq!(names("a and  b"), [("a", 0), ("b", 7)]);
        assert_eq!(names(" - "), []);
        assert!(is_everywhere(" Both ") && is_everywhere("all") && !is_everywhere("4090"));
    }
}
