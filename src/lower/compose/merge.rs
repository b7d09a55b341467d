//! Documents of one project laid over one another (compose-go: `override`).
//!
//! Both are in canonical form. Mappings merge deeply, sequences are appended, anything else is replaced; some paths have
//! a rule of their own. What replaces something remembers where that stood.

use std::collections::HashMap;
use std::sync::LazyLock;

use smol_str::SmolStr;

use super::patterns::{Patterns, State};
use super::problems::Problems;
use super::tree::{self, items_mut};
use crate::model::ProjectProblemKind;
use crate::syntax::yaml::{Entry, Node, Value};

/// A rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Special {
    /// The later one counts alone.
    Replace,
    /// Options of two drivers do not mix.
    Logging,
    /// Subnets merge by their address.
    Subnets,
    /// Hosts with addresses: what both say is there once.
    Hosts,
}

static SPECIALS: LazyLock<Patterns<Special>> = LazyLock::new(|| {
    Patterns::new(&[
        ("networks.*.ipam.config", Special::Subnets),
        ("services.*.build.extra_hosts", Special::Hosts),
        ("services.*.command", Special::Replace),
        ("services.*.entrypoint", Special::Replace),
        ("services.*.extra_hosts", Special::Hosts),
        ("services.*.healthcheck.test", Special::Replace),
        ("services.*.logging", Special::Logging),
        ("services.*.ulimits.*", Special::Replace),
    ])
});

/// Lays a document over another.
pub(super) fn merge(base: &mut Node, over: Node, problems: &mut Problems) {
    merge_at(base, over, SPECIALS.root(), problems);
}

/// Lays what stands at a path of keys over what is there.
pub(super) fn merge_below(base: &mut Node, over: Node, path: &[&str], problems: &mut Problems) {
    merge_at(base, over, SPECIALS.at(path), problems);
}

fn merge_at(base: &mut Node, over: Node, state: State, problems: &mut Problems) {
    let mut open: Vec<(&mut Node, Node, State)> = vec![(base, over, state)];
    while let Some((base, over, state)) = open.pop() {
        let over = match SPECIALS.meaning(state) {
            _ if over.tag() == Some(POSITIONS) && base.is_sequence() => {
                positions(base, over, state, &mut open);
                continue;
            }
            Some(special) => match specially(base, over, special) {
                Some(over) => over,
                None => continue,
            },
            // A null says nothing new.
            None if over.is_null() => continue,
            None => over,
        };
        if base.is_null() {
            replace(base, over);
            continue;
        }
        match (&mut base.value, over.value) {
            (Value::Mapping(_), Value::Mapping(entries)) => {
                let earlier = std::mem::replace(&mut base.place, over.place);
                if earlier != base.place {
                    tree::overrides(base, earlier);
                }
                mappings(base, entries, state, &mut open);
            }
            (Value::Sequence(items), Value::Sequence(more)) => items.extend(more),
            (Value::Scalar(_), value) => {
                replace(base, Node { value, place: over.place, properties: over.properties });
            }
            (_, value) => {
                let over = Node { value, place: over.place, properties: over.properties };
                let kind = if base.is_mapping() { "a mapping" } else { "a list" };
                problems.relate(
                    ProjectProblemKind::Value,
                    &over.place,
                    format!("this cannot override {kind}"),
                    (base.place.clone(), "stands here"),
                );
            }
        }
    }
}

/// The tag of a list whose items are laid over the items at the same positions.
pub(super) const POSITIONS: &str = "!merge";

/// Merges lists item by item: an empty item leaves the earlier one alone, and what is longer stays.
fn positions<'n>(base: &'n mut Node, over: Node, state: State, open: &mut Vec<(&'n mut Node, Node, State)>) {
    let (Value::Sequence(items), Value::Sequence(mut more)) = (&mut base.value, over.value) else { return };
    if more.len() > items.len() {
        items.extend(more.split_off(items.len()));
    }
    let state = SPECIALS.item(state);
    let says = |item: &Node| !item.is_null() && (item.scalar().is_some() || tree::count(item) > 1);
    let pairs = items.iter_mut().zip(more).filter(|(_, item)| says(item));
    open.extend(pairs.map(|(item, over)| (item, over, state)));
}

