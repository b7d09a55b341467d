//! Data flows one way: no module imports what stands on its right.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::repository;

/// The modules in the order in which data flows, each with what it may import besides itself.
const FLOW: [(&str, &str); 22] = [
    ("base64", ""),
    ("nearest", ""),
    ("parallel", ""),
    ("path", ""),
    ("source", ""),
    ("syntax", "path nearest source"),
    ("model", "path source syntax"),
    ("lower", "path nearest source syntax model"),
    ("collect", "path source lower"),
    ("registry", "base64 syntax"),
    ("engine", ""),
    ("image", "parallel path source syntax model lower registry engine"),
    ("live", "parallel path source syntax model lower registry engine"),
    ("finding", "source model"),
    // The view of the disk, for tables and profiles that a plan names.
    ("plan", "path nearest source syntax model lower finding"),
    ("fleet", "source syntax model lower plan"),
    ("rules", "path nearest source syntax model finding plan fleet"),
    ("settle", "path source syntax model finding plan rules"),
    ("report", "base64 source model finding plan rules settle"),
    ("git", ""),
    (
        "run",
        "nearest parallel path source syntax model lower finding plan fleet rules settle report collect image registry live git",
    ),
    ("cli", "nearest source model finding plan rules settle report run image registry live"),
];

/// What rules never do: read, reach out, look at the clock, or parse a text. Trees that facts hold may be looked at, and
/// an image reference, which is a value of one line, may be split.
const NOT_IN_RULES: [&str; 17] = [
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "ToSocketAddrs",
    "std::io",
    "std::process",
    "std::env",
    "Instant",
    "SystemTime",
    "crate::lower",
    "syntax::dockerfile",
    "shell::parse",
    "IgnoreFile::parse",
    "requirements::parse",
    "toml_span",
    "serde_json::from",
    "pulldown_cmark",
];

fn rust_files(path: PathBuf, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        inside.sort();
        inside.into_iter().for_each(|path| rust_files(path, found));
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        found.push(path);
    }
}

/// The files of one module, be it a folder, a file or both.
fn module(name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in [repository("src").join(name), repository("src").join(format!("{name}.rs"))] {
        if path.exists() {
            rust_files(path, &mut found);
        }
    }
    found
}

/// Files that only tests include.
fn is_of_tests(path: &Path) -> bool {
    path.ends_with("tests.rs")
        || path.ends_with("testing.rs")
        || path.components().any(|part| part.as_os_str() == "tests" && path.starts_with(repository("src")))
}

/// Lines of code: no comments, and nothing of the tests at the end of a file.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
    lines
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(at, line)| (at + 1, line.to_owned()))
        .collect()
}

/// What follows `crate::` on a line.
fn imports(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn nothing_imports_what_stands_on_its_right() {
    let mut wrong = Vec::new();
    for (name, allowed) in FLOW {
        let files = module(name);
        assert!(!files.is_empty(), "there is no module `{name}`");
        for path in files.iter().filter(|path| !is_of_tests(path)) {
            for (at, line) in code(path) {
                let foreign = imports(&line).filter(|import| FLOW.iter().any(|(known, _)| known == import));
                for import in foreign
                    .filter(|import| *import != name && !allowed.split(' ').any(|allowed| allowed == *import))
                {
                    wrong.push(format!("{}:{at}: {name} imports {import}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_names_every_module() {
    let map = fs::read_to_string(repository("src/lib.rs")).unwrap();
    let modules = map.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let known: Vec<&str> = FLOW.iter().map(|(name, _)| *name).collect();
    assert_eq!(modules.collect::<Vec<_>>(), known, "src/lib.rs and this table say the same order");
}

#[test]
fn rules_only_judge() {
    // `page.rs` and `lookup.rs` are the index of the rules, not rules.
    let rules =
        module("rules").into_iter().filter(|path| path.parent().is_some_and(|p| !p.ends_with("rules")));
    let mut wrong = Vec::new();
    for path in rules.filter(|path| !is_of_tests(path)) {
        for (at, line) in code(&path) {
            for word in NOT_IN_RULES.iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{at}: {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
