//! Single values of a resolved service, with their places.

use smol_str::SmolStr;

use crate::lower::compose::tree;
use crate::model::{Duration, Quantity, Spanned, Unknown, Value};
use crate::source::Place;
use crate::syntax::yaml::{Node, Resolved};

/// Where a value stands: its own place, or that of its key when it is empty.
pub(super) fn place_of(node: &Node) -> Place {
    node.place.clone()
}

/// Why the text of a node is not certain: the first variable that nobody gives.
pub(super) fn unknown(node: &Node) -> Option<Unknown> {
    let open = |operator: &str| matches!(operator, "" | "?" | ":?");
    let variable = node.variables().iter().find(|variable| !variable.is_set && open(&variable.operator))?;
    Some(Unknown::Variable(variable.name.clone()))
}

/// A text with what is known of it; one with unknown parts is given as written.
pub(super) fn value(node: &Node) -> Value {
    match unknown(node) {
        None => Value::known(tree::printed(node)),
        Some(why) => Value { text: written(node), unknown: Some(why) },
    }
}

/// The text as it stands in the file, without quotes.
pub(super) fn written(node: &Node) -> SmolStr {
    let text = node.place.text();
    let text = text.trim();
    let bare = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    bare.unwrap_or(text).into()
}

/// A text at a key.
pub(super) fn spanned(service: &Node, path: &[&str]) -> Option<Spanned<Value>> {
    let node = service.at(path).filter(|node| node.scalar().is_some() && !node.is_null())?;
    Some(Spanned::new(value(node), place_of(node)))
}

/// A truth value at a key.
pub(super) fn truth(service: &Node, key: &str) -> Option<Spanned<bool>> {
    let node = service.get(key)?;
    match tree::resolved(node)? {
        Resolved::Bool(value) => Some(Spanned::new(value, node.place.clone())),
        _ => None,
    }
}

/// Texts of a list.
pub(super) fn texts(service: &Node, key: &str) -> Vec<Spanned<SmolStr>> {
    let items = service.get(key).map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| Some(Spanned::new(item.text()?.into(), item.place.clone()))).collect()
}

/// A capability in upper case, without `CAP_`.
pub(super) fn capability(said: Spanned<SmolStr>) -> Spanned<SmolStr> {
    let upper = said.value.to_ascii_uppercase();
    Spanned::new(upper.strip_prefix("CAP_").unwrap_or(&upper).into(), said.place)
}

/// A duration; one that cannot be told has no number.
pub(super) fn duration(node: &Node) -> Duration {
    let written = tree::printed(node);
    let nanoseconds = super::numbers::duration(&written).filter(|it| *it >= 0 && unknown(node).is_none());
    Duration { written, milliseconds: nanoseconds.map(|it| it as u64 / 1_000_000) }
}

/// The first of some paths that says a quantity.
pub(super) fn quantity(
    service: &Node,
    paths: &[&[&str]],
    read: fn(&str) -> Quantity,
) -> Option<Spanned<Quantity>> {
    let node = paths.iter().find_map(|path| service.at(path).filter(|node| !node.is_null()))?;
    node.scalar()?;
    let mut quantity = read(&tree::printed(node));
    if unknown(node).is_some() {
        quantity.amount = None;
    }
    Some(Spanned::new(quantity, node.place.clone()))
}
