//! What the library leaves open about one scalar: its exact text and place, and whether it is a merge key.

use granit_parser::ScalarStyle;

use super::scalar::Style;
use crate::source::Span;

/// Whether a key is `<<`, as go-yaml decides it: unquoted, or tagged `!!merge`.
pub(super) fn is_merge_key(text: &str, style: Style, tag: Option<&str>) -> bool {
    text == "<<"
        && match tag {
            None | Some("!") => style == Style::Plain,
            Some(tag) => matches!(tag, "!!merge" | "!<tag:yaml.org,2002:merge>" | "tag:yaml.org,2002:merge"),
        }
}

/// The place of an empty value without tag and anchor: behind its `:`; where it has none, behind what stands before it.
pub(super) fn behind_colon(text: &str, span: Span) -> Span {
    let rest = &text.as_bytes()[span.start as usize..];
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let at = match rest.get(blanks) {
        Some(b':') => span.start + blanks as u32 + 1,
        _ => text[..span.start as usize].trim_end().len() as u32,
    };
    Span::new(at, at)
}

/// Whether an empty key stands at a `:` that no `?` announces.
pub(super) fn is_missing_key(text: &str, span: Span) -> bool {
    let (before, behind) = text.split_at(span.start as usize);
    behind.starts_with(':') && !before.trim_end().ends_with('?')
}

/// The text and the place of a block scalar: from its first to its last character that is no blank and no line end; its
/// header when it is empty. Where the file ends without a line end, the text does as well.
pub(super) fn block_scalar<'t>(whole: &str, text: &'t str, span: Span) -> (&'t str, Span) {
    let written = whole[span.range()].trim_end();
    let ends_open = span.end as usize == whole.len() && !whole.ends_with(['\n', '\r']);
    let text = if ends_open { text.strip_suffix('\n').unwrap_or(text) } else { text };
    (text, Span::new(span.start, span.start + written.len() as u32))
}

/// The style that the library names.
pub(super) fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}
