//! Short forms that many keys share: one text for a list, lists of `KEY=VALUE`, lists of names.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::tree;
use crate::syntax::yaml::{Entry, Node, Resolved, Value};

/// What a name without a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alone {
    /// Nothing: the value is taken from elsewhere.
    Null,
    /// An empty text.
    Empty,
}

/// Puts a node under a key.
pub(super) fn wrap(node: &mut Node, key: &'static str) {
    let place = node.place.clone();
    let inner = tree::take(node);
    *node = tree::mapping_of([(key, inner)], &place);
}

/// One text becomes a list of one.
pub(super) fn list(node: &mut Node) {
    if node.scalar().is_some() && !node.is_null() {
        let place = node.place.clone();
        let inner = tree::take(node);
        *node = tree::sequence(vec![inner], &place);
    }
}

/// A number or truth value becomes its text.
pub(super) fn printed(node: &mut Node) {
    if !matches!(tree::resolved(node), None | Some(Resolved::Text(_) | Resolved::Null)) {
        let text = tree::printed(node);
        let place = node.place.clone();
        *node = tree::text(text, &place);
    }
}

/// Items that are numbers become texts.
pub(super) fn texts(node: &mut Node) {
    tree::items_mut(node).into_iter().flatten().for_each(printed);
}

/// A list of names becomes a mapping of them.
pub(super) fn keys(node: &mut Node) {
    if let Value::Sequence(items) = &mut node.value {
        let entry = |key: Node| {
            let value = tree::null(&key.place);
            Entry { key, value }
        };
        node.value = Value::Mapping(std::mem::take(items).into_iter().map(entry).collect());
    }
}

/// What a service waits for: a list becomes a mapping, with the defaults of the short form.
pub(super) fn depends_on(node: &mut Node) {
    let is_short = node.is_sequence();
    keys(node);
    for service in tree::values_mut(node) {
        if is_short {
            *service = tree::mapping(&service.place);
        }
        if is_short {
            let place = service.place.clone();
            tree::set(service, "condition", tree::text("service_started", &place));
            tree::set(service, "required", tree::plain("true", &place));
        }
    }
}

/// A list of `KEY=VALUE` becomes a mapping; of two equal keys the last counts. The values become texts.
pub(super) fn pairs(node: &mut Node, alone: Alone) {
    match &mut node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                match alone {
                    Alone::Empty if entry.value.is_null() => {
                        entry.value = tree::text("", &entry.value.place);
                    }
                    _ => printed(&mut entry.value),
                }
            }
        }
        Value::Sequence(items) => {
            let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
            let mut index: HashMap<SmolStr, usize> = HashMap::new();
            for item in std::mem::take(items) {
                let Some(mut entry) = pair(item, alone) else { continue };
                let key = SmolStr::new(entry.key.text().unwrap_or_default());
                match index.get(&key) {
                    Some(at) => {
                        let there: &mut Entry = &mut entries[*at];
                        tree::replaces(&mut entry.value, &there.value);
                        *there = entry;
                    }
                    None => {
                        index.insert(key, entries.len());
                        entries.push(entry);
                    }
                }
            }
            node.value = Value::Mapping(entries);
        }
        Value::Scalar(_) => {}
    }
}

fn pair(item: Node, alone: Alone) -> Option<Entry> {
    let text = match tree::resolved(&item)? {
        Resolved::Null => return None,
        _ => tree::printed(&item),
    };
    let Some((name, value)) = text.split_once('=') else {
        let value = match alone {
            Alone::Null => tree::null(&item.place),
            Alone::Empty => tree::text("", &item.place),
        };
        return Some(Entry { key: tree::text(text, &item.place), value });
    };
    let (key_place, value_place) = tree::parts(&item, &text, name.len(), 1);
    let mut node = tree::text(value, &value_place);
    tree::keep_variables(&item, &mut node);
    if let Some(alias) = item.properties.and_then(|properties| properties.alias) {
        node.properties_mut().alias = Some(alias);
    }
    Some(Entry { key: tree::text(name, &key_place), value: node })
}
