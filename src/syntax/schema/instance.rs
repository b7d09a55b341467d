//! How the JSON Schema library sees a tree: nodes stay where they are, scalars are typed when they are asked for.

use std::borrow::Cow;
use std::collections::HashSet;
use std::slice;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node as JsonNode, NodeIdentity, Object};
use serde_json::{Number, Value as JsonValue};

use crate::syntax::yaml::{Entry, Node, Resolved, Scalar, Style, Typing, Value};

/// Trees of this program as a kind of JSON.
pub(super) struct Yaml;

/// A node with the table that types its scalars, or the key of a mapping by itself.
#[derive(Clone, Copy)]
pub(super) enum Handle<'a> {
    Node(&'a Node, Typing),
    Key(&'a str),
}

/// What a scalar is.
enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text,
}

/// The type of a node as a schema names it; whole numbers are integers.
pub(super) fn type_of(node: &Node, typing: Typing) -> JsonType {
    match &node.value {
        Value::Mapping(_) => JsonType::Object,
        Value::Sequence(_) => JsonType::Array,
        Value::Scalar(scalar) => match kind(node, scalar, typing) {
            Kind::Null => JsonType::Null,
            Kind::Bool(_) => JsonType::Boolean,
            Kind::Number(number) if number.is_f64() => JsonType::Number,
            Kind::Number(_) => JsonType::Integer,
            Kind::Text => JsonType::String,
        },
    }
}

fn kind(node: &Node, scalar: &Scalar, typing: Typing) -> Kind {
    // `!!str 10` is a text, whoever reads it.
    if scalar.style != Style::Plain || node.tag() == Some("!!str") {
        return Kind::Text;
    }
    match scalar.resolve(typing) {
        Resolved::Null => Kind::Null,
        Resolved::Bool(value) => Kind::Bool(value),
        Resolved::Int(value) => Kind::Number(value.into()),
        // JSON has no infinite numbers.
        Resolved::Float(value) => Number::from_f64(value).map_or(Kind::Text, Kind::Number),
        Resolved::Text(_) | Resolved::Timestamp(_) => Kind::Text,
    }
}

/// The name of a key; a key that is a collection has none.
fn name(entry: &Entry) -> &str {
    entry.key.scalar().map_or("", |scalar| scalar.text.as_str())
}

/// Keys that `!reset` takes out are not there.
fn is_there(entry: &Entry) -> bool {
    entry.value.tag() != Some("!reset")
}

impl Handle<'_> {
    fn kind(&self) -> Option<Kind> {
        match self {
            Self::Node(node, typing) => node.scalar().map(|scalar| kind(node, scalar, *typing)),
            Self::Key(_) => Some(Kind::Text),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Node(node, _) => node.scalar().map_or("", |scalar| scalar.text.as_str()),
            Self::Key(text) => text,
        }
    }
}

impl Json for Yaml {
    type Node<'a> = Handle<'a>;
    type PreparedKey = String;
    type StringBuffer = String;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut String, string: &str, f: impl FnOnce(Handle<'_>) -> T) -> T {
        string.clone_into(buffer);
        f(Handle::Key(buffer))
    }
}

