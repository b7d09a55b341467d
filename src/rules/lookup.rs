//! Finding rules by id, by alias and by what was probably meant.
//!
//! A canonical id is found without reading a page. The first alias asked for makes the index of all aliases.

use std::sync::OnceLock;

use super::{Rule, all};

/// The rule with this id or alias; aliases are compared without case and without name space (`hadolint/DL3008`).
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    find_all(id).next()
}

/// Every rule with this id or alias: one code of a peer may be split into several rules here.
pub fn find_all(id: &str) -> impl Iterator<Item = &'static Rule> {
    let canonical = all().find(|rule| rule.id == id);
    // The index of aliases reads every page, so it is made for no id that is known without it.
    let aliased = if canonical.is_some() { &[][..] } else { aliases(&key(id)) };
    canonical.into_iter().chain(aliased.iter().map(|(_, rule)| *rule))
}

/// The rules with an alias (in lower case) of some kind, in the order of the table.
pub fn find_by_alias(kind: impl Fn(&str) -> bool) -> Vec<&'static Rule> {
    let ids: Vec<&str> = index()
        .iter()
        .filter(|(name, rule)| name != rule.id && kind(name))
        .map(|(_, rule)| rule.id)
        .collect();
    all().filter(|rule| ids.contains(&rule.id)).collect()
}

/// The canonical id of a rule's id or alias.
///
/// # Errors
/// The nearest id, when one is near.
pub fn known(id: &str) -> Result<&'static str, Option<&'static str>> {
    find(id).map(|rule| rule.id).ok_or_else(|| nearest(id))
}

/// The rule id nearest to a mistyped one, when one is near.
#[must_use]
pub fn nearest(id: &str) -> Option<&'static str> {
    crate::nearest::nearest(id, all().map(|rule| rule.id))
}

/// How aliases are compared: the part behind the name space, in lower case.
fn key(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).to_ascii_lowercase()
}

/// The index entries of one key; in the order of the rule table.
fn aliases(key: &str) -> &'static [(String, &'static Rule)] {
    let index = index();
    let start = index.partition_point(|(name, _)| name.as_str() < key);
    let end = index.partition_point(|(name, _)| name.as_str() <= key);
    &index[start..end]
}

/// Ids and aliases in lower case, sorted, with their rules. Made on first use: it reads every page.
fn index() -> &'static [(String, &'static Rule)] {
    static INDEX: OnceLock<Vec<(String, &'static Rule)>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = Vec::new();
        for rule in all() {
            // Canonical ids are found in any case as well.
            index.push((rule.id.to_owned(), rule));
            index.extend(rule.read_page().aliases.iter().map(|alias| (key(alias), rule)));
        }
        index.sort_by(|a, b| a.0.cmp(&b.0));
        index.dedup_by(|a, b| a.0 == b.0 && a.1.id == b.1.id);
        index
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_any_case_and_name_space() {
        for id in ["runtime-user", "Runtime-User", "plimsoll/runtime-user"] {
            assert_eq!(find(id).map(|rule| rule.id), Some("runtime-user"), "{id}");
        }
        assert!(find("no-such-rule").is_none());
        assert!(find("").is_none());
    }

    #[test]
    fn every_alias_of_every_page_finds_its_rule() {
        for rule in all() {
            for alias in rule.read_page().aliases {
                assert!(find_all(&alias.to_uppercase()).any(|found| found.id == rule.id), "{alias}");
                assert!(find_all(&format!("peer/{alias}")).any(|found| found.id == rule.id), "{alias}");
            }
        }
    }

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        assert_eq!(nearest("runtime-usr"), Some("runtime-user"));
        assert_eq!(nearest("Runtime-User"), Some("runtime-user"));
        assert_eq!(nearest("zzzzzzzz"), None);
        assert_eq!(nearest(&"a".repeat(10_000)), None);
    }
}
