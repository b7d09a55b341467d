//! pip's requirement files: bytes in, requirements and options with spans out.
//!
//! Follows what pip documents: comments start at a `#` behind a blank, a `\` at the end of a line joins lines, what
//! stands before the first word with a dash is the requirement. Nothing is expanded and no other file is read here.

mod logical;
mod specifier;

use smol_str::SmolStr;

use crate::source::Span;
use logical::{Logical, LogicalLines};
pub use specifier::{ParsedRequirement, normalize_name, parse_requirement};

/// One requirement file as written.
#[derive(Debug, Clone, Default)]
pub struct RequirementsTree {
    /// Requirements and options in order.
    pub items: Vec<RequirementsItem>,
    /// What is neither: a message and where.
    pub errors: Vec<(SmolStr, Span)>,
    /// Whether a `${NAME}` stands anywhere outside comments, so that the meaning depends on the environment.
    pub has_variables: bool,
}

/// One thing that a requirement file says.
#[derive(Debug, Clone)]
pub enum RequirementsItem {
    /// A requirement, `-e` ones included.
    Requirement {
        /// What is required.
        requirement: ParsedRequirement,
        /// Whether it stands behind `-e`.
        editable: bool,
        /// `--hash` values: `sha256:…`, with their spans.
        hashes: Vec<(SmolStr, Span)>,
        /// From its first byte to its last, hashes left out.
        span: Span,
    },
    /// An option of the file.
    Option {
        /// Its full name with dashes: `--requirement` for `-r`.
        name: &'static str,
        /// Its value; empty for a flag.
        value: SmolStr,
        /// The value, or the flag itself.
        span: Span,
    },
}

/// Options with a value: full name, short name.
const VALUES: &[(&str, &str)] = &[
    ("--requirement", "-r"),
    ("--constraint", "-c"),
    ("--editable", "-e"),
    ("--index-url", "-i"),
    ("--pypi-url", ""),
    ("--extra-index-url", ""),
    ("--find-links", "-f"),
    ("--no-binary", ""),
    ("--only-binary", ""),
    ("--trusted-host", ""),
    ("--use-feature", ""),
    ("--hash", ""),
    ("--config-settings", "-C"),
    ("--global-option", ""),
    ("--install-option", ""),
    ("--allow-external", ""),
    ("--allow-unverified", ""),
];

/// Options without a value.
const FLAGS: &[(&str, &str)] = &[
    ("--no-index", ""),
    ("--require-hashes", ""),
    ("--pre", ""),
    ("--prefer-binary", ""),
    ("--always-unzip", "-Z"),
    ("--process-dependency-links", ""),
    ("--use-wheel", ""),
    ("--no-use-wheel", ""),
    ("--allow-all-external", ""),
];

/// Reads a requirement file.
#[must_use]
pub fn parse(bytes: &[u8]) -> RequirementsTree {
    let mut tree = RequirementsTree::default();
    for line in LogicalLines::new(bytes) {
        tree.has_variables |= memchr::memmem::find(&line.text, b"${").is_some();
        read_line(&line, &mut tree);
    }
    tree
}

fn read_line(line: &Logical, tree: &mut RequirementsTree) {
    let split = options_start(&line.text);
    let head = trimmed(&line.text, 0, split);
    let mut requirement = None;
    if head.0 < head.1 {
        let text = String::from_utf8_lossy(&line.text[head.0..head.1]);
        match parse_requirement(&text) {
            Ok(parsed) => requirement = Some((parsed, false, line.span(head.0, head.1))),
            Err(why) => tree.errors.push((why.into(), line.span(head.0, head.1))),
        }
    }
    let mut hashes = Vec::new();
    for option in options(line, split, &mut tree.errors) {
        match option.name {
            "--hash" => hashes.push((option.value, option.span)),
            "--editable" => match parse_requirement(&option.value) {
                Ok(parsed) => requirement = Some((parsed, true, option.span)),
                Err(why) => tree.errors.push((why.into(), option.span)),
            },
            _ => tree.items.push(RequirementsItem::Option {
                name: option.name,
                value: option.value,
                span: option.span,
            }),
        }
    }
    if let Some((requirement, editable, span)) = requirement {
        tree.items.push(RequirementsItem::Requirement { requirement, editable, hashes, span });
    }
}

