//! What a document says, key by key, and what of it can be believed.
//!
//! Readers put in claims; [`Claims::settle`] takes a value where all sure claims agree, and says why where they do not.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::super::toml_text;

/// Claims of one key that are kept: a document that repeats itself more often says nothing new.
const MAX_CLAIMS: usize = 64;
/// Keys of one document.
const MAX_KEYS: usize = 60_000;

/// The way to a value in the plan: `["health", "interval"]`. A way and no dotted text, because names hold dots.
pub(super) type Key = Vec<SmolStr>;

/// A key of its parts.
pub(super) fn key<const N: usize>(parts: [&str; N]) -> Key {
    parts.into_iter().map(SmolStr::from).collect()
}

/// A value as TOML can hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(u64),
    Flag(bool),
    /// A list that is one value: another list contradicts it.
    List(Vec<String>),
    /// A number, or a list of numbers, as TOML has it.
    Written(String),
    /// An item of a list that several places add to.
    Item(String),
}

impl Value {
    /// As TOML has it.
    pub(super) fn toml(&self) -> String {
        match self {
            Self::Text(text) | Self::Item(text) => toml_text::string(text),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(items) => toml_text::list(items),
            Self::Written(text) => text.clone(),
        }
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(one), Self::List(two)) => {
                one.len() == two.len() && one.iter().all(|item| two.contains(item))
            }
            _ => self == other,
        }
    }
}

/// How a claim is made; earlier ones count for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Voice {
    /// A table that names the plan's own key.
    Setting,
    /// Text, a table or a tree.
    Text,
    /// The same, with a reason to doubt it.
    Doubtful(String),
    /// An example, which shows one case and rules nothing.
    Example,
}

/// A value and the offset in the document that says it.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) value: Value,
    pub(super) at: u32,
    pub(super) voice: Voice,
}

/// What became of a key.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The values to write (several only for items of a list), each with its claim; claims of less weight that differ.
    Taken { claims: Vec<Claim>, others: Vec<Claim> },
    /// Nothing can be believed: why, and what was claimed.
    Left { why: String, claims: Vec<Claim>, contradiction: bool },
}

/// Claims by key, keys in the order in which the document first speaks of them.
#[derive(Debug, Default)]
pub(super) struct Claims {
    list: Vec<(Key, Vec<Claim>)>,
    index: HashMap<Key, usize>,
}

impl Claims {
    /// Adds a claim.
    pub(super) fn add(&mut self, key: Key, value: Value, at: u32, voice: Voice) {
        let place = match self.index.get(&key) {
            Some(place) => *place,
            None if self.list.len() >= MAX_KEYS => return,
            None => {
                self.index.insert(key.clone(), self.list.len());
                self.list.push((key, Vec::new()));
                self.list.len() - 1
            }
        };
        let claims = &mut self.list[place].1;
        let items = matches!(value, Value::Item(_));
        if claims.len() < if items { MAX_KEYS } else { MAX_CLAIMS } {
            claims.push(Claim { value, at, voice });
        }
    }

    /// What is claimed of a key.
    pub(super) fn of(&self, key: &[SmolStr]) -> &[Claim] {
        self.index.get(key).map_or(&[], |at| &self.list[*at].1)
    }

    /// The value that a key will have, if it will have one.
    pub(super) fn settled(&self, key: &[SmolStr]) -> Option<Value> {
        match settle(self.of(key)) {
            Outcome::Taken { claims, .. } => claims.into_iter().next().map(|claim| claim.value),
            Outcome::Left { .. } => None,
        }
    }

    /// The keys, in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.list.iter().map(|(key, _)| key)
    }

    /// Every key with what becomes of it.
    pub(super) fn settle(&self) -> Vec<(&Key, Outcome)> {
        self.list.iter().map(|(key, claims)| (key, settle(claims))).collect()
    }
}

