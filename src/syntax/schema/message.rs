//! Errors of a schema in plain words, at their places.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as JsonValue;
use smol_str::{SmolStr, ToSmolStr};

use super::choose::{Leaf, path};
use super::instance::type_of;
use super::known::keys;
use super::{MAX_VIOLATIONS, Violation, ViolationKind};
use crate::nearest::nearest;
use crate::source::Place;
use crate::syntax::yaml::{Node, Typing};

/// Known keys or values that a help names.
const MAX_NAMED: usize = 12;
/// Characters of a value that a message shows.
const MAX_SHOWN: usize = 60;

/// What words are made from.
pub(super) struct Words<'a> {
    pub(super) schema: &'a JsonValue,
    pub(super) root: &'a Node,
    pub(super) typing: Typing,
}

/// A message with its help.
struct Said {
    kind: ViolationKind,
    message: String,
    help: Option<String>,
}

impl Words<'_> {
    /// The violations that a leaf stands for: one for each unknown key, else one.
    pub(super) fn of(&self, leaf: &Leaf<'_>) -> Vec<Violation> {
        match leaf {
            Leaf::Types { path, wanted } => vec![self.violation(path, self.wrong_type(path, wanted))],
            Leaf::Ambiguous { path } => {
                let message = format!("{} fits several forms, and only one may fit", label(path));
                vec![self.violation(path, Said { kind: ViolationKind::Other, message, help: None })]
            }
            Leaf::Error(error) => match error.kind() {
                Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                    self.unknown_keys(error, unexpected)
                }
                _ => {
                    let path = path(error);
                    vec![self.violation(&path, self.said(&path, error))]
                }
            },
        }
    }

    fn violation(&self, path: &[SmolStr], said: Said) -> Violation {
        let Said { kind, message, help } = said;
        Violation { kind, path: path.to_vec(), place: self.place(path), message, help }
    }

    /// What a wrong part of the schema makes known beside it is not unknown: a key counts only when nothing names it.
    fn unknown_keys(&self, error: &ValidationError<'_>, unexpected: &[String]) -> Vec<Violation> {
        let path = path(error);
        let known = keys(self.schema, error.schema_path().as_str());
        let holder = self.node(&path).map(|(node, _)| node);
        let unknown =
            unexpected.iter().filter(|key| !known.contains(&key.as_str()) && !key.starts_with("x-"));
        let violation = |key: &String| {
            let entry = holder.and_then(|holder| holder.entry(key));
            let place = entry.map_or_else(|| self.place(&path), |entry| entry.key.place.clone());
            // `restart_policy` is further from `restart` than a slip, and still meant.
            let longer = known.iter().filter(|known| key.starts_with(&format!("{known}_")));
            let near = nearest(key, known.iter().copied()).or_else(|| longer.max().copied());
            let meant = near.map(|near| format!(", did you mean `{near}`")).unwrap_or_default();
            let holder = if path.is_empty() { String::new() } else { format!("{}: ", label(&path)) };
            let message = format!("{holder}unknown key `{}`{meant}", shown(key));
            let list =
                || (1..=MAX_NAMED).contains(&known.len()).then(|| format!("known here are {}", list(&known)));
            let help = near.map(|near| format!("write `{near}:`")).or_else(list);
            Violation { kind: ViolationKind::UnknownKey, path: path.clone(), place, message, help }
        };
        unknown.take(MAX_VIOLATIONS).map(violation).collect()
    }

    fn wrong_type(&self, path: &[SmolStr], wanted: &[JsonType]) -> Said {
        let node = self.node(path).map(|(node, _)| node);
        let is = node.map(|node| type_of(node, self.typing));
        let text = node.and_then(Node::text).map(shown);
        let what = match (is, text) {
            (Some(JsonType::Integer | JsonType::Number), Some(text)) => format!("is the number `{text}`"),
            (Some(JsonType::Boolean), Some(text)) => format!("is the truth value `{text}`"),
            (Some(JsonType::String), Some(text)) => format!("is the text `{text}`"),
            (Some(JsonType::Null), _) => "is empty".to_owned(),
            (Some(is), _) => format!("is {}", name_of(is)),
            (None, _) => "is something else".to_owned(),
        };
        let message = format!("{} must be {}, {what}", label(path), one_of(wanted));
        Said { kind: ViolationKind::Type, message, help: help_of(is, wanted, node) }
    }

    fn said(&self, path: &[SmolStr], error: &ValidationError<'_>) -> Said {
        let is = || {
            let text = self.node(path).and_then(|(node, _)| node.text()).unwrap_or_default();
            format!("{} is `{}`", label(path), shown(text))
        };
        let other = |message: String| Said { kind: ViolationKind::Other, message, help: None };
        match error.kind() {
            Kind::Type { kind: TypeKind::Single(wanted) } => self.wrong_type(path, &[*wanted]),
            Kind::Type { kind: TypeKind::Multiple(wanted) } => {
                self.wrong_type(path, &wanted.iter().collect::<Vec<_>>())
            }
            Kind::Enum { options } => self.wrong_value(&is(), path, options),
            Kind::Constant { expected_value } => {
                other(format!("{}, must be `{}`", is(), plain(expected_value)))
            }
            Kind::Required { property } => {
                let key = plain(property);
                Said {
                    kind: ViolationKind::Required,
                    message: format!("{} lacks the key `{key}`", label(path)),
                    help: Some(format!("write `{key}:` with its value")),
                }
            }
            Kind::Pattern { pattern } => other(format!("{}, which does not match `{pattern}`", is())),
            Kind::Minimum { limit } => other(format!("{}, must be at least {limit}", is())),
            Kind::Maximum { limit } => other(format!("{}, must be at most {limit}", is())),
            Kind::ExclusiveMinimum { limit } => other(format!("{}, must be more than {limit}", is())),
            Kind::ExclusiveMaximum { limit } => other(format!("{}, must be less than {limit}", is())),
            Kind::MinLength { limit } => other(format!("{}, must have at least {limit} characters", is())),
            Kind::MaxLength { limit } => other(format!("{}, must have at most {limit} characters", is())),
            Kind::MinItems { limit } => other(format!("{} must have at least {limit} items", label(path))),
            Kind::MaxItems { limit } => other(format!("{} must have at most {limit} items", label(path))),
            Kind::MinProperties { limit } => {
                other(format!("{} must have at least {limit} keys", label(path)))
            }
            Kind::MaxProperties { limit } => other(format!("{} must have at most {limit} keys", label(path))),
            Kind::FalseSchema => other(format!("{} is not allowed here", label(path))),
            Kind::UniqueItems => Said {
                kind: ViolationKind::Unique,
                message: format!("{} holds one item twice", label(path)),
                help: None,
            },
            kind => other(format!("{} does not satisfy `{}` of the schema", label(path), kind.keyword())),
        }
    }

    fn wrong_value(&self, is: &str, path: &[SmolStr], options: &JsonValue) -> Said {
        let options: Vec<String> = options.as_array().into_iter().flatten().map(plain).collect();
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let text = self.node(path).and_then(|(node, _)| node.text()).unwrap_or_default();
        let near = nearest(text, options.iter().copied());
        let message = match options.len() {
            1..=MAX_NAMED => format!("{is}, must be one of {}", list(&options)),
            _ => format!("{is}, which is none of the values that it may have"),
        };
        Said { kind: ViolationKind::Enum, message, help: near.map(|near| format!("write `{near}`")) }
    }

    /// The node at a path, and the place of the key that holds it.
    fn node(&self, path: &[SmolStr]) -> Option<(&Node, Option<&Place>)> {
        path.iter().try_fold((self.root, None), |(node, _), step| match node.is_sequence() {
            true => Some((node.items().get(step.parse::<usize>().ok()?)?, None)),
            false => node.entry(step).map(|entry| (&entry.value, Some(&entry.key.place))),
        })
    }

    /// The smallest place that shows a value: a scalar's text, else the key that holds it, else its first key.
    fn place(&self, path: &[SmolStr]) -> Place {
        let Some((node, key)) = self.node(path) else { return self.root.place.clone() };
        match (node.text(), key, node.entries().first()) {
            (Some(_), _, _) => node.place.clone(),
            (None, Some(key), _) => key.clone(),
            (None, None, Some(first)) => first.key.place.clone(),
            _ => node.place.clone(),
        }
    }
}