/// Puts `over` in the place of `base`.
fn replace(base: &mut Node, mut over: Node) {
    tree::replaces(&mut over, base);
    *base = over;
}

/// Merges the keys: new ones are appended, the values of known ones wait their turn.
fn mappings<'n>(
    base: &'n mut Node,
    over: Vec<Entry>,
    state: State,
    open: &mut Vec<(&'n mut Node, Node, State)>,
) {
    let Value::Mapping(entries) = &mut base.value else { return };
    let index = if over.len() > 2 { tree::index(entries) } else { None };
    let mut waiting: Vec<(usize, Node)> = Vec::new();
    let mut fresh = Vec::new();
    for entry in over {
        let at = entry.key.text().and_then(|key| tree::position(entries, index.as_ref(), key));
        match at {
            Some(at) => waiting.push((at, entry.value)),
            None => fresh.push(entry),
        }
    }
    entries.append(&mut fresh);
    // A stable order: of two equal keys the later one comes last.
    waiting.sort_by_key(|(at, _)| *at);
    let mut waiting = waiting.into_iter().peekable();
    for (at, entry) in entries.iter_mut().enumerate() {
        let mut last = None;
        while let Some((_, value)) = waiting.next_if(|(wanted, _)| *wanted == at) {
            last = Some(value);
        }
        if let Some(value) = last {
            let state = entry.key.text().map_or(state, |key| SPECIALS.key(state, key));
            open.push((&mut entry.value, value, state));
        }
    }
}

/// Merges by a rule of its own; what is given back merges as anything else.
fn specially(base: &mut Node, over: Node, special: Special) -> Option<Node> {
    let scalar =
        |node: &Node, key: &str| node.get(key).and_then(|value| value.scalar().map(|it| it.text.clone()));
    match special {
        Special::Replace => replace(base, over),
        Special::Logging => {
            let (before, after) = (scalar(base, "driver"), scalar(&over, "driver"));
            if before == after || before.is_none() || after.is_none() {
                return Some(over).filter(|over| !over.is_null());
            }
            replace(base, over);
        }
        Special::Hosts => {
            if !base.is_mapping() || !over.is_mapping() {
                return Some(over);
            }
            hosts(base, over);
        }
        Special::Subnets => {
            if !base.is_sequence() || !over.is_sequence() {
                return Some(over);
            }
            subnets(base, over);
        }
    }
    None
}

fn hosts(base: &mut Node, over: Node) {
    let Value::Mapping(entries) = over.value else { return };
    for entry in entries {
        let host = entry.key.text().unwrap_or_default();
        match tree::get_mut(base, host).and_then(items_mut) {
            Some(addresses) => {
                let Value::Sequence(more) = entry.value.value else { continue };
                for address in more {
                    if !addresses.iter().any(|known| known.text() == address.text()) {
                        addresses.push(address);
                    }
                }
            }
            None => tree::entries_mut(base).into_iter().for_each(|entries| entries.push(entry.clone())),
        }
    }
}

/// What the later list says, each subnet laid over the earlier one of the same address; earlier ones that it leaves out
/// are gone, as compose-go has it.
fn subnets(base: &mut Node, mut over: Node) {
    let Some(items) = items_mut(base) else { return };
    let address = |subnet: &Node| subnet.get("subnet").and_then(Node::text).map(SmolStr::new);
    let mut earlier: HashMap<Option<SmolStr>, Node> =
        std::mem::take(items).into_iter().map(|item| (address(&item), item)).collect();
    for subnet in items_mut(&mut over).into_iter().flatten() {
        if let Some(mut merged) = earlier.remove(&address(subnet)) {
            for entry in tree::entries_mut(subnet).map(std::mem::take).into_iter().flatten() {
                let key = entry.key.text().unwrap_or_default();
                tree::set(&mut merged, key, entry.value);
            }
            *subnet = merged;
        }
    }
    replace(base, over);
}
