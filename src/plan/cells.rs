//! The forms of a service row's cells: ports, machine names, "nothing".

use crate::source::Span;

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
    fn machine_cells() {
        assert_eq!(names("4090, 3060"), [("4090", 0), ("3060", 6)]);
        assert_eq!(names("a and  b"), [("a", 0), ("b", 7)]);
        assert_eq!(names(" - "), []);
        assert!(is_everywhere(" Both ") && is_everywhere("all") && !is_everywhere("4090"));
    }
}
