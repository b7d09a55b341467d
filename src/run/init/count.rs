//! What several images say, counted: who leads, and how clearly.

use std::collections::BTreeMap;

/// Of a hundred that tell, so many must say the same for a value to be clear.
const CLEAR: usize = 80;

/// Answers to one question.
#[derive(Debug, Clone)]
pub(super) struct Count<T> {
    said: BTreeMap<T, usize>,
    /// Images of which it can be told, those included that say nothing.
    pub(super) told: usize,
    /// Images of which it cannot be told.
    pub(super) untold: usize,
}

impl<T> Default for Count<T> {
    fn default() -> Self {
        Self { said: BTreeMap::new(), told: 0, untold: 0 }
    }
}

impl<T: Ord> Count<T> {
    /// One more image says this; `None`: it says nothing.
    pub(super) fn add(&mut self, said: Option<T>) {
        self.told += 1;
        if let Some(said) = said {
            *self.said.entry(said).or_default() += 1;
        }
    }

    /// One more image of which it cannot be told.
    pub(super) fn add_untold(&mut self) {
        self.untold += 1;
    }

    /// What most say, and how many; of two with the same number the smaller one.
    pub(super) fn leader(&self) -> Option<(&T, usize)> {
        self.ranked().into_iter().next()
    }

    /// Everything that is said, what most say first.
    pub(super) fn ranked(&self) -> Vec<(&T, usize)> {
        let mut all: Vec<(&T, usize)> = self.said.iter().map(|(said, count)| (said, *count)).collect();
        all.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0)));
        all
    }

    /// Images that can be told and say nothing.
    pub(super) fn silent(&self) -> usize {
        self.told - self.said.values().sum::<usize>()
    }

    /// Whether so many are enough: at least four fifths of those that tell, and most of all can tell.
    pub(super) fn is_clear(&self, count: usize) -> bool {
        count > 0 && is_most(count, self.told) && self.told >= self.untold
    }
}

/// Whether a part is at least four fifths of a whole.
pub(super) fn is_most(part: usize, whole: usize) -> bool {
    whole > 0 && part * 100 >= whole * CLEAR
}

/// `1 image`, `3 images`; of words whose plural has more to it both are given: `container of a pod|containers of pods`.
pub(super) fn plural(count: usize, what: &str) -> String {
    match what.split_once('|') {
        Some((one, many)) => format!("{count} {}", if count == 1 { one } else { many }),
        None if count == 1 => format!("1 {what}"),
        None => format!("{count} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_clear_or_not() {
        // What each image says (0: nothing, 9: cannot be told), the leader and whether it is clear.
        let table: [(&[u8], Option<(u8, usize)>, bool); 6] = [
            (&[], None, false),
            (&[1], Some((1, 1)), true),
            (&[1, 1, 1, 1, 2], Some((1, 4)), true),
            (&[1, 1, 1, 2], Some((1, 3)), false),
            (&[2, 1, 0], Some((1, 1)), false),
            (&[1, 9, 9], Some((1, 1)), false),
        ];
        for (images, leader, clear) in table {
            let mut count = Count::default();
            for said in images {
                match said {
                    9 => count.add_untold(),
                    0 => count.add(None),
                    said => count.add(Some(*said)),
                }
            }
            let found = count.leader().map(|(said, count)| (*said, count));
            assert_eq!(found, leader, "{images:?}");
            assert_eq!(found.is_some_and(|(_, lead)| count.is_clear(lead)), clear, "{images:?}");
        }
    }
}
