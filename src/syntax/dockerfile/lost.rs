//! Lines that are no instruction: a lost continuation, a mistyped keyword, a template tag, or something else.
//!
//! BuildKit calls all of them "unknown instruction"; a lost `\` is told apart because it is by far the most frequent
//! cause and has a safe repair.

use super::instruction::shorten;
use super::lines::Line;
use super::{Arguments, Dockerfile, Instruction, Keyword, SyntaxError, SyntaxErrorKind, templates};
use crate::source::Span;

/// Remembers what the unknown instructions before were taken for.
#[derive(Debug, Default)]
pub(super) struct Unknowns {
    /// Index of the instruction that was last taken for an orphan.
    orphan: Option<usize>,
}

impl Unknowns {
    /// Reports an unknown instruction that is about to be added to the tree.
    pub(super) fn report(&mut self, tree: &mut Dockerfile<'_>, it: &Instruction<'_>, first: Line) {
        let bytes = tree.bytes;
        if templates::starts_with_tag(&bytes[it.span.range()]) {
            return;
        }
        let index = tree.instructions.len();
        let above = tree.instructions.last();
        let owner = above.filter(|above| {
            // A closed array and a heredoc end for good.
            let open = above.heredocs.is_empty() && !matches!(above.arguments, Arguments::Json(_));
            open && (above.keyword != Keyword::Unknown || self.orphan == Some(index - 1))
        });
        if let Some(owner) = owner
            && !it.name.is_empty()
            && is_orphan(bytes, owner, it, first, self.orphan == Some(index - 1))
        {
            let escape = tree.escape as char;
            let message =
                format!("this line lacks its `{escape}`: what follows is no instruction but the rest of it");
            let mut error =
                SyntaxError::new(SyntaxErrorKind::LostContinuation, message, last_word(bytes, owner));
            error.related = physical_lines(bytes, it.span);
            tree.errors.push(error);
            self.orphan = Some(index);
            return;
        }
        let name = shorten(&it.name);
        let message = match Keyword::nearest(&it.name) {
            Some(keyword) => format!("unknown instruction `{name}` (did you mean {}?)", keyword.name()),
            None if name.is_empty() => "nothing but a continuation character".to_owned(),
            None => format!("unknown instruction `{name}`"),
        };
        tree.errors.push(SyntaxError::new(SyntaxErrorKind::UnknownInstruction, message, it.name_span));
    }
}

/// Whether a line looks like the rest of the instruction above it.
fn is_orphan(
    bytes: &[u8],
    owner: &Instruction<'_>,
    it: &Instruction<'_>,
    first: Line,
    after_orphan: bool,
) -> bool {
    let text = &bytes[it.span.range()];
    if starts_like_a_rest(text) || goes_on(&bytes[owner.span.range()]) {
        return true;
    }
    if matches!(owner.keyword, Keyword::Env | Keyword::Label | Keyword::Arg | Keyword::Run | Keyword::Unknown)
        && has_key(text)
    {
        return true;
    }
    // `RUN --mount=…` without a command: what stands below is the command.
    if owner.keyword == Keyword::Run && !owner.flags.is_empty() && matches!(owner.arguments, Arguments::None)
    {
        return true;
    }
    let is_word = it.name.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_typo = is_word && Keyword::nearest(&it.name).is_some();
    (first.text > first.start || after_orphan) && !is_typo
}

/// Whether a line starts with what no instruction starts with: an operator, an option, a path, a quote, a variable.
fn starts_like_a_rest(text: &[u8]) -> bool {
    match text {
        [b'&' | b'|' | b';' | b'<' | b'>' | b')' | b']' | b'}' | b'"' | b'\'' | b',' | b'$' | b'~', ..] => {
            true
        }
        [b'/' | b'\\', ..] | [b'.', b'/' | b'.', ..] | [b'-', b'-' | b'a'..=b'z' | b'A'..=b'Z', ..] => true,
        _ => text.starts_with(b"http://") || text.starts_with(b"https://"),
    }
}

/// Whether the text ends with an operator that needs something behind it.
fn goes_on(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    text.ends_with(b"&&") || text.ends_with(b"||") || matches!(text.last(), Some(b'|' | b',' | b'(' | b'['))
}

/// Whether the first word is `key=…`.
fn has_key(text: &[u8]) -> bool {
    let key = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        .count();
    key > 0 && text.get(key) == Some(&b'=')
}

/// The last visible word of an instruction's last line.
fn last_word(bytes: &[u8], it: &Instruction<'_>) -> Span {
    let text = &bytes[it.span.range()];
    let end = text.trim_ascii_end().len();
    let start = text[..end].iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at + 1);
    Span::new(it.span.start + start as u32, it.span.start + end as u32)
}

/// The physical lines of a span, blanks at both ends left out.
fn physical_lines(bytes: &[u8], span: Span) -> Vec<Span> {
    let mut start = span.start;
    let lines = bytes[span.range()].split(|byte| *byte == b'\n');
    let spans = lines.map(|line| {
        let front = (line.len() - line.trim_ascii_start().len()) as u32;
        let trimmed = Span::new(start + front, start + front + line.trim_ascii().len() as u32);
        start += line.len() as u32 + 1;
        trimmed
    });
    spans.filter(|span| !span.is_empty()).collect()
}