/// `services.web.ports[0]`, in backticks; of the whole tree `the document`.
pub(super) fn label(path: &[SmolStr]) -> String {
    let mut text = String::new();
    for step in path {
        match step.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
            true => text.push_str(&format!("[{step}]")),
            false if text.is_empty() => text.push_str(&shown(step)),
            false => text.push_str(&format!(".{}", shown(step))),
        }
    }
    if text.is_empty() { "the document".to_owned() } else { format!("`{text}`") }
}

/// A value as a message shows it: its first characters, without line ends.
pub(super) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(MAX_SHOWN).collect();
    if cut.len() < text.trim_end().len() { format!("{cut}…") } else { cut }
}

/// A value of a schema without quotes.
pub(super) fn plain(value: &JsonValue) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn name_of(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "empty",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "a list",
        JsonType::Object => "a mapping",
    }
}

/// `a string, a list or a mapping`.
pub(super) fn one_of(kinds: &[JsonType]) -> String {
    let has_number = kinds.contains(&JsonType::Number);
    let mut names: Vec<&str> = kinds
        .iter()
        .filter(|kind| !(has_number && **kind == JsonType::Integer))
        .map(|kind| name_of(*kind))
        .collect();
    // The plainest form first.
    names.sort_by_key(|name| (*name == "empty", *name != "a string"));
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
        None => "something else".to_owned(),
    }
}

/// What to write instead of a value of the wrong type.
fn help_of(is: Option<JsonType>, wanted: &[JsonType], node: Option<&Node>) -> Option<String> {
    let takes = |kind: JsonType| wanted.contains(&kind);
    let text = node.and_then(Node::text).map(ToSmolStr::to_smolstr).filter(|text| text.len() <= MAX_SHOWN);
    match (is?, text) {
        (JsonType::Integer | JsonType::Number | JsonType::Boolean, Some(text)) if takes(JsonType::String) => {
            Some(format!("put it in quotes: `\"{text}\"`"))
        }
        (JsonType::String, Some(text)) if takes(JsonType::Array) => {
            Some(format!("write a list: `[\"{text}\"]`"))
        }
        (JsonType::Null, _) => Some("give it a value, or take the key out".to_owned()),
        (JsonType::Object, _) if takes(JsonType::Array) && !takes(JsonType::String) => {
            Some("write a list, each item behind `- `".to_owned())
        }
        (JsonType::Array, _) if takes(JsonType::Object) && !takes(JsonType::String) => {
            Some("write `key: value` lines without `- `".to_owned())
        }
        _ => None,
    }
}
