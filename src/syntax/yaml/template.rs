//! Finds unrendered templates (Helm, Jinja, Go, ERB) at positions that decide the structure of a text.

use super::record::{Item, Kind};
use super::scalar::Style;
use crate::source::Span;

/// Where templates begin, and what ends them.
const FORMS: [(&str, &str); 4] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<%", "%>")];

/// The template that begins at `at`, where a bracket or a plain text does. `${{ }}` of GitHub is none.
pub(super) fn at_bracket(text: &str, at: usize) -> Option<Span> {
    let rest = text.get(at..)?;
    if text[..at].ends_with('$') {
        return None;
    }
    let (_, close) = FORMS.iter().find(|(open, _)| rest.starts_with(open))?;
    let line = rest.lines().next().unwrap_or_default();
    let length = line.find(close).map_or(line.len(), |end| end + close.len());
    Some(Span::new(at as u32, (at + length) as u32))
}

/// The first template at a structure position of a document that the parser refuses: from its beginning to the end of
/// the line of the mistake. `items` are the nodes read so far; what stands in their quotes and blocks is text.
pub(super) fn before_mistake(text: &str, from: usize, mistake: usize, items: &[Item]) -> Option<Span> {
    let end = text[mistake..].find('\n').map_or(text.len(), |length| mistake + length);
    let mut at = from;
    for line in text[from..end].split_inclusive('\n') {
        if !line.trim_start().starts_with('#') {
            let found = in_line(line).find(|offset| !is_text(items, (at + offset) as u32));
            if let Some(offset) = found {
                return at_bracket(text, at + offset);
            }
        }
        at += line.len();
    }
    None
}

/// Offsets in a line at which a template begins where a node may.
fn in_line(line: &str) -> impl Iterator<Item = usize> {
    let opens = line.bytes().zip(line.bytes().skip(1)).enumerate();
    opens.filter_map(move |(at, pair)| {
        let is_open = matches!(pair, (b'{', b'{' | b'%' | b'#') | (b'<', b'%'));
        (is_open && begins_node(&line.as_bytes()[..at])).then_some(at)
    })
}

/// Whether a node may begin behind this part of a line.
fn begins_node(before: &[u8]) -> bool {
    let trimmed = before.trim_ascii_end();
    let has_blank = trimmed.len() < before.len();
    match trimmed.last() {
        None | Some(b',' | b'[' | b'{') => true,
        Some(b':' | b'-' | b'?') => has_blank,
        // Behind the end of another template on the same line.
        Some(b'}' | b'>') => trimmed.ends_with(b"}}") || trimmed.ends_with(b"%}") || trimmed.ends_with(b"%>"),
        _ => false,
    }
}

/// Whether an offset lies in a quoted or block scalar.
fn is_text(items: &[Item], at: u32) -> bool {
    let behind = items.partition_point(|item| item.span.start <= at);
    let Some(item) = behind.checked_sub(1).map(|last| &items[last]) else { return false };
    matches!(item.kind, Kind::Scalar(style) if style != Style::Plain) && item.span.end > at
}
