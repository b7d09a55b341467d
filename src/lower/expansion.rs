//! `${name…}`: what the part behind the name does to a value (POSIX XCU 2.6.2, and bash's `/`).

use smol_str::SmolStr;

use crate::model::{Unknown, Value};
use crate::syntax::shell::Variable;

/// The value of an expansion, given what the variable holds; `None` when nobody sets it.
pub(super) fn modified(variable: &Variable, written: &str, held: Option<Value>) -> Value {
    let modifier = variable.modifier.as_str();
    let missing = || Value { text: written.into(), unknown: Some(Unknown::Variable(variable.name.clone())) };
    let odd = || Value { text: written.into(), unknown: Some(Unknown::Dynamic(written.into())) };
    if modifier.is_empty() {
        // An ARG without a value stays as it is written here.
        let valueless = |value: &Value| value.unknown == Some(Unknown::Variable(variable.name.clone()));
        return held.filter(|value| !valueless(value)).unwrap_or_else(missing);
    }
    let (colon, rest) = match modifier.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, modifier),
    };
    let argument = rest.get(1..).unwrap_or_default();
    match rest.bytes().next() {
        Some(b'-' | b'=') => match held {
            Some(value) if value.unknown.is_some() => Value { text: written.into(), ..value },
            Some(value) if !(colon && value.text.is_empty()) => value,
            _ => literal(argument).unwrap_or_else(odd),
        },
        Some(b'+') => match held {
            Some(value) if value.unknown.is_some() => Value { text: written.into(), ..value },
            Some(value) if !(colon && value.text.is_empty()) => literal(argument).unwrap_or_else(odd),
            _ => Value::default(),
        },
        Some(b'?') => held.unwrap_or_else(missing),
        Some(b'%' | b'#' | b'/') if !colon => match held {
            Some(value) if value.unknown.is_some() => Value { text: written.into(), ..value },
            Some(value) => changed(&value.text, modifier).map_or_else(odd, Value::known),
            None => missing(),
        },
        _ => odd(),
    }
}

/// The text behind `:-` and the like, when it holds no expansion.
fn literal(text: &str) -> Option<Value> {
    let bare =
        ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(text);
    (!bare.contains(['$', '`', '\\', '"', '\''])).then(|| Value::known(bare))
}

/// `%`, `%%`, `#`, `##` and `/` with a pattern that is plain but for one `*` at its outer end.
fn changed(value: &str, modifier: &str) -> Option<SmolStr> {
    let is_plain = |text: &str| !text.contains(['*', '?', '[', '$', '`', '\\', '"', '\'']);
    let (operator, pattern) = match modifier.get(..2) {
        Some(double @ ("%%" | "##" | "//")) => (double, &modifier[2..]),
        _ => modifier.split_at(1),
    };
    let changed = match operator {
        "%" | "%%" => match pattern.strip_suffix('*') {
            Some(head) if is_plain(head) && !head.is_empty() => {
                let at = if operator == "%" { value.rfind(head) } else { value.find(head) };
                &value[..at.unwrap_or(value.len())]
            }
            None if is_plain(pattern) => value.strip_suffix(pattern).unwrap_or(value),
            _ => return None,
        },
        "#" | "##" => match pattern.strip_prefix('*') {
            Some(tail) if is_plain(tail) && !tail.is_empty() => {
                let at = if operator == "#" { value.find(tail) } else { value.rfind(tail) };
                at.map_or(value, |at| &value[at + tail.len()..])
            }
            None if is_plain(pattern) => value.strip_prefix(pattern).unwrap_or(value),
            _ => return None,
        },
        _ => {
            let (from, to) = pattern.split_once('/').unwrap_or((pattern, ""));
            if !is_plain(from)
                || !is_plain(to)
                || from.is_empty()
                || from.starts_with(['#', '%'])
                || to.contains('&')
            {
                return None;
            }
            let limit = if operator == "//" { usize::MAX } else { 1 };
            let grows = to.len().saturating_mul(value.len());
            return (grows < 1 << 16).then(|| value.replacen(from, to, limit).into());
        }
    };
    Some(changed.into())
}

/// Puts the home folder in for a leading `~`.
pub(super) fn strip_home(text: &mut SmolStr, home: &str) {
    if let Some(rest) = text.strip_prefix('~')
        && (rest.is_empty() || rest.starts_with('/'))
    {
        *text = format!("{home}{rest}").into();
    }
}
