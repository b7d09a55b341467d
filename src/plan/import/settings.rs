//! The keys of a plan that an import writes, and tables that name them: `| health.interval | 30s |`.

use super::super::sections::python_name;
use super::super::stated::is_key_header;
use super::claims::{Claims, Key, Value, Voice, key};
use super::health::scalar;
use crate::syntax::markdown::{Cell, Table};
use smol_str::SmolStr;

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Number,
    Flag,
    /// A list that is one value.
    List,
    /// A list that several places add to.
    Items,
    /// Keys of the user's own, each with one scalar, written as one inline table.
    Scalars,
    /// The same with texts only.
    Texts,
}

/// Sections in the order in which a plan has them, each with its keys.
pub(super) const SECTIONS: [(&str, &[(&str, Form)]); 17] = [
    ("user", &[("uid", Form::Number), ("gid", Form::Number), ("name", Form::Text), ("non-root", Form::Flag)]),
    ("init", &[("process", Form::Text), ("accept", Form::Items)]),
    (
        "build",
        &[
            ("multi-stage", Form::Flag),
            ("pip-hashes", Form::Flag),
            ("pip-cache-mount", Form::Flag),
            ("apt-snapshot", Form::Flag),
        ],
    ),
    (
        "images",
        &[("registry", Form::Text), ("tag", Form::Text), ("pinned", Form::Flag), ("platforms", Form::List)],
    ),
    ("images.size", &[("cpu", Form::Text), ("gpu", Form::Text), ("unpacked", Form::Flag)]),
    ("python", &[("version", Form::Text), ("legacy", Form::Texts)]),
    ("cuda", &[("version", Form::Text), ("arch", Form::List)]),
    (
        "health",
        &[
            ("required", Form::Flag),
            ("path", Form::Text),
            ("expect", Form::Scalars),
            ("status", Form::Number),
            ("content-type", Form::Text),
            ("schema", Form::Text),
            ("max-time", Form::Text),
            ("label", Form::Text),
            ("interval", Form::Text),
            ("timeout", Form::Text),
            ("start-period", Form::Text),
            ("retries", Form::Number),
        ],
    ),
    ("labels", &[("required", Form::Items), ("values", Form::Texts)]),
    ("dockerignore", &[("covers", Form::Items)]),
    ("env", &[]),
    (
        "limits",
        &[
            ("cpu", Form::Text),
            ("memory", Form::Text),
            ("cpu-reserved", Form::Text),
            ("memory-reserved", Form::Text),
        ],
    ),
    ("logging", &[("driver", Form::Text), ("options", Form::Texts)]),
    ("mounts", &[("read-only", Form::Items)]),
    ("deploy", &[("required", Form::Flag), ("restart", Form::Text), ("read-only", Form::Flag)]),
    ("workflows", &[("matrix", Form::Flag)]),
    ("machine-profile", &[("schema", Form::Text)]),
];

/// The way of a dotted key such as `labels.values.org.example.x`, and its form.
fn resolve(text: &str) -> Option<(Key, Form)> {
    if let Some(name) = text.strip_prefix("env.") {
        return Some((key(["env", name]), Form::List));
    }
    if let Some(rest) = text.strip_prefix("services.contracts.") {
        let (name, field) = rest.split_once('.')?;
        let form = match field {
            "path" | "format" | "method" | "body" => Form::Text,
            "names" => Form::Items,
            _ => return None,
        };
        return Some((key(["services", "contracts", name, field]), form));
    }
    SECTIONS.iter().find_map(|(section, keys)| {
        let rest = text.strip_prefix(section)?.strip_prefix('.')?;
        keys.iter().find_map(|(name, form)| {
            let mut way: Key = section.split('.').map(SmolStr::from).collect();
            way.push(SmolStr::from(*name));
            if rest == *name && !matches!(form, Form::Scalars | Form::Texts) {
                return Some((way, *form));
            }
            let inner = rest.strip_prefix(name)?.strip_prefix('.').filter(|inner| !inner.is_empty())?;
            way.push(SmolStr::from(inner));
            matches!(form, Form::Scalars | Form::Texts).then_some((way, *form))
        })
    })
}

