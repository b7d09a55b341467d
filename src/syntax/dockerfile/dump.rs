//! The tree as one JSON line, in the fields of the comparison with BuildKit: a tree in, text out.
//!
//! `ok` and `oki` tell whether BuildKit's `parser.Parse` and `instructions.Parse` accept the file.

use std::borrow::Cow;

use serde::Serialize;

use super::{Arguments, Dockerfile, Flag, Instruction, Keyword, SyntaxError, SyntaxErrorKind, Text};

/// One JSON line without a line end. As BuildKit has it, instructions are left out when the parser refuses the file.
#[must_use]
pub fn dump(file_name: &str, tree: &Dockerfile<'_>) -> String {
    render(file_name, tree, false)
}

/// The same with all instructions that were recovered, whatever is wrong with the file.
#[must_use]
pub fn dump_recovered(file_name: &str, tree: &Dockerfile<'_>) -> String {
    render(file_name, tree, true)
}

#[derive(Serialize)]
struct Row<'r> {
    p: &'r str,
    bytes: usize,
    ok: bool,
    oki: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    err: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    esc: Option<char>,
    stages: usize,
    meta: usize,
    #[serde(skip_serializing_if = "is_zero")]
    warn: usize,
    #[serde(skip_serializing_if = "is_zero")]
    here: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ins: Vec<RowInstruction<'r>>,
}

#[derive(Serialize)]
struct RowInstruction<'r> {
    k: String,
    s: u32,
    e: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    h: Vec<&'r str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    f: Vec<String>,
    #[serde(skip_serializing_if = "is_false")]
    j: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    a: Vec<Cow<'r, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hc: Vec<&'r str>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

fn render(file_name: &str, tree: &Dockerfile<'_>, all: bool) -> String {
    let in_parser = tree.errors.iter().find(|error| error.in_parser);
    let later = tree.errors.iter().find(|error| !error.in_parser && !error.at_build);
    let unknown = tree.instructions.iter().any(|it| it.keyword == Keyword::Unknown);
    let ok = in_parser.is_none();
    let oki = ok && later.is_none() && !unknown;
    let text = |prefix: &str, error: &SyntaxError| match error.kind {
        // BuildKit does not know what was lost.
        SyntaxErrorKind::LostContinuation => format!("{prefix}: unknown instruction"),
        _ => format!("{prefix}: {}", error.message),
    };
    let err = match (in_parser, later) {
        (Some(error), _) => Some(text("P", error)),
        (None, Some(error)) => Some(text("I", error)),
        (None, None) => unknown.then(|| "I: unknown instruction".to_owned()),
    };
    let shown = if ok || all { tree.instructions.as_slice() } else { &[] };
    let first_from = tree.instructions.iter().position(|it| it.keyword == Keyword::From).unwrap_or(0);
    let row = Row {
        p: file_name,
        bytes: tree.bytes.len(),
        ok,
        oki,
        err,
        esc: (ok || all).then_some(tree.escape as char),
        stages: if oki {
            tree.instructions.iter().filter(|it| it.keyword == Keyword::From).count()
        } else {
            0
        },
        meta: if oki { first_from } else { 0 },
        warn: shown.iter().filter(|it| !it.empty_continuations.is_empty()).count(),
        here: shown.iter().map(|it| it.heredocs.len()).sum(),
        ins: shown.iter().map(row_instruction).collect(),
    };
    serde_json::to_string(&row).unwrap_or_default()
}

fn row_instruction<'r>(it: &'r Instruction<'_>) -> RowInstruction<'r> {
    let mut arguments = Vec::new();
    push_arguments(it.keyword, &it.arguments, &mut arguments);
    let json = match &it.arguments {
        Arguments::Health { command, .. } => matches!(**command, Arguments::Json(_)),
        other => matches!(other, Arguments::Json(_)),
    };
    RowInstruction {
        k: keyword(it),
        s: it.lines.0,
        e: it.lines.1,
        h: it.heredocs.iter().map(|heredoc| heredoc.name.as_ref()).collect(),
        f: it.flags.iter().map(flag).collect(),
        j: json,
        a: arguments,
        hc: it.heredocs.iter().map(|heredoc| heredoc.body.as_ref()).collect(),
    }
}

/// The keyword in capitals, each character for itself as Go does it.
fn keyword(it: &Instruction<'_>) -> String {
    let upper = |character: char| {
        let mut upper = character.to_uppercase();
        match (upper.next(), upper.next()) {
            (Some(single), None) => single,
            _ => character,
        }
    };
    match it.keyword {
        Keyword::Unknown => it.name.chars().map(upper).collect(),
        known => known.name().to_owned(),
    }
}

/// A flag without quotes and escapes. BuildKit takes its bytes for characters.
fn flag(it: &Flag<'_>) -> String {
    let text = match &it.value {
        Some(value) => format!("--{}={}", it.name, value.text),
        None => format!("--{}", it.name),
    };
    if text.is_ascii() { text } else { text.bytes().map(char::from).collect() }
}

fn push_arguments<'r>(keyword: Keyword, arguments: &'r Arguments<'_>, out: &mut Vec<Cow<'r, str>>) {
    let borrow = |text: &'r Text<'_>| Cow::Borrowed(text.text.as_ref());
    if keyword == Keyword::Unknown {
        out.push(Cow::Borrowed(""));
        return;
    }
    match arguments {
        Arguments::Json(words) | Arguments::Words(words) => out.extend(words.iter().map(borrow)),
        Arguments::Text(text) => out.push(borrow(text)),
        Arguments::Pairs(pairs) => {
            for pair in pairs {
                let value = pair.value.as_ref().map(|value| value.text.as_ref());
                if keyword == Keyword::Arg {
                    out.push(match value {
                        Some(value) => Cow::Owned(format!("{}={value}", pair.key.text)),
                        None => borrow(&pair.key),
                    });
                } else {
                    let separator = if pair.legacy { "" } else { "=" };
                    out.extend([
                        borrow(&pair.key),
                        Cow::Borrowed(value.unwrap_or("")),
                        Cow::Borrowed(separator),
                    ]);
                }
            }
        }
        Arguments::Health { kind, command } => {
            out.push(borrow(kind));
            match command.as_ref() {
                Arguments::Json(words) => out.extend(words.iter().map(borrow)),
                Arguments::Text(text) => out.push(borrow(text)),
                _ => {}
            }
        }
        Arguments::Onbuild { raw, .. } => out.push(Cow::Owned(format!("\0{}", raw.text))),
        Arguments::None => {}
    }
}
