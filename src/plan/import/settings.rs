//! The keys of a plan that an import writes, and tables that name them: `| health.interval | 30s |`.

use super::super::cells::{in_quotes, items, unquoted};
use super::super::sections::python_name;
use super::super::stated::is_key_header;
use super::claims::{Claims, Key, Value, Voice, key};
use super::health::scalar;
use crate::syntax::markdown::Table;
use smol_str::SmolStr;

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Number,
    /// A number or several, each of which will do.
    Numbers,
    Flag,
    /// A list that is one value.
    List,
    /// A list that several places add to.
    Items,
    /// A text, a number or a flag.
    Scalar,
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
            ("status", Form::Numbers),
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

/// Keys of a contract. What it says of endpoints of its own stands in lists of tables, which no table of keys holds.
pub(super) const CONTRACT: [(&str, Form); 13] = [
    ("path", Form::Text),
    ("method", Form::Text),
    ("port", Form::Scalar),
    ("body", Form::Text),
    ("format", Form::Text),
    ("status", Form::Numbers),
    ("content-type", Form::Text),
    ("expect", Form::Scalars),
    ("schema", Form::Text),
    ("max-time", Form::Text),
    ("names", Form::Items),
    ("values", Form::Texts),
    ("headers", Form::Texts),
];

/// The way of a dotted key such as `labels.values.org.example.x`, and its form.
fn resolve(text: &str) -> Option<(Key, Form)> {
    if let Some(name) = text.strip_prefix("env.") {
        return Some((key(["env", name]), Form::List));
    }
    if let Some(rest) = text.strip_prefix("services.contracts.") {
        return contract(rest);
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

/// `web.path`, `web.expect.status`; `web` alone is switched off or not.
fn contract(text: &str) -> Option<(Key, Form)> {
    let Some((name, rest)) = text.split_once('.') else {
        return (!text.is_empty()).then(|| (key(["services", "contracts", text]), Form::Flag));
    };
    let (field, inner) = rest.split_once('.').map_or((rest, None), |(field, inner)| (field, Some(inner)));
    let form = CONTRACT.iter().find(|(known, _)| *known == field).map(|(_, form)| *form)?;
    match (matches!(form, Form::Scalars | Form::Texts), inner) {
        (false, None) => Some((key(["services", "contracts", name, field]), form)),
        (true, Some(inner)) if !inner.is_empty() => {
            Some((key(["services", "contracts", name, field, inner]), form))
        }
        _ => None,
    }
}

/// Whether a table names keys of the plan.
pub(super) fn is_settings(table: &Table) -> bool {
    let [first, _, ..] = &table.header[..] else { return false };
    is_key_header(&first.text)
        && table
            .rows
            .iter()
            .filter_map(|row| row.first())
            .any(|cell| resolve(&unquoted(&cell.text)).is_some())
}

/// Reads such a table; counts the rows whose key is none.
pub(super) fn read(table: &Table, claims: &mut Claims) -> usize {
    let mut unknown = 0;
    for row in &table.rows {
        let [name, value, ..] = &row[..] else { continue };
        let Some((way, form)) = resolve(&unquoted(&name.text)) else {
            unknown += 1;
            continue;
        };
        let at = value.span.start;
        let mut add = |value: Value| claims.add(way.clone(), value, at, Voice::Setting);
        match form {
            Form::Text | Form::Texts => add(Value::Text(unquoted(&value.text))),
            Form::Scalar | Form::Scalars => add(quoted(&value.text)),
            Form::Number => match value.text.parse() {
                Ok(number) => add(Value::Number(number)),
                Err(_) => unknown += 1,
            },
            Form::Numbers => match numbers(&value.text) {
                Some(value) => add(value),
                None => unknown += 1,
            },
            Form::Flag => match value.text.to_ascii_lowercase().as_str() {
                "true" | "yes" => add(Value::Flag(true)),
                "false" | "no" => add(Value::Flag(false)),
                _ => unknown += 1,
            },
            Form::List => add(Value::List(items(&value.text))),
            Form::Items => items(&value.text).into_iter().for_each(|item| add(Value::Item(item))),
        }
    }
    unknown
}

/// `"200"` in quotes is a text, `200` a number.
fn quoted(text: &str) -> Value {
    let number = |text: &str| {
        // The numbers of JSON are numbers of TOML, too; those that are no whole ones keep the digits that they have.
        text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
            && serde_json::from_str::<f64>(text).is_ok_and(f64::is_finite)
            && (text.contains(['.', 'e', 'E']) || text.parse::<i64>().is_ok())
    };
    match in_quotes(text) {
        Some(inner) => Value::Text(inner),
        None => match scalar(text) {
            Value::Text(_) if number(text) => Value::Written(text.to_owned()),
            value => value,
        },
    }
}

/// `200` or `200, 204`.
fn numbers(text: &str) -> Option<Value> {
    let numbers: Vec<u64> = items(text).iter().map(|item| item.parse().ok()).collect::<Option<_>>()?;
    match numbers[..] {
        [] => None,
        [number] => Some(Value::Number(number)),
        _ => {
            let list: Vec<String> = numbers.iter().map(u64::to_string).collect();
            Some(Value::Written(format!("[{}]", list.join(", "))))
        }
    }
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
    fn values_keep_their_kind() {
        for (text, want) in [
            ("200", "200"),
            ("\"200\"", "\"200\""),
            ("-3", "-3"),
            ("1.50", "1.50"),
            ("1e3", "1e3"),
            ("true", "true"),
            ("1.2.3", "\"1.2.3\""),
            ("-", "\"-\""),
            ("01", "\"01\""),
            ("ok", "\"ok\""),
        ] {
            assert_eq!(quoted(text).toml(), want, "{text}");
        }
        assert_eq!(numbers("200"), Some(Value::Number(200)));
        assert_eq!(numbers("200, 204"), Some(Value::Written("[200, 204]".to_owned())));
        assert_eq!((numbers(""), numbers("200, x")), (None, None));
    }

    #[test]
    fn dotted_keys_find_their_way() {
        let cases = [
            ("user.uid", Some((vec!["user", "uid"], Form::Number))),
            ("images.size.cpu", Some((vec!["images", "size", "cpu"], Form::Text))),
            ("labels.values.org.example.x", Some((vec!["labels", "values", "org.example.x"], Form::Texts))),
            ("health.expect.a.b", Some((vec!["health", "expect", "a.b"], Form::Scalars))),
            ("env.LOG_LEVEL", Some((vec!["env", "LOG_LEVEL"], Form::List))),
            ("services.contracts.m.names", Some((vec!["services", "contracts", "m", "names"], Form::Items))),
            ("services.contracts.m.expect.a.b", {
                Some((vec!["services", "contracts", "m", "expect", "a.b"], Form::Scalars))
            }),
            ("services.contracts.m", Some((vec!["services", "contracts", "m"], Form::Flag))),
            ("services.contracts.m.endpoints", None),
            ("services.contracts.m.expect", None),
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
