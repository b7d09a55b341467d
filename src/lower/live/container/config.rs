//! `Config` of a container or an image as the one layer of a container, read by the same readers as a stored image's.

use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;

use crate::lower::image::shown_config;
use crate::model::{ChainEnd, Container};
use crate::source::Place;
use crate::syntax::yaml::{self, Entry, Node, Scalar, Style};

/// Containers that hold one another are read this deep: `Config`, `Healthcheck`, `Test`, a word.
const DEPTH: usize = 4;

/// The config, with every place at `place`.
pub(super) fn container(config: &Value, place: &Place) -> Container {
    let layer = shown_config(&node(config, place, DEPTH));
    Container { layers: vec![Arc::new(layer)], end: ChainEnd::Scratch }
}

/// A value as a tree whose nodes all stand at one place; what lies deeper than `depth` is null.
fn node(value: &Value, place: &Place, depth: usize) -> Node {
    let text = |text: SmolStr, style| yaml::Value::Scalar(Scalar { text, style });
    let value = match value {
        Value::String(said) => text(said.into(), Style::DoubleQuoted),
        Value::Array(items) if depth > 0 => {
            yaml::Value::Sequence(items.iter().map(|item| node(item, place, depth - 1)).collect())
        }
        Value::Object(members) if depth > 0 => {
            let entry = |(key, value): (&String, &Value)| Entry {
                key: Node::new(text(key.into(), Style::DoubleQuoted), place.clone()),
                value: node(value, place, depth - 1),
            };
            yaml::Value::Mapping(members.iter().map(entry).collect())
        }
        Value::Bool(said) => text(if *said { "true" } else { "false" }.into(), Style::Plain),
        Value::Number(said) => text(said.to_string().into(), Style::Plain),
        Value::Null | Value::Array(_) | Value::Object(_) => text("null".into(), Style::Plain),
    };
    Node::new(value, place.clone())
}