impl<'a> JsonNode<'a, Yaml> for Handle<'a> {
    type Object = Mapping<'a>;
    type Array = Sequence<'a>;
    type Number = Number;

    fn as_object(&self) -> Option<Mapping<'a>> {
        match self {
            Self::Node(node, typing) => node.is_mapping().then_some(Mapping(node, *typing)),
            Self::Key(_) => None,
        }
    }

    fn as_array(&self) -> Option<Sequence<'a>> {
        match self {
            Self::Node(node, typing) => node.is_sequence().then_some(Sequence(node.items(), *typing)),
            Self::Key(_) => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        let is_text = matches!(self.kind()?, Kind::Text);
        let text = match self {
            Self::Node(node, _) => node.scalar()?.text.as_str(),
            Self::Key(text) => text,
        };
        is_text.then_some(Cow::Borrowed(text))
    }

    fn as_number(&self) -> Option<Number> {
        match self.kind()? {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.kind()? {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.kind(), Some(Kind::Null))
    }

    fn json_type(&self) -> JsonType {
        match self {
            Self::Node(node, typing) => match type_of(node, *typing) {
                JsonType::Integer => JsonType::Number,
                other => other,
            },
            Self::Key(_) => JsonType::String,
        }
    }

    /// Constants of a schema that are collections are compared by their text.
    fn equals_value(&self, expected: &JsonValue) -> bool {
        match self.kind() {
            Some(_) => jsonschema::json::cmp::equal(&self.to_value(), expected),
            None => match self {
                Self::Node(node, typing) => serde_json::from_str::<JsonValue>(&canonical(node, *typing))
                    .is_ok_and(|own| own == *expected),
                Self::Key(_) => false,
            },
        }
    }

    /// The library asks for it where it reports an error, and nobody reads that text: a collection stays empty, so that
    /// a large tree is not copied for each error.
    fn to_value(&self) -> Cow<'a, JsonValue> {
        Cow::Owned(match self.kind() {
            None | Some(Kind::Null) => JsonValue::Null,
            Some(Kind::Bool(value)) => JsonValue::Bool(value),
            Some(Kind::Number(number)) => JsonValue::Number(number),
            Some(Kind::Text) => JsonValue::String(self.text().to_owned()),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match self {
            Self::Node(node, _) => Some(NodeIdentity::new(std::ptr::from_ref::<Node>(node) as usize)),
            Self::Key(_) => None,
        }
    }
}

/// A mapping.
pub(super) struct Mapping<'a>(&'a Node, Typing);

/// Its keys and values.
pub(super) struct Members<'a>(slice::Iter<'a, Entry>, Typing);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Handle<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.0.by_ref().find(|entry| is_there(entry))?;
        Some((name(entry), Handle::Node(&entry.value, self.1)))
    }
}

impl<'a> Object<'a, Yaml> for Mapping<'a> {
    type Node = Handle<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        self.0.entries().iter().filter(|entry| is_there(entry)).count()
    }

    fn get(&self, key: &String) -> Option<Handle<'a>> {
        let mut entries = self.0.entries().iter().rev();
        let entry = entries.find(|entry| name(entry) == key).filter(|entry| is_there(entry))?;
        Some(Handle::Node(&entry.value, self.1))
    }

    fn members(&self) -> Members<'a> {
        Members(self.0.entries().iter(), self.1)
    }
}

/// A sequence.
pub(super) struct Sequence<'a>(&'a [Node], Typing);

/// Its items.
pub(super) struct Elements<'a>(slice::Iter<'a, Node>, Typing);

impl<'a> Iterator for Elements<'a> {
    type Item = Handle<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|node| Handle::Node(node, self.1))
    }
}

impl<'a> Array<'a, Yaml> for Sequence<'a> {
    type Node = Handle<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn elements(&self) -> Elements<'a> {
        Elements(self.0.iter(), self.1)
    }

    fn is_unique(&self) -> bool {
        let mut seen = HashSet::new();
        self.0.iter().all(|item| seen.insert(canonical(item, self.1)))
    }
}

/// A node as JSON text, keys in the order of the text.
fn canonical(node: &Node, typing: Typing) -> String {
    enum Step<'n> {
        Value(&'n Node),
        Text(&'static str),
        Key(&'n str),
    }
    let mut text = String::new();
    let mut steps = vec![Step::Value(node)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Text(part) => text.push_str(part),
            Step::Key(name) => text.push_str(&format!("{}:", JsonValue::from(name))),
            Step::Value(node) => match &node.value {
                Value::Scalar(_) => text.push_str(&Handle::Node(node, typing).to_value().to_string()),
                Value::Sequence(items) => {
                    steps.push(Step::Text("]"));
                    for (at, item) in items.iter().enumerate().rev() {
                        steps.push(Step::Value(item));
                        steps.push(Step::Text(if at == 0 { "[" } else { "," }));
                    }
                    if items.is_empty() {
                        steps.push(Step::Text("["));
                    }
                }
                Value::Mapping(entries) => {
                    steps.push(Step::Text("}"));
                    for (at, entry) in entries.iter().enumerate().rev() {
                        steps.push(Step::Value(&entry.value));
                        steps.push(Step::Key(name(entry)));
                        steps.push(Step::Text(if at == 0 { "{" } else { "," }));
                    }
                    if entries.is_empty() {
                        steps.push(Step::Text("{"));
                    }
                }
            },
        }
    }
    text
}
