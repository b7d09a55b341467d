//! What a mapping as a whole says: keys that stand twice, and what merge keys bring.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use super::build::Merge;
use super::problems::Problems;
use super::tree::{Entry, Node, Problem, ProblemKind, Value};
use crate::source::Place;

/// Keys up to which comparing each with each is quickest.
const FEW: usize = 12;

/// Characters of a key that a message shows.
const SHOWN: usize = 60;

/// Completes the mapping of `entries`: reports its mistakes, unless there is nobody to tell, and puts in what its merge
/// keys bring.
pub(super) fn complete(entries: &mut Vec<Entry>, merges: Vec<Merge>, problems: Option<&mut Problems>) {
    let mut problems = problems;
    if let Some(problems) = problems.as_deref_mut() {
        find_duplicates(entries, problems);
    }
    if merges.is_empty() {
        return;
    }
    if let (Some(problems), [first, more @ ..]) = (problems.as_deref_mut(), merges.as_slice()) {
        more.iter().for_each(|merge| repeated(first, merge, problems));
    }
    let mut known: HashSet<SmolStr> = entries.iter().filter_map(key_of).cloned().collect();
    for Merge { key, value } in merges {
        let alias = alias_of(&value).unwrap_or(key.place);
        let by_alias = value.properties.as_ref().is_some_and(|properties| properties.alias.is_some());
        match value.value {
            Value::Mapping(_) => add(entries, &mut known, value, &alias),
            Value::Sequence(items) => {
                for item in items {
                    // A list that an alias brought is named by that alias.
                    let own = alias_of(&item).filter(|_| !by_alias).unwrap_or_else(|| alias.clone());
                    match item.is_mapping() {
                        true => add(entries, &mut known, item, &own),
                        false => wrong(&item, problems.as_deref_mut()),
                    }
                }
            }
            Value::Scalar(_) => wrong(&value, problems.as_deref_mut()),
        }
    }
}

fn alias_of(node: &Node) -> Option<Place> {
    node.properties.as_ref()?.alias.clone()
}

fn key_of(entry: &Entry) -> Option<&SmolStr> {
    entry.key.scalar().map(|scalar| &scalar.text)
}

/// Adds the keys of a mapping that are not known yet.
fn add(entries: &mut Vec<Entry>, known: &mut HashSet<SmolStr>, from: Node, alias: &Place) {
    let Value::Mapping(list) = from.value else { return };
    // Of two equal keys of one mapping the last counts, and comes in the place of the first.
    let mut added: HashMap<SmolStr, usize> = HashMap::new();
    for mut entry in list {
        entry.value.properties_mut().alias = Some(alias.clone());
        match key_of(&entry).cloned() {
            Some(key) => match added.get(&key) {
                Some(at) => entries[*at] = entry,
                None if !known.contains(&key) => {
                    added.insert(key, entries.len());
                    entries.push(entry);
                }
                None => {}
            },
            None => entries.push(entry),
        }
    }
    known.extend(added.into_keys());
}

/// A merge key that takes no mapping. An alias that stands for nothing has been reported.
fn wrong(value: &Node, problems: Option<&mut Problems>) {
    let Some(problems) = problems else { return };
    let alias = alias_of(value);
    if alias.as_ref().is_some_and(|alias| *alias == value.place) {
        return;
    }
    problems.push(Problem {
        kind: ProblemKind::Merge,
        place: alias.unwrap_or_else(|| value.place.clone()),
        message: "`<<` takes a mapping or a list of mappings: write `<<: *name` with the anchor of a mapping"
            .to_owned(),
        related: None,
    });
}

fn repeated(first: &Merge, second: &Merge, problems: &mut Problems) {
    let line = first.key.place.start().line;
    problems.push(Problem {
        kind: ProblemKind::RepeatedMerge,
        place: second.key.place.clone(),
        message: format!("the key `<<` stands already in line {line}: write one `<<: [*one, *other]`"),
        related: Some((first.key.place.clone(), "first defined here")),
    });
}

fn find_duplicates(entries: &[Entry], problems: &mut Problems) {
    if entries.len() <= FEW {
        for (at, entry) in entries.iter().enumerate().skip(1) {
            let Some(key) = key_of(entry) else { continue };
            if let Some(first) = entries[..at].iter().find(|other| key_of(other) == Some(key)) {
                report(first, entry, key, problems);
            }
        }
        return;
    }
    let mut firsts: HashMap<&str, &Entry> = HashMap::with_capacity(entries.len());
    for entry in entries {
        let Some(key) = key_of(entry) else { continue };
        match firsts.get(key.as_str()) {
            Some(first) => report(first, entry, key, problems),
            None => {
                firsts.insert(key, entry);
            }
        }
    }
}

fn report(first: &Entry, second: &Entry, key: &str, problems: &mut Problems) {
    let line = first.key.place.start().line;
    let key = match key.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    };
    problems.push(Problem {
        kind: ProblemKind::DuplicateKey,
        place: second.key.place.clone(),
        message: format!("the key `{key}` stands already in line {line}; the last one counts"),
        related: Some((first.key.place.clone(), "first defined here")),
    });
}
