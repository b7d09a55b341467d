//! Small tools for changing trees in place: every new node keeps the place that says it.

use std::collections::HashMap;

use smol_str::{SmolStr, format_smolstr};

use crate::source::{Place, Span};
use crate::syntax::yaml::{Entry, Node, Resolved, Scalar, Style, Typing, Value};

/// Mappings with more keys than this are searched through an index when several keys are looked for.
const SHORT: usize = 16;

/// A text, whatever it looks like.
pub(super) fn text(text: impl Into<SmolStr>, place: &Place) -> Node {
    let scalar = Scalar { text: text.into(), style: Style::DoubleQuoted };
    Node::new(Value::Scalar(scalar), place.clone())
}

/// A number or truth value.
pub(super) fn plain(text: impl Into<SmolStr>, place: &Place) -> Node {
    Node::new(Value::Scalar(Scalar::plain(text)), place.clone())
}

/// Nothing.
pub(super) fn null(place: &Place) -> Node {
    plain("", place)
}

/// An empty mapping.
pub(super) fn mapping(place: &Place) -> Node {
    Node::new(Value::Mapping(Vec::new()), place.clone())
}

/// Takes a node out and leaves a null behind.
pub(super) fn take(node: &mut Node) -> Node {
    let empty = null(&node.place);
    std::mem::replace(node, empty)
}

/// The entries of a mapping; `None` for anything else.
pub(super) fn entries_mut(node: &mut Node) -> Option<&mut Vec<Entry>> {
    match &mut node.value {
        Value::Mapping(entries) => Some(entries),
        _ => None,
    }
}

/// The items of a sequence; `None` for anything else.
pub(super) fn items_mut(node: &mut Node) -> Option<&mut Vec<Node>> {
    match &mut node.value {
        Value::Sequence(items) => Some(items),
        _ => None,
    }
}

/// The value of a key, to be changed; of two equal keys the last.
pub(super) fn get_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let entries = entries_mut(node)?;
    entries.iter_mut().rev().find(|entry| entry.key.is(key)).map(|entry| &mut entry.value)
}

/// The node at the end of a path of keys, to be changed.
pub(super) fn at_mut<'n>(node: &'n mut Node, path: &[&str]) -> Option<&'n mut Node> {
    path.iter().try_fold(node, |node, key| get_mut(node, key))
}

/// The values of the keys of a mapping, to be changed; none for anything else.
pub(super) fn values_mut(node: &mut Node) -> impl Iterator<Item = &mut Node> {
    entries_mut(node).into_iter().flatten().map(|entry| &mut entry.value)
}

/// Sets a key; a new one stands at the place of its value.
pub(super) fn set(node: &mut Node, key: &str, value: Node) {
    if let Some(there) = get_mut(node, key) {
        *there = value;
    } else if let Some(entries) = entries_mut(node) {
        let key = text(key, &value.place);
        entries.push(Entry { key, value });
    }
}

/// Takes a key out; of two equal ones both go, and the last is given.
pub(super) fn remove(node: &mut Node, key: &str) -> Option<Node> {
    let entries = entries_mut(node)?;
    let mut found = None;
    while let Some(at) = entries.iter().rposition(|entry| entry.key.is(key)) {
        let gone = entries.remove(at);
        found = found.or(Some(gone.value));
    }
    found
}

/// What a scalar is for Compose. `None` for collections.
pub(super) fn resolved(node: &Node) -> Option<Resolved> {
    node.resolve(Typing::Compose)
}

/// The text of a node that is a text.
pub(super) fn as_text(node: &Node) -> Option<&str> {
    let scalar = node.scalar()?;
    let is_text = match node.tag() {
        None if !scalar.is_plain() => true,
        _ => matches!(resolved(node)?, Resolved::Text(_)),
    };
    is_text.then_some(scalar.text.as_str())
}

/// Whether a node is `true`.
pub(super) fn is_true(node: &Node) -> bool {
    resolved(node) == Some(Resolved::Bool(true))
}

/// Where each key of a mapping is; `None` for a short mapping, which is walked.
pub(super) fn index(entries: &[Entry]) -> Option<HashMap<SmolStr, usize>> {
    let named = |(at, entry): (usize, &Entry)| Some((SmolStr::new(entry.key.text()?), at));
    (entries.len() > SHORT).then(|| entries.iter().enumerate().filter_map(named).collect())
}