fn settle(claims: &[Claim]) -> Outcome {
    let spoken =
        |voice: &Voice| claims.iter().filter(|claim| claim.voice == *voice).cloned().collect::<Vec<_>>();
    let mut others: Vec<Claim> = claims
        .iter()
        .filter(|claim| matches!(claim.voice, Voice::Doubtful(_) | Voice::Example))
        .cloned()
        .collect();
    for voice in [Voice::Setting, Voice::Text] {
        let sure = spoken(&voice);
        let Some(first) = sure.first().cloned() else { continue };
        if matches!(first.value, Value::Item(_)) {
            return Outcome::Taken { claims: distinct(sure), others: Vec::new() };
        }
        if sure.iter().any(|claim| !claim.value.same(&first.value)) {
            let why = "the document says it in two ways".to_owned();
            return Outcome::Left { why, claims: distinct(sure), contradiction: true };
        }
        if voice == Voice::Setting {
            others.extend(spoken(&Voice::Text));
        }
        others.retain(|claim| !claim.value.same(&first.value));
        return Outcome::Taken { claims: vec![first], others: distinct(others) };
    }
    let doubtful = others.iter().find_map(|claim| match &claim.voice {
        Voice::Doubtful(why) => Some(why.clone()),
        _ => None,
    });
    let why = doubtful.unwrap_or_else(|| "only an example says it".to_owned());
    Outcome::Left { why, claims: distinct(others), contradiction: false }
}

/// One claim per value, the first.
fn distinct(claims: Vec<Claim>) -> Vec<Claim> {
    let mut items: std::collections::HashSet<String> = std::collections::HashSet::new();
    let mut kept: Vec<Claim> = Vec::new();
    for claim in claims {
        let new = match &claim.value {
            Value::Item(item) => items.insert(item.clone()),
            value => kept.len() < MAX_CLAIMS && !kept.iter().any(|known| known.value.same(value)),
        };
        if new {
            kept.push(claim);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(claims: &[(u64, Voice)]) -> String {
        let mut all = Claims::default();
        for (at, (number, voice)) in claims.iter().enumerate() {
            all.add(key(["user", "uid"]), Value::Number(*number), at as u32, voice.clone());
        }
        match all.settle().remove(0).1 {
            Outcome::Taken { claims, others } => format!("{:?} but {}", claims[0].value, others.len()),
            Outcome::Left { why, claims, contradiction } => {
                format!("{why}: {} {contradiction}", claims.len())
            }
        }
    }

    #[test]
    fn a_value_is_taken_where_all_that_is_sure_agrees() {
        let doubt = || Voice::Doubtful("it says `maybe`".to_owned());
        let cases: [(&[(u64, Voice)], &str); 7] = [
            (&[(1, Voice::Text), (1, Voice::Text)], "Number(1) but 0"),
            (&[(1, Voice::Text), (2, Voice::Text)], "the document says it in two ways: 2 true"),
            (&[(1, Voice::Text), (2, Voice::Example), (1, Voice::Example)], "Number(1) but 1"),
            (&[(1, Voice::Text), (2, doubt())], "Number(1) but 1"),
            (&[(2, Voice::Text), (1, Voice::Setting)], "Number(1) but 1"),
            (&[(2, doubt())], "it says `maybe`: 1 false"),
            (&[(2, Voice::Example), (3, Voice::Example)], "only an example says it: 2 false"),
        ];
        for (claims, want) in cases {
            assert_eq!(outcome(claims), want, "{claims:?}");
        }
    }

    #[test]
    fn lists_are_compared_as_sets_and_items_add_up() {
        let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
        assert!(list(&["8.6", "8.9"]).same(&list(&["8.9", "8.6"])) && !list(&["a"]).same(&list(&["b"])));
        let mut all = Claims::default();
        for item in ["a", "b", "a"] {
            all.add(key(["x"]), Value::Item(item.to_owned()), 0, Voice::Text);
        }
        let Outcome::Taken { claims, .. } = all.settle().remove(0).1 else { panic!("taken") };
        assert_eq!(claims.len(), 2);
    }
}
