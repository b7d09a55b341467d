//! Rule sets: the rules as they were at a version, so that a new rule never reddens an old pipeline.

/// Rule sets: name, and the last version whose rules are in it; oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Rulesets(pub &'static [(&'static str, &'static str)]);

/// Those of this program.
pub const RULESETS: Rulesets = Rulesets(&[("2026.1", "0.1")]);

impl Rulesets {
    /// Their names.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// The last version whose rules are in a rule set.
    #[must_use]
    pub fn version(self, name: &str) -> Option<&'static str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, version)| *version)
    }

    /// The newest rule set, which holds every rule.
    #[must_use]
    pub fn newest(self) -> &'static str {
        self.0.last().map(|(name, _)| *name).unwrap_or_default()
    }

    /// Whether a rule set has a rule that is there since a version. That of a rule is asked only for an older set.
    pub fn has(self, name: &str, since: impl FnOnce() -> String) -> bool {
        name == self.newest() || self.version(name).is_none_or(|version| holds(version, &since()))
    }
}

/// Whether a rule that is there since a version (`0.1`, `0.10`) is in the rules of another.
fn holds(version: &str, since: &str) -> bool {
    let numbers = |text: &str| {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        // `0.1` is `0.1.0`.
        [0; 3].map(|zero| parts.next().unwrap_or(zero))
    };
    numbers(since) <= numbers(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, since, is_in) in [
            ("0.1", "0.1", true),
            ("0.1", "0.2", false),
            ("0.10", "0.9", true),
            ("0.9", "0.10", false),
            ("1", "0.9", true),
            ("0.1", "0.1.0", true),
            ("0.1", "0.1.1", false),
        ] {
            assert_eq!(holds(version, since), is_in, "{version} {since}");
        }
    }

    #[test]
    fn the_newest_holds_every_rule_and_the_pinned_ones_stay() {
        let newest = RULESETS.version(RULESETS.newest()).unwrap();
        for rule in crate::rules::all() {
            assert!(
                holds(newest, &rule.read_page().since),
                "{}: a rule set for its version is missing",
                rule.id
            );
        }
        assert_eq!(RULESETS.version("2026.1"), Some("0.1"), "what a pipeline is pinned to never changes");
        assert_eq!(RULESETS.version("2025.9"), None);
    }

    #[test]
    fn an_older_set_has_the_rules_of_its_time() {
        let sets = Rulesets(&[("old", "0.1"), ("mid", "0.3"), ("new", "0.4")]);
        for (set, since, has) in
            [("old", "0.1.0", true), ("old", "0.2", false), ("mid", "0.3", true), ("new", "9", true)]
        {
            assert_eq!(sets.has(set, || since.to_owned()), has, "{set} {since}");
        }
        assert!(
            sets.has("unknown", || "9".to_owned()),
            "an unknown name is an error of the plan, told elsewhere"
        );
    }
}
