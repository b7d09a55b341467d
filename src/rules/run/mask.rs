//! Many values taken out of a text in one pass over it.
//!
//! Values come in, texts with `***` in their place come out. A value is found wherever it stands, because a message may
//! hold it as a part of a name or of an address.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use smol_str::SmolStr;

/// Bytes that a value is found by; a shorter one is in too many texts.
pub(super) const START: usize = 4;
/// Bytes of a value that are compared; what follows them in a text goes with them.
const LONGEST: usize = 128;
/// What stands in the place of a value.
const HIDDEN: &str = "***";

/// Values that are taken out.
#[derive(Debug, Default)]
pub(super) struct Mask {
    values: BTreeSet<SmolStr>,
    /// The same, made when the first text comes.
    sorted: OnceLock<Vec<Sorted>>,
    starts: HashSet<[u8; START]>,
    /// The first bytes of the values, so that nearly every byte of a text is passed over without a look into a table.
    firsts: BTreeSet<u8>,
}

/// A value among all, in order.
#[derive(Debug)]
struct Sorted {
    value: SmolStr,
    /// The longest of the others that it begins with.
    shorter: Option<usize>,
}

impl Mask {
    /// Adds a value; one that is shorter than [`START`] is left out.
    pub(super) fn add(&mut self, value: &str) {
        self.value(value);
        // JSON writes some letters otherwise.
        let written = serde_json::Value::from(value).to_string();
        self.value(written.trim_matches('"'));
    }

    fn value(&mut self, value: &str) {
        let end = (0..=LONGEST.min(value.len())).rev().find(|at| value.is_char_boundary(*at));
        let value = &value[..end.unwrap_or(0)];
        if let Some(start) = value.as_bytes().first_chunk() {
            self.starts.insert(*start);
            self.firsts.insert(start[0]);
            self.values.insert(value.into());
            self.sorted = OnceLock::new();
        }
    }

    /// Whether there is no value.
    pub(super) fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The text without the values; `None` when it holds none.
    pub(super) fn hide(&self, text: &str) -> Option<String> {
        let (mut hidden, mut done) = (String::new(), 0);
        self.each(text, |range| {
            hidden.push_str(&text[done..range.start]);
            hidden.push_str(HIDDEN);
            done = range.end;
        });
        (done > 0).then(|| hidden + &text[done..])
    }

    /// Where the values stand in a text, in order.
    pub(super) fn each(&self, text: &str, mut found: impl FnMut(Range<usize>)) {
        if self.starts.is_empty() {
            return;
        }
        let mut at = 0;
        while let Some(start) = text.as_bytes()[at..].first_chunk::<START>() {
            let may_be = self.firsts.contains(&start[0]) && self.starts.contains(start);
            let Some(length) = may_be.then(|| self.length_at(text, at)).flatten() else {
                at += 1;
                continue;
            };
            let mut end = at + length;
            if length + 4 > LONGEST {
                let rest = text[end..].find(['`', '\n', '"']);
                end = rest.map_or(text.len(), |rest| end + rest);
            }
            found(at..end);
            at = end;
        }
    }

    /// How long the longest value is that stands at an offset. The value that comes last before the text in their order
    /// begins with all that the text begins with: so one search is enough, however many values begin alike.
    fn length_at(&self, text: &str, at: usize) -> Option<usize> {
        let text = &text.as_bytes()[at..];
        let text = &text[..text.len().min(LONGEST)];
        let sorted = self.sorted.get_or_init(|| sorted(&self.values));
        let mut last = sorted.partition_point(|one| one.value.as_bytes() <= text).checked_sub(1)?;
        let equal = sorted[last].value.bytes().zip(text).take_while(|(one, other)| one == *other).count();
        while sorted[last].value.len() > equal {
            last = sorted[last].shorter?;
        }
        Some(sorted[last].value.len())
    }
}

fn sorted(values: &BTreeSet<SmolStr>) -> Vec<Sorted> {
    let mut all: Vec<Sorted> = Vec::with_capacity(values.len());
    for value in values {
        let mut shorter = all.len().checked_sub(1);
        while let Some(at) = shorter.filter(|at| !value.starts_with(all[*at].value.as_str())) {
            shorter = all[at].shorter;
        }
        all.push(Sorted { value: value.clone(), shorter });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn values_are_hidden_wherever_they_stand() {
        let mut mask = Mask::default();
        mask.add("abcd1234");
        mask.add("abcd1234abcd");
        mask.add("a\"bcdefgh");
        mask.add(&"x1".repeat(500));
        for (text, want) in [
            ("runs `redis:abcd1234`", Some("runs `redis:***`")),
            ("abcd1234abcd and abcd1234", Some("*** and ***")),
            ("é abcd1234 é", Some("é *** é")),
            (r#""a\"bcdefgh""#, Some(r#""***""#)),
            ("is verbose, abcd123", None),
            ("", None),
        ] {
            assert_eq!(mask.hide(text).as_deref(), want, "{text}");
        }
        assert_eq!(mask.hide(&format!("`{}` here", "x1".repeat(500))).as_deref(), Some("`***` here"));
        assert_eq!(Mask::default().hide("abcd1234"), None);
    }

    #[test]
    fn the_longest_of_many_values_that_begin_alike_is_hidden() {
        let mut mask = Mask::default();
        for value in ["aaaa", "aaaab", "aaaabbb", "aaaac", "aaaabbbd", "aaba", "aaaabc1"] {
            mask.add(value);
        }
        for (text, want) in [
            ("aaaabbbc", "***c"),
            ("aaaabb", "***b"),
            ("aaaaa", "***a"),
            ("aaaabbbd", "***"),
            ("aaabaaaacb", "a***aaacb"),
            ("aaaabc1aaaa", "******"),
        ] {
            assert_eq!(mask.hide(text).as_deref(), Some(want), "{text}");
        }
    }
}
