//! Keys that `[health]` and contracts have in common.

use smol_str::SmolStr;

use super::super::fields::{Context, Table};
use super::super::sections::{FileScope, duration};
use super::super::services::rebased;
use super::super::toml::{Entry, Node, Toml};
use crate::model::{PlannedScalar, PlannedSchema, Spanned};
use crate::source::Place;

/// Most status codes of one contract.
const MAX_STATUS: usize = 64;

/// `path`: what a request asks for.
pub(in crate::plan) fn path(table: &mut Table, context: &mut Context<'_>) -> Option<Spanned<SmolStr>> {
    let path = table.word("path", context)?;
    let key = table.path_of("path");
    let wrong = |c: char| {
        !c.is_ascii_graphic() || matches!(c, '#' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    let (message, help) = if !path.value.starts_with('/') {
        (format!("`{key}` starts with `/`"), format!("write \"/{}\"", path.value))
    } else if path.value.contains(wrong) {
        let message = format!("`{key}` holds a character that no path of a request has");
        (message, "write it percent-encoded: a space is `%20`".to_owned())
    } else {
        return Some(path);
    };
    context.error(path.place.span, message, Some(help));
    None
}

/// `expect`: scalars by dotted path, of a table whose tables are looked into.
pub(in crate::plan) fn expect(
    table: &mut Table,
    context: &mut Context<'_>,
) -> Option<Vec<(SmolStr, Spanned<PlannedScalar>)>> {
    let node = table.take("expect")?;
    let path = table.path_of("expect");
    let entries = Table::of(path.clone(), node, context)?.rest();
    let mut found = Vec::new();
    // The depth of a plan is capped where it is read; the first entry is the last of the stack.
    let mut open: Vec<(String, Entry)> = Vec::new();
    let below = |prefix: &str, entries: Vec<Entry>, open: &mut Vec<(String, Entry)>| {
        open.extend(entries.into_iter().rev().map(|entry| {
            let key = if prefix.is_empty() { entry.key.clone() } else { format!("{prefix}.{}", entry.key) };
            (key, entry)
        }));
    };
    below("", entries, &mut open);
    while let Some((key, entry)) = open.pop() {
        match entry.node.value {
            Toml::Table(entries) => below(&key, entries, &mut open),
            _ => {
                let value = scalar(&format!("{path}.{key}"), &entry.node, context);
                found.extend(value.map(|value| (SmolStr::from(key), value)));
            }
        }
    }
    Some(found)
}

/// A value with its kind.
fn scalar(path: &str, node: &Node, context: &mut Context<'_>) -> Option<Spanned<PlannedScalar>> {
    let value = match &node.value {
        Toml::Text(text) => PlannedScalar::Text(SmolStr::from(text)),
        Toml::Integer(number) => PlannedScalar::Number(SmolStr::from(number.to_string())),
        Toml::Bool(flag) => PlannedScalar::Bool(*flag),
        Toml::Float => {
            let written = context.written(node).replace('_', "");
            let written = written.trim_start_matches('+');
            if !written.parse::<f64>().is_ok_and(f64::is_finite) {
                context.wrong(path, "a number that JSON can hold", node);
                return None;
            }
            PlannedScalar::Number(SmolStr::from(written))
        }
        Toml::Date => PlannedScalar::Text(SmolStr::from(context.written(node))),
        Toml::Array(_) | Toml::Table(_) => {
            context.wrong(path, "one text, number or flag", node);
            return None;
        }
    };
    Some(context.spanned(value, node.span))
}

/// `status`: a status code, or a list of them.
pub(in crate::plan) fn status(table: &mut Table, context: &mut Context<'_>) -> Option<Vec<Spanned<u16>>> {
    let node = table.take("status")?;
    let path = table.path_of("status");
    match &node.value {
        Toml::Array(items) if (1..=MAX_STATUS).contains(&items.len()) => {
            Some(items.iter().filter_map(|item| code(&path, item, context)).collect())
        }
        Toml::Array(_) => {
            context.error(node.span, format!("`{path}` has 1 to {MAX_STATUS} status codes"), None);
            None
        }
        _ => Some(code(&path, &node, context).into_iter().collect()),
    }
}

fn code(path: &str, node: &Node, context: &mut Context<'_>) -> Option<Spanned<u16>> {
    let Toml::Integer(number) = node.value else {
        context.wrong(path, "a status code", node);
        return None;
    };
    let code = u16::try_from(number).ok().filter(|code| (200..=599).contains(code));
    if code.is_none() {
        context.error(node.span, format!("`{path}` is a status code from 200 to 599, not {number}"), None);
    }
    code.map(|code| context.spanned(code, node.span))
}

/// `content-type`: a media type without parameters.
pub(in crate::plan) fn content_type(
    table: &mut Table,
    context: &mut Context<'_>,
) -> Option<Spanned<SmolStr>> {
    let text = table.word("content-type", context)?;
    let bare = text.value.split(';').next().unwrap_or_default().trim();
    let halves = bare.split_once('/').filter(|(kind, name)| !kind.is_empty() && !name.is_empty());
    let (message, help) = if halves.is_none() || bare.contains(char::is_whitespace) {
        ("is no media type", "write it like \"application/json\"".to_owned())
    } else if bare.len() != text.value.len() {
        ("has parameters, which are not compared", format!("write \"{bare}\""))
    } else {
        return Some(Spanned::new(SmolStr::from(bare.to_ascii_lowercase()), text.place));
    };
    let message = format!("`{}` {message}: `{}`", table.path_of("content-type"), text.value);
    context.error(text.place.span, message, Some(help));
    None
}

/// `schema`: a path relative to the plan, or `builtin:NAME`.
pub(in crate::plan) fn schema(
    table: &mut Table,
    scope: &FileScope<'_>,
    context: &mut Context<'_>,
) -> Option<Spanned<PlannedSchema>> {
    let name = table.word("schema", context)?;
    let name = if name.value.starts_with("builtin:") { name } else { rebased(name, scope) };
    schema_named(&name.value, name.place, scope, context)
}

/// The schema of a name, at the place that demands it.
pub(super) fn schema_named(
    name: &str,
    place: Place,
    scope: &FileScope<'_>,
    context: &mut Context<'_>,
) -> Option<Spanned<PlannedSchema>> {
    match (scope.schema)(name) {
        Ok(schema) => Some(Spanned::new(PlannedSchema { name: name.into(), schema }, place)),
        Err((why, help)) => {
            context.error(place.span, why, help);
            None
        }
    }
}

/// `max-time`: longer than nothing.
pub(in crate::plan) fn max_time(
    table: &mut Table,
    context: &mut Context<'_>,
) -> Option<Spanned<(SmolStr, u64)>> {
    let time = duration(table, "max-time", context)?;
    if time.value.1 == 0 {
        let message = format!("`{}` is shorter than a millisecond", table.path_of("max-time"));
        context.error(time.place.span, message, None);
        return None;
    }
    Some(time)
}
