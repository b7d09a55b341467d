//! Leftovers of template engines: the tree in, their spans out.
//!
//! Comments and heredoc bodies are left alone. `{{ … }}` is legal in shell text (`docker inspect -f '{{.Id}}'`), `${{`
//! never is.

use memchr::memmem;

use super::{Arguments, Dockerfile, Instruction, Keyword};
use crate::source::Span;

const TAGS: [(&[u8], &[u8]); 5] =
    [(b"${{", b"}}"), (b"{{", b"}}"), (b"{%", b"%}"), (b"<%", b"%>"), (b"{#", b"#}")];

/// Whether a text starts with a template's tag.
pub(super) fn starts_with_tag(text: &[u8]) -> bool {
    TAGS.iter().any(|(open, _)| text.starts_with(open))
}

/// Fills `templates`.
pub(super) fn find(tree: &mut Dockerfile<'_>) {
    let may_open = |at: usize| matches!(tree.bytes.get(at..at + 2), Some(b"{{" | b"{%" | b"<%" | b"{#"));
    if !memchr::memchr2_iter(b'{', b'<', tree.bytes).any(may_open) {
        return;
    }
    let mut found = Vec::new();
    for it in &tree.instructions {
        let mut start = it.span.start as usize;
        for line in tree.bytes[it.span.range()].split(|byte| *byte == b'\n') {
            if line.trim_ascii_start().first() != Some(&b'#') {
                find_in_line(line, start, is_shell(it), &mut found);
            }
            start += line.len() + 1;
        }
    }
    tree.templates = found;
}

fn is_shell(it: &Instruction<'_>) -> bool {
    match &it.arguments {
        Arguments::Onbuild { inner: Some(inner), .. } => is_shell_keyword(inner.keyword),
        _ => is_shell_keyword(it.keyword),
    }
}

fn is_shell_keyword(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck)
}

fn find_in_line(line: &[u8], start: usize, shell: bool, found: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(ahead) = memchr::memchr3(b'$', b'{', b'<', &line[at..]) {
        at += ahead;
        let tags = if shell { &TAGS[..1] } else { &TAGS[..] };
        match tags.iter().find(|(open, _)| line[at..].starts_with(open)) {
            // `${#name}` is the length of a variable.
            Some((b"{#", _)) if at > 0 && line[at - 1] == b'$' => at += 1,
            Some((_, close)) => {
                let end = memmem::find(&line[at..], close)
                    .map_or(line.trim_ascii_end().len(), |to| at + to + close.len());
                found.push(Span::new((start + at) as u32, (start + end) as u32));
                at = end.max(at + 1);
            }
            None => at += 1,
        }
    }
}
