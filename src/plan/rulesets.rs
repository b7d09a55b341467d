//! Rule sets: the rules as they were at a version, so that a new rule never reddens an old pipeline.

/// Name, and the last version whose rules are in it; oldest first.
const RULESETS: &[(&str, &str)] = &[("2026.1", "0.1")];

/// Their names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    RULESETS.iter().map(|(name, _)| *name)
}

/// The last version whose rules are in a rule set.
#[must_use]
pub fn version(name: &str) -> Option<&'static str> {
    RULESETS.iter().find(|(known, _)| *known == name).map(|(_, version)| *version)
}

/// Whether a rule that is there since a version (`0.1`, `0.10`) is in the rules of another.
#[must_use]
pub fn holds(version: &str, since: &str) -> bool {
    let numbers = |text: &str| {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        // `0.1` is `0.1.0`.
        [0; 3].map(|zero| parts.next().unwrap_or(zero))
    };
    numbers(since) <= numbers(version)
}

/// The newest rule set, which holds every rule.
#[must_use]
pub fn newest() -> &'static str {
    names().last().unwrap_or_default()
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
        let newest = version(newest()).unwrap();
        for rule in crate::rules::all() {
            assert!(
                holds(newest, &rule.read_page().since),
                "{}: a rule set for its version is missing",
                rule.id
            );
        }
        assert_eq!(version("2026.1"), Some("0.1"), "what a pipeline is pinned to never changes");
        assert_eq!(version("2025.9"), None);
    }
}
