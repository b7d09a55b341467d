//! `strategy.matrix`: its lists, and the combinations that a job runs with.

use smol_str::SmolStr;

use crate::model::Spanned;
use crate::source::Place;
use crate::syntax::yaml::{Entry, Node};

/// Combinations of one job; GitHub allows 256.
const MAX_COMBINATIONS: usize = 256;
/// Lists of one matrix, and keys of one entry of `include`.
const MAX_LISTS: usize = 32;
/// Items of all lists of one matrix, and entries of `include` and `exclude`.
const MAX_ITEMS: usize = 512;

/// A matrix.
pub(super) struct Matrix<'a> {
    pub(super) lists: Vec<(Spanned<SmolStr>, Vec<Spanned<SmolStr>>)>,
    pub(super) combinations: Vec<Combination<'a>>,
    /// Whether an expression computes it.
    pub(super) is_computed: bool,
}

/// One run of a job.
#[derive(Clone, Default)]
pub(super) struct Combination<'a> {
    pub(super) values: Vec<(SmolStr, &'a Node)>,
}

impl Combination<'_> {
    fn value(&self, key: &str) -> Option<&Node> {
        self.values.iter().find(|(own, _)| own == key).map(|(_, node)| *node)
    }

    /// Whether every key that both name has the same value.
    fn agrees(&self, entry: &Node, keys: &[&str]) -> bool {
        let mut named = entry.entries().iter().filter_map(|it| Some((it.key.text()?, &it.value)));
        named.all(|(key, value)| {
            !keys.contains(&key) || self.value(key).is_some_and(|own| label(own) == label(value))
        })
    }
}

/// How an item is called: its text, or of a mapping its `name` or first text.
pub(super) fn label(item: &Node) -> Option<SmolStr> {
    let of_mapping = || {
        let first = item.entries().iter().find_map(|entry| entry.value.text());
        item.get("name").and_then(Node::text).or(first)
    };
    item.text().or_else(of_mapping).map(SmolStr::new)
}

/// Reads the matrix of a job; without one there is one combination without values.
pub(super) fn read(job: &Node) -> Matrix<'_> {
    let mut matrix =
        Matrix { lists: Vec::new(), combinations: vec![Combination::default()], is_computed: false };
    let Some(node) = job.at(&["strategy", "matrix"]) else { return matrix };
    matrix.is_computed = !node.is_mapping();
    for entry in node.entries() {
        match entry.key.text() {
            Some("include" | "exclude") | None => {}
            Some(key) if entry.value.is_sequence() && matrix.has_room(entry.value.items().len()) => {
                matrix.list(key, entry);
            }
            Some(_) => matrix.is_computed = true,
        }
    }
    if let Some(exclude) = node.get("exclude") {
        let keys: Vec<SmolStr> = matrix.names();
        let keys: Vec<&str> = keys.iter().map(SmolStr::as_str).collect();
        matrix
            .combinations
            .retain(|own| !exclude.items().iter().take(MAX_ITEMS).any(|entry| own.agrees(entry, &keys)));
    }
    if let Some(include) = node.entry("include") {
        matrix.is_computed |= !include.value.is_sequence();
        matrix.include(include);
    }
    matrix
}

impl<'a> Matrix<'a> {
    /// Whether one more list of so many items is followed; what is too large counts as computed.
    fn has_room(&self, items: usize) -> bool {
        let held: usize = self.lists.iter().map(|(_, items)| items.len()).sum();
        self.lists.len() < MAX_LISTS && held + items <= MAX_ITEMS
    }

    fn names(&self) -> Vec<SmolStr> {
        self.lists.iter().map(|(name, _)| name.value.clone()).collect()
    }

    fn list(&mut self, key: &str, entry: &'a Entry) {
        let items = entry.value.items();
        let named = |item: &Node| Some(Spanned::new(label(item)?, item.place.clone()));
        let name = Spanned::new(SmolStr::new(key), entry.key.place.clone());
        self.lists.push((name, items.iter().filter_map(named).collect()));
        let before = std::mem::take(&mut self.combinations);
        let all = before.iter().flat_map(|combination| {
            items.iter().map(move |item| {
                let mut combination = combination.clone();
                combination.values.push((SmolStr::new(key), item));
                combination
            })
        });
        self.combinations = all.take(MAX_COMBINATIONS).collect();
    }

    /// Entries of `include` add keys to the combinations that they fit, and are combinations of their own otherwise.
    fn include(&mut self, include: &'a Entry) {
        let names = self.names();
        let names: Vec<&str> = names.iter().map(SmolStr::as_str).collect();
        if names.is_empty() {
            self.combinations.clear();
        }
        let own = self.combinations.len();
        for entry in include.value.items().iter().filter(|entry| entry.is_mapping()).take(MAX_ITEMS) {
            let fits = self.combinations[..own].iter().map(|one| one.agrees(entry, &names));
            let fits: Vec<usize> = fits.enumerate().filter_map(|(at, fits)| fits.then_some(at)).collect();
            let pairs = entry.entries().iter().filter_map(|it| Some((SmolStr::new(it.key.text()?), it)));
            let pairs: Vec<(SmolStr, &'a Entry)> = pairs.take(MAX_LISTS).collect();
            for at in &fits {
                let values = &mut self.combinations[*at].values;
                let new = pairs.iter().filter(|(key, _)| !names.contains(&key.as_str()));
                values.extend(new.map(|(key, it)| (key.clone(), &it.value)));
            }
            if fits.is_empty() && self.combinations.len() < MAX_COMBINATIONS {
                self.add(&pairs, &include.key.place);
            }
        }
    }

    /// One more combination, whose values are items of the lists as well. A list that only `include` makes stands there.
    fn add(&mut self, pairs: &[(SmolStr, &'a Entry)], include: &Place) {
        let values = pairs.iter().map(|(key, entry)| (key.clone(), &entry.value)).collect();
        self.combinations.push(Combination { values });
        for (key, entry) in pairs {
            let Some(label) = label(&entry.value) else { continue };
            let item = Spanned::new(label, entry.value.place.clone());
            let is_full = self.lists.len() >= MAX_LISTS;
            match self.lists.iter_mut().find(|(name, _)| name.value == *key) {
                Some((_, items)) if items.iter().any(|known| known.value == item.value) => {}
                Some((_, items)) if items.len() >= MAX_ITEMS => {}
                Some((_, items)) => items.push(item),
                None if is_full => {}
                None => {
                    let name = Spanned::new(key.clone(), include.clone());
                    self.lists.push((name, vec![item]));
                }
            }
        }
    }

    /// The item of each list that a combination has.
    pub(super) fn items_of(&self, combination: &Combination<'_>) -> Vec<Option<usize>> {
        let at = |(name, items): &(Spanned<SmolStr>, Vec<Spanned<SmolStr>>)| {
            let label = label(combination.value(&name.value)?)?;
            items.iter().position(|item| item.value == label)
        };
        self.lists.iter().map(at).collect()
    }
}
