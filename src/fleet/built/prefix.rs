//! Sequences as a tree: which of many sequences begin with all items of others. Linear in all items together.

use std::collections::HashMap;
use std::hash::Hash;

/// Sequences by owner; sequences that begin alike share their nodes.
#[derive(Debug)]
pub(super) struct Prefixes<K> {
    next: HashMap<(u32, K), u32>,
    /// Owners whose sequence ends at a node, in the order they came.
    ends: HashMap<u32, Vec<usize>>,
    /// The nodes of each owner's sequence.
    paths: HashMap<usize, Vec<u32>>,
}

impl<K: Hash + Eq> Prefixes<K> {
    pub(super) fn new() -> Self {
        Self { next: HashMap::new(), ends: HashMap::new(), paths: HashMap::new() }
    }

    /// Takes up the sequence of an owner.
    pub(super) fn add(&mut self, owner: usize, items: impl Iterator<Item = K>) {
        let mut path = Vec::with_capacity(items.size_hint().0);
        let mut node = 0;
        for item in items {
            let new = u32::try_from(self.next.len()).unwrap_or(u32::MAX - 1) + 1;
            node = *self.next.entry((node, item)).or_insert(new);
            path.push(node);
        }
        self.ends.entry(node).or_default().push(owner);
        self.paths.insert(owner, path);
    }

    /// Items of an owner's sequence.
    pub(super) fn length(&self, owner: usize) -> usize {
        self.path(owner).len()
    }

    /// Whether the sequence of `whole` begins with all items of `part`, or is the same.
    pub(super) fn begins(&self, whole: usize, part: usize) -> bool {
        match self.path(part).last() {
            Some(node) => self.path(whole).get(self.length(part) - 1) == Some(node),
            None => true,
        }
    }

    /// Owners whose sequence is just as long as the first `length` items of this owner's, and the same; in order.
    pub(super) fn with_prefix(&self, owner: usize, length: usize) -> &[usize] {
        let node = match length {
            0 => Some(&0),
            _ => self.path(owner).get(length - 1),
        };
        node.and_then(|node| self.ends.get(node)).map(Vec::as_slice).unwrap_or_default()
    }

    fn path(&self, owner: usize) -> &[u32] {
        self.paths.get(&owner).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Prefixes;

    #[test]
    fn sequences_begin_with_others() {
        let mut tree = Prefixes::new();
        for (owner, items) in ["", "ab", "abc", "ab", "b", "abd"].iter().enumerate() {
            tree.add(owner, items.chars());
        }
        assert_eq!(tree.with_prefix(2, 2), [1, 3]);
        assert_eq!(tree.with_prefix(5, 0), [0]);
        assert!(tree.with_prefix(5, 1).is_empty() && tree.with_prefix(5, 9).is_empty());
        for (whole, part, want) in [(2, 1, true), (1, 2, false), (1, 3, true), (4, 1, false), (4, 0, true)] {
            assert_eq!(tree.begins(whole, part), want, "{whole} {part}");
        }
        assert_eq!(tree.length(5), 3);
    }
}
