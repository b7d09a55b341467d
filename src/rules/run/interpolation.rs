//! Defaults that a deployment file writes into its variables: `${TOKEN:-changeme}`.

use crate::model::Workload;

/// The default of one variable of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Default<'t> {
    /// The variable.
    pub(super) name: &'t str,
    /// What holds when nobody sets it, as written; a default that is a variable itself is given by that one.
    pub(super) text: &'t str,
    /// Where it starts in the text.
    pub(super) at: usize,
}

/// Variables of one text that are looked at.
const MAX_VARIABLES: usize = 64;

/// The literal defaults of a text, also those behind a default (`${A:-${B:-x}}`). `${A:?}`, `${A:+x}` and `${A}` have none.
pub(super) fn defaults(text: &str) -> Vec<Default<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    for _ in 0..MAX_VARIABLES {
        let Some(at) = text[from..].find("${") else { break };
        let start = from + at;
        from = start + 2;
        // `$${` is a dollar and a brace.
        if is_escaped(text, start) {
            continue;
        }
        let rest = &text[from..];
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let behind = &rest[length..];
        let operator = [":-", "-"].iter().find(|operator| behind.starts_with(**operator));
        let Some(operator) = operator else { continue };
        let at = from + length + operator.len();
        let default = &text[at..at + end_of(&text[at..])];
        if !default.contains('$') {
            found.push(Default { name: &rest[..length], text: default, at });
        }
        from = at;
    }
    found
}

/// Whether the `$` at an offset is the second one of a `$$`.
fn is_escaped(text: &str, at: usize) -> bool {
    text.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'$').count() % 2 == 1
}

/// Where the brace closes that a default ends with.
fn end_of(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether a value, as written in a deployment file, comes from outside: `${X}` in compose, `$(X)` in a pod, where `$X`
/// alone waits for `envsubst`.
pub(super) fn is_variable(workload: &Workload, text: &str) -> bool {
    match workload.kind.in_pod() {
        true => text.contains("$(") || is_name(text),
        false => has_variable(text),
    }
}

/// Whether a text is one variable and nothing else.
fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    text.strip_prefix('$').is_some_and(|name| !name.is_empty() && name.bytes().all(is_part))
}

fn has_variable(text: &str) -> bool {
    text.replace("$$", "").contains('$')
}

#[cfg(test)]
mod tests {
    use super::{defaults, has_variable, is_name};

    #[test]
    fn a_variable_alone() {
        for (text, wanted) in
            [("$DB_PASSWORD", true), ("$", false), ("$ecret", false), ("DB", false), ("$A b", false)]
        {
            assert_eq!(is_name(text), wanted, "{text}");
        }
    }

    #[test]
    fn literal_defaults_are_found() {
        let cases: [(&str, &[(&str, &str)]); 9] = [
            ("${TOKEN:-changeme}", &[("TOKEN", "changeme")]),
            ("${TOKEN-changeme}", &[("TOKEN", "changeme")]),
            ("${TOKEN:?set-it}", &[]),
            ("${TOKEN?set:-it}", &[]),
            ("${TOKEN:+other}", &[]),
            ("${TOKEN}-$OTHER", &[]),
            ("${A:-${B:-x}}", &[("B", "x")]),
            ("u:${A:-a}@${B-b}/c", &[("A", "a"), ("B", "b")]),
            ("$${A:-a}", &[]),
        ];
        for (text, wanted) in cases {
            let found: Vec<(&str, &str)> = defaults(text).iter().map(|one| (one.name, one.text)).collect();
            assert_eq!(found, wanted, "{text}");
        }
        assert_eq!(defaults("${A:-").len(), 1, "an open brace ends with the text");
        assert!(has_variable("a$B") && !has_variable("a$$B"));
    }
}