/// Whether a table names keys of the plan.
pub(super) fn is_settings(table: &Table) -> bool {
    let [first, _, ..] = &table.header[..] else { return false };
    is_key_header(&first.text)
        && table.rows.iter().filter_map(|row| row.first()).any(|cell| resolve(&cell.text).is_some())
}

/// Reads such a table; counts the rows whose key is none.
pub(super) fn read(table: &Table, claims: &mut Claims) -> usize {
    let mut unknown = 0;
    for row in &table.rows {
        let [name, value, ..] = &row[..] else { continue };
        let Some((way, form)) = resolve(&name.text) else {
            unknown += 1;
            continue;
        };
        let at = value.span.start;
        let mut add = |value: Value| claims.add(way.clone(), value, at, Voice::Setting);
        match form {
            Form::Text | Form::Texts => add(Value::Text(value.text.clone())),
            Form::Scalars => add(quoted(&value.text)),
            Form::Number => match value.text.parse() {
                Ok(number) => add(Value::Number(number)),
                Err(_) => unknown += 1,
            },
            Form::Flag => match value.text.to_ascii_lowercase().as_str() {
                "true" | "yes" => add(Value::Flag(true)),
                "false" | "no" => add(Value::Flag(false)),
                _ => unknown += 1,
            },
            Form::List => add(Value::List(items(value))),
            Form::Items => items(value).into_iter().for_each(|item| add(Value::Item(item))),
        }
    }
    unknown
}

/// `"200"` in quotes is a text, `200` a number.
fn quoted(text: &str) -> Value {
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => Value::Text(inner.to_owned()),
        None => scalar(text),
    }
}

fn items(cell: &Cell) -> Vec<String> {
    let items = cell.text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}

/// Reads a table of packages and versions.
pub(super) fn pins(table: &Table, claims: &mut Claims) -> bool {
    let find = |names: &[&str]| {
        table.header.iter().position(|cell| names.contains(&cell.text.to_lowercase().as_str()))
    };
    let (Some(package), Some(version)) = (
        find(&["package", "python package", "library"]),
        find(&["version", "pin", "pinned version", "exact version"]),
    ) else {
        return false;
    };
    for row in &table.rows {
        let (Some(package), Some(version)) = (row.get(package), row.get(version)) else { continue };
        let exact = version.text.trim_start_matches("==").trim();
        let is_version = exact.starts_with(|c: char| c.is_ascii_digit())
            && exact.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '!' | '_'));
        let voice = match is_version && !exact.ends_with(".x") {
            true => Voice::Text,
            false => Voice::Doubtful("it is no exact version".to_owned()),
        };
        if !package.text.is_empty() && !exact.is_empty() {
            let way = key(["pins", &python_name(&package.text)]);
            claims.add(way, Value::Text(exact.to_owned()), version.span.start, voice);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_keys_find_their_way() {
        let cases = [
            ("user.uid", Some((vec!["user", "uid"], Form::Number))),
            ("images.size.cpu", Some((vec!["images", "size", "cpu"], Form::Text))),
            ("labels.values.org.example.x", Some((vec!["labels", "values", "org.example.x"], Form::Texts))),
            ("health.expect.a.b", Some((vec!["health", "expect", "a.b"], Form::Scalars))),
            ("env.LOG_LEVEL", Some((vec!["env", "LOG_LEVEL"], Form::List))),
            ("services.contracts.m.names", Some((vec!["services", "contracts", "m", "names"], Form::Items))),
            ("health", None),
            ("health.expect", None),
            ("user.uidd", None),
            ("", None),
        ];
        for (text, want) in cases {
            let want = want.map(|(way, form)| (way.into_iter().map(SmolStr::from).collect::<Key>(), form));
            assert_eq!(resolve(text), want, "{text}");
        }
    }
}
