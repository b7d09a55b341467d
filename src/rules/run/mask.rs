//! Values of secret variables in texts: what a message repeats after interpolation has put them in.
//!
//! Variables come in, texts with `***` in their place come out. A value is found wherever it stands, because a message may
//! hold it as a part of a name or of an address.

use std::collections::{BTreeSet, HashSet};

use smol_str::SmolStr;

use super::secrets::{ValueKind, is_secret_name, kind_of};
use crate::finding::Finding;

/// Bytes that a value is found by; a shorter one is in too many texts.
const START: usize = 6;
/// Bytes of a value that are compared; what follows them in a text goes with them.
const LONGEST: usize = 128;
/// What stands in the place of a value.
const HIDDEN: &str = "***";

/// The values of secret variables.
#[derive(Debug, Default)]
pub(crate) struct Mask {
    values: HashSet<SmolStr>,
    starts: HashSet<[u8; START]>,
    lengths: BTreeSet<usize>,
}

impl Mask {
    /// Adds a variable, if its name is secret and its value is none that everybody knows.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        if !is_secret_name(name) || kind_of(value) != ValueKind::Literal {
            return;
        }
        self.add_value(value);
    }

    /// Adds a value that is known to be a secret.
    pub(crate) fn add_value(&mut self, value: &str) {
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
            self.lengths.insert(value.len());
            self.values.insert(value.into());
        }
    }

    /// The text without the values; `None` when it holds none.
    pub(crate) fn hide(&self, text: &str) -> Option<String> {
        if self.starts.is_empty() {
            return None;
        }
        let (mut hidden, mut done, mut at) = (String::new(), 0, 0);
        while let Some(start) = text.as_bytes()[at..].first_chunk::<START>() {
            let found = if self.starts.contains(start) { self.length_at(text, at) } else { None };
            at += found.unwrap_or(1);
            if let Some(length) = found {
                hidden.push_str(&text[done..at - length]);
                hidden.push_str(HIDDEN);
                if length + 4 > LONGEST {
                    let rest = text[at..].find(['`', '\n', '"']);
                    at += rest.unwrap_or(text.len() - at);
                }
                done = at;
            }
        }
        (done > 0).then(|| hidden + &text[done..])
    }

    /// How long the longest value is that stands at an offset.
    fn length_at(&self, text: &str, at: usize) -> Option<usize> {
        let fits =
            |length: &&usize| text.get(at..at + **length).is_some_and(|part| self.values.contains(part));
        self.lengths.iter().rev().find(fits).copied()
    }

    /// Hides the values in all that a finding says.
    pub(crate) fn hide_in(&self, finding: &mut Finding) {
        if self.starts.is_empty() {
            return;
        }
        for text in std::iter::once(&mut finding.message).chain(&mut finding.help) {
            if let Some(hidden) = self.hide(text) {
                *text = hidden;
            }
        }
        let steps = finding.origin.iter_mut().chain(&mut finding.related).chain(&mut finding.plan);
        for text in steps.map(|step| &mut step.what).chain(&mut finding.subject) {
            if let Some(hidden) = self.hide(text) {
                *text = hidden.into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn values_of_secret_names_are_hidden_wherever_they_stand() {
        let mut mask = Mask::default();
        mask.add("API_TOKEN", "abcd1234");
        mask.add("DB_PASSWORD", "abcd1234abcd");
        mask.add("QUOTED_PASSWORD", "a\"bcdefgh");
        mask.add("LONG_TOKEN", &"x1".repeat(500));
        mask.add("LOG_LEVEL", "verbose");
        mask.add("OTHER_PASSWORD", "changeme");
        for (text, want) in [
            ("runs `redis:abcd1234`", Some("runs `redis:***`")),
            ("abcd1234abcd and abcd1234", Some("*** and ***")),
            ("é abcd1234 é", Some("é *** é")),
            (r#""a\"bcdefgh""#, Some(r#""***""#)),
            ("is verbose, changeme, abcd123", None),
            ("", None),
        ] {
            assert_eq!(mask.hide(text).as_deref(), want, "{text}");
        }
        assert_eq!(mask.hide(&format!("`{}` here", "x1".repeat(500))).as_deref(), Some("`***` here"));
        assert_eq!(Mask::default().hide("abcd1234"), None);
    }
}
