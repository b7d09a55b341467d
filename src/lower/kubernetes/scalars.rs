//! Scalars as the API server reads them: `sigs.k8s.io/yaml` turns YAML 1.1 into JSON, whose types are then checked.
//!
//! The facts take a value of the wrong type for what it was meant to be (`"80"` for a port); rules say that the API
//! server refuses it.

use smol_str::SmolStr;

use crate::model::{Spanned, Unknown, Value};
use crate::syntax::yaml::{Node, Resolved, Typing};

/// A text with its place; an empty value is the empty text. `None` for collections.
pub(super) fn text(node: &Node) -> Option<Spanned<SmolStr>> {
    let scalar = node.scalar()?;
    let text = if scalar.is_null() { SmolStr::default() } else { scalar.text.clone() };
    Some(Spanned::new(text, node.place.clone()))
}

/// A text that tools put values into before it is applied (`${TAG}` by envsubst, `{{ … }}` by a template).
pub(super) fn value(text: &str) -> Value {
    let unknown = if text.contains("{{") {
        Some(Unknown::Template)
    } else {
        text.split_once("${").and_then(|(_, rest)| Some(Unknown::Variable(rest.split_once('}')?.0.into())))
    };
    Value { text: text.into(), unknown }
}

/// A truth value.
pub(super) fn boolean(node: &Node) -> Option<Spanned<bool>> {
    let scalar = node.scalar()?;
    let value = match scalar.resolve(Typing::Kubernetes) {
        Resolved::Bool(value) => value,
        Resolved::Text(text) => text.parse().ok()?,
        _ => return None,
    };
    Some(Spanned::new(value, node.place.clone()))
}

/// A whole number.
pub(super) fn integer(node: &Node) -> Option<Spanned<i64>> {
    let value = match node.scalar()?.resolve(Typing::Kubernetes) {
        Resolved::Int(value) => value,
        // JSON writes large numbers with an exponent.
        Resolved::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => value as i64,
        Resolved::Text(text) => text.parse().ok()?,
        _ => return None,
    };
    Some(Spanned::new(value, node.place.clone()))
}

/// A port number.
pub(super) fn port(node: &Node) -> Result<u16, Unknown> {
    let said = integer(node).and_then(|said| u16::try_from(said.value).ok());
    said.ok_or_else(|| {
        let text = node.text().unwrap_or_default();
        value(text).unknown.unwrap_or_else(|| Unknown::Dynamic(text.into()))
    })
}

/// The pairs of a mapping of texts (labels, annotations); each stands at its value, an empty one at its key.
pub(super) fn pairs(node: &Node) -> Vec<Spanned<(SmolStr, SmolStr)>> {
    let pairs = node.entries().iter().filter_map(|entry| {
        let key = entry.key.text()?;
        let said = text(&entry.value)?;
        let place = if said.place.span.is_empty() { entry.key.place.clone() } else { said.place };
        Some(Spanned::new((key.into(), said.value), place))
    });
    pairs.collect()
}