/// Where a key is, by the index or by walking.
pub(super) fn position(
    entries: &[Entry],
    index: Option<&HashMap<SmolStr, usize>>,
    key: &str,
) -> Option<usize> {
    match index {
        Some(index) => index.get(key).copied(),
        None => entries.iter().rposition(|entry| entry.key.is(key)),
    }
}

/// Notes that `node` replaces what stood at `earlier`, with what that had replaced.
pub(super) fn replaces(node: &mut Node, earlier: &Node) {
    if earlier.place == node.place {
        return;
    }
    let mut places = vec![earlier.place.clone()];
    places.extend_from_slice(earlier.overrides());
    let overrides = &mut node.properties_mut().overrides;
    places.truncate(MAX_OVERRIDES.saturating_sub(overrides.len()));
    overrides.append(&mut places);
}

/// Notes that what stands in `node` now replaces what stood at `earlier`; the farthest of too many is forgotten.
pub(super) fn overrides(node: &mut Node, earlier: Place) {
    let overrides = &mut node.properties_mut().overrides;
    overrides.truncate(MAX_OVERRIDES - 1);
    overrides.insert(0, earlier);
}

/// Earlier definitions that one node remembers.
const MAX_OVERRIDES: usize = 8;

/// The part of a scalar behind and before an offset of its text, as places; the whole scalar's where quotes or
/// interpolation hide the bytes.
pub(super) fn parts(node: &Node, text: &str, at: usize, skip: usize) -> (Place, Place) {
    let place = &node.place;
    let raw = place.source.slice(place.span);
    let start = match raw {
        raw if raw == text.as_bytes() => place.span.start,
        [b'"' | b'\'', inner @ .., b'"' | b'\''] if inner == text.as_bytes() => place.span.start + 1,
        _ => return (place.clone(), place.clone()),
    };
    let part =
        |from: usize, to: usize| Place::new(&place.source, Span::new(start + from as u32, start + to as u32));
    (part(0, at), part(at + skip, text.len()))
}

/// How Go prints a scalar (`%v`): numbers by their value, a null as nothing.
pub(super) fn printed(node: &Node) -> SmolStr {
    match resolved(node) {
        Some(Resolved::Text(text)) => text,
        Some(Resolved::Timestamp(text)) => super::times::printed(&text).unwrap_or(text),
        Some(Resolved::Bool(value)) => SmolStr::new_static(if value { "true" } else { "false" }),
        Some(Resolved::Int(value)) => format_smolstr!("{value}"),
        Some(Resolved::Float(value)) => super::numbers::float(value),
        Some(Resolved::Null) | None => SmolStr::default(),
    }
}

/// A mapping of keys that all stand at one place.
pub(super) fn mapping_of(entries: impl IntoIterator<Item = (&'static str, Node)>, place: &Place) -> Node {
    let entry = |(key, value)| Entry { key: text(SmolStr::new_static(key), place), value };
    Node::new(Value::Mapping(entries.into_iter().map(entry).collect()), place.clone())
}

/// A sequence.
pub(super) fn sequence(items: Vec<Node>, place: &Place) -> Node {
    Node::new(Value::Sequence(items), place.clone())
}

/// Hands on which variables made a text, to what is made of the text.
pub(super) fn keep_variables(from: &Node, to: &mut Node) {
    if !from.variables().is_empty() {
        to.properties_mut().variables = from.variables().to_vec();
    }
}

/// How many nodes a tree has.
pub(super) fn count(node: &Node) -> usize {
    let mut count = 0;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        count += 1;
        match &node.value {
            Value::Mapping(entries) => open.extend(entries.iter().map(|entry| &entry.value)),
            Value::Sequence(items) => open.extend(items),
            Value::Scalar(_) => {}
        }
    }
    count
}

/// Whether two trees say the same, wherever they stand.
pub(super) fn equal(one: &Node, other: &Node) -> bool {
    let mut open = vec![(one, other)];
    while let Some((one, other)) = open.pop() {
        match (&one.value, &other.value) {
            (Value::Scalar(one), Value::Scalar(other)) if one.text == other.text => {}
            (Value::Sequence(one), Value::Sequence(other)) if one.len() == other.len() => {
                open.extend(one.iter().zip(other));
            }
            (Value::Mapping(one), Value::Mapping(other)) if one.len() == other.len() => {
                for (one, other) in one.iter().zip(other) {
                    if one.key.text() != other.key.text() {
                        return false;
                    }
                    open.push((&one.value, &other.value));
                }
            }
            _ => return false,
        }
    }
    true
}