/// The offset of the first word that starts with a dash.
fn options_start(text: &[u8]) -> usize {
    let starts = |at: usize| at == 0 || is_blank(text[at - 1]);
    memchr::memchr_iter(b'-', text).find(|at| starts(*at)).unwrap_or(text.len())
}

fn trimmed(text: &[u8], mut start: usize, mut end: usize) -> (usize, usize) {
    while start < end && is_blank(text[start]) {
        start += 1;
    }
    while end > start && is_blank(text[end - 1]) {
        end -= 1;
    }
    (start, end)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0B | 0x0C)
}

struct Found {
    name: &'static str,
    value: SmolStr,
    span: Span,
}

/// The options behind `from`; words that are none are errors.
fn options(line: &Logical, from: usize, errors: &mut Vec<(SmolStr, Span)>) -> Vec<Found> {
    let tokens = tokens(&line.text, from);
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        index += 1;
        let span = line.span(token.start, token.end);
        let Some((name, takes_value, inline)) = option_name(&token.text) else {
            errors.push((SmolStr::new(format!("`{}` is no option of a requirement file", token.text)), span));
            // What follows an unknown option may be its value.
            index += usize::from(tokens.get(index).is_some_and(|next| !next.text.starts_with('-')));
            continue;
        };
        match (takes_value, inline) {
            (false, _) => found.push(Found { name, value: SmolStr::default(), span }),
            (true, Some(value)) => {
                let length = value.len();
                let start = token.end.saturating_sub(length + usize::from(token.quoted_end)).max(token.start);
                let end = token.end - usize::from(token.quoted_end).min(token.end - start);
                found.push(Found { name, value: value.into(), span: line.span(start, end) });
            }
            (true, None) => match tokens.get(index) {
                Some(next) => {
                    index += 1;
                    let span = line.span(next.start, next.end);
                    found.push(Found { name, value: next.text.as_str().into(), span });
                }
                None => errors.push((SmolStr::new(format!("`{}` needs a value", token.text)), span)),
            },
        }
    }
    found
}

/// Full name, whether it takes a value, and a value in the same word. Long names may be cut short, as optparse allows.
fn option_name(token: &str) -> Option<(&'static str, bool, Option<&str>)> {
    if let Some(long) = token.strip_prefix("--") {
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (&token[..name.len() + 2], Some(value)),
            None => (token, None),
        };
        if name.len() < 3 {
            return None;
        }
        let all = || VALUES.iter().map(|row| (row.0, true)).chain(FLAGS.iter().map(|row| (row.0, false)));
        if let Some((full, takes)) = all().find(|(full, _)| *full == name) {
            return Some((canonical(full), takes, value));
        }
        let mut fitting = all().filter(|(full, _)| full.starts_with(name));
        let (full, takes) = fitting.next()?;
        return fitting.next().is_none().then_some((canonical(full), takes, value));
    }
    let short = token.get(..2)?;
    if let Some((full, _)) = VALUES.iter().find(|row| row.1 == short) {
        let rest = token.get(2..).filter(|rest| !rest.is_empty());
        return Some((full, true, rest.map(|rest| rest.strip_prefix('=').unwrap_or(rest))));
    }
    FLAGS.iter().find(|row| row.1 == token).map(|row| (row.0, false, None))
}

fn canonical(name: &'static str) -> &'static str {
    if name == "--pypi-url" { "--index-url" } else { name }
}

struct Token {
    text: String,
    start: usize,
    end: usize,
    quoted_end: bool,
}

/// Splits at blanks; quotes group and `\` escapes, as Python's shlex does.
fn tokens(text: &[u8], from: usize) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = from;
    while at < text.len() {
        if is_blank(text[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let mut bytes = Vec::new();
        let mut quote = None;
        while let Some(byte) = text.get(at).copied() {
            match quote {
                Some(open) if byte == open => quote = None,
                Some(_) => bytes.push(byte),
                None if is_blank(byte) => break,
                None if byte == b'"' || byte == b'\'' => quote = Some(byte),
                None if byte == b'\\' && at + 1 < text.len() => {
                    at += 1;
                    bytes.push(text[at]);
                }
                None => bytes.push(byte),
            }
            at += 1;
        }
        let quoted_end = matches!(text[at - 1], b'"' | b'\'');
        let text = String::from_utf8_lossy(&bytes).into_owned();
        found.push(Token { text, start, end: at, quoted_end });
    }
    found
}

#[cfg(test)]
mod tests;
