//! Pages, code and the table of rules agree, and the names that users rely on exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use plimsoll::rules::{all, find};

use crate::support::{assert_blessed, bless, repository};

/// Ids that plans and CI files rely on.
const CANONICAL: &str = "syntax lost-continuation template-leftover unknown-instruction \
    runtime-user user-exists root-needed init-process init-installed multi-stage copy-from-builder \
    base-image base-family base-cycle base-duplicate image-tag \
    pip-hashes pip-pinned pip-cache-mount pip-redirect apt-pinned apt-clean torch-pin cuda-version cuda-arch \
    python-version requirements-include hash-form \
    service-ports port-conflict service-coverage \
    healthcheck healthcheck-endpoint healthcheck-timing healthcheck-tool healthcheck-noop healthcheck-form \
    health-label machine-profile machine-arg labels dockerignore \
    copy-source copy-operators cmd-target cmd-empty cmd-variable run-export masked-failure secret-literal \
    secret-default env-value \
    plan-contradiction waiver suppression-unused";

/// Canonical ids that do not exist yet, with the reason.
const ABSENT: [(&str, &str); 0] = [];

/// Codes of other tools that several rules carry, with the reason. What such a code suppresses or selects is all of them.
const SHARED: [(&str, &str); 4] = [
    ("DL1000", "one code for everything that hadolint cannot read"),
    ("CIS-DI-0010", "what dockle finds in an image, the Dockerfile says already"),
    ("DKL-DI-0005", "what a step leaves behind is seen in the Dockerfile and in the layer"),
    ("DKL-LI-0003", "one code for all that only the build needed"),
];

/// Files in a group's folder of code that are no rule: what rules of the group share.
fn is_rule(path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap();
    text.contains("const CHECK: Check")
}

fn files(folder: &Path, extension: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|of_file| of_file == extension) {
            found.push(path);
        }
    }
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let table: BTreeSet<String> = all().map(|rule| format!("{}/{}", rule.group, rule.id)).collect();
    let (mut pages, mut code) = (BTreeSet::new(), BTreeSet::new());
    for entry in fs::read_dir(repository("rules")).unwrap() {
        let group = entry.unwrap().path();
        if !group.is_dir() || group.ends_with("packs") {
            continue;
        }
        let name = group.file_name().unwrap().to_str().unwrap().to_owned();
        pages.extend(files(&group, "md").iter().map(|page| format!("{name}/{}", stem(page))));
        let rules = files(&repository("src/rules").join(&name), "rs");
        let rules = rules.iter().filter(|path| is_rule(path));
        code.extend(rules.map(|path| format!("{name}/{}", stem(path).replace('_', "-"))));
    }
    assert_eq!(pages, table, "pages and table");
    assert_eq!(code, table, "code and table");
    assert_eq!(table.len(), all().count(), "an id stands twice in the table");
}

#[test]
fn ids_are_words_in_kebab_case_and_aliases_name_one_rule() {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for rule in all() {
        let well_formed = rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && !rule.id.starts_with('-')
            && !rule.id.ends_with('-')
            && !rule.id.contains("--");
        assert!(well_formed, "{}", rule.id);
        assert!(owners.insert(rule.id.to_owned(), rule.id).is_none(), "{}", rule.id);
    }
    for rule in all() {
        for alias in rule.read_page().aliases {
            let shared = SHARED.iter().any(|(code, _)| *code == alias);
            let other = owners.insert(alias.clone(), rule.id).filter(|other| *other != rule.id && !shared);
            assert!(other.is_none(), "`{alias}` names {} and {other:?}", rule.id);
        }
    }
}

#[test]
fn summaries_are_one_short_sentence() {
    let wrong = all().map(|rule| (rule.id, rule.read_page().summary)).filter(|(_, summary)| {
        summary.is_empty() || summary.chars().count() > 120 || summary.contains(['`', '\n'])
    });
    assert_eq!(wrong.collect::<Vec<_>>(), []);
}

#[test]
fn canonical_ids_exist() {
    let missing: Vec<&str> = CANONICAL
        .split_whitespace()
        .filter(|id| find(id).is_none_or(|rule| rule.id != *id))
        .filter(|id| !ABSENT.iter().any(|(absent, _)| absent == id))
        .collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    for (id, reason) in ABSENT {
        assert!(find(id).is_none() && !reason.is_empty(), "{id} exists");
    }
}

/// The index of rules in the README, made from the table.
#[test]
fn the_readme_lists_the_groups() {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for rule in all() {
        let link = format!("[`{}`](rules/{}/{}.md)", rule.id, rule.group, rule.id);
        match groups.iter_mut().find(|(name, _)| *name == rule.group) {
            Some((_, links)) => links.push(link),
            None => groups.push((rule.group, vec![link])),
        }
    }
    let mut index = format!("{} rules.\n\n| group | rules |\n|---|---|\n", all().count());
    for (group, links) in groups {
        index += &format!("| {group} | {} |\n", links.join(" "));
    }
    let path = repository("README.md");
    let text = fs::read_to_string(&path).unwrap();
    const BEGIN: &str = "<!-- rules: written by BLESS=1 cargo test -->\n";
    const END: &str = "<!-- /rules -->";
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let wanted = format!("{head}{BEGIN}{index}{END}{tail}");
    // Rewriting only on a difference keeps the file's time when there is nothing to do.
    if !bless() || wanted != text {
        assert_blessed(&path, &wanted);
    }
}
