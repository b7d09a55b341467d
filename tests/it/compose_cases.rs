//! Our own tables of what Compose makes of files: `testdata/compose/*.cases`, one area a file.
//!
//! A case starts with `=== title` and has sections: `--- NAME` is a file (those whose names start with `compose` are
//! the project's, in order), `--- environment` gives variables, `--- want` says what stands at JSON pointers of the
//! resolved project, one `pointer = value` a line (`-` is nothing), and `--- refused` says a part of a problem's
//! message on each line. A case without `--- refused` must have no problem.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll::lower::compose::{ComposeRequest, load, to_json};
use plimsoll::lower::{Files, MemoryFiles, NoImages};
use plimsoll::source::Source;
use serde_json::Value as Json;
use smol_str::SmolStr;

/// One case of a table.
struct Case {
    title: String,
    sections: Vec<(String, String)>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("=== ") {
            cases.push(Case { title: title.to_owned(), sections: Vec::new() });
        } else if let (Some(case), Some(name)) = (cases.last_mut(), line.strip_prefix("--- ")) {
            case.sections.push((name.to_owned(), String::new()));
        } else if let Some((_, section)) = cases.last_mut().and_then(|case| case.sections.last_mut()) {
            section.push_str(line);
            section.push('\n');
        }
    }
    cases
}

impl Case {
    fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        let section = self.sections.iter().filter(move |(section, _)| section == name);
        section.flat_map(|(_, text)| text.lines()).filter(|line| !line.trim().is_empty())
    }

    /// What is different from what is wanted.
    fn differences(&self) -> Vec<String> {
        let is_file = |name: &str| !matches!(name, "want" | "refused" | "environment");
        let files = self.sections.iter().filter(|(name, _)| is_file(name));
        let map: BTreeMap<String, Vec<u8>> =
            files.clone().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect();
        let memory = MemoryFiles::new(map);
        let main = files.filter(|(name, _)| name.starts_with("compose"));
        let sources: Vec<Arc<Source>> = main.map(|(name, _)| memory.read(name).unwrap()).collect();
        let environment: Vec<(SmolStr, SmolStr)> = self
            .lines("environment")
            .map(|line| line.split_once('=').unwrap())
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let project = load(ComposeRequest {
            sources: &sources,
            files: &memory,
            images: &NoImages,
            environment: &environment,
        });
        let mut differences = Vec::new();
        let told: Vec<&str> = project.problems.iter().map(|problem| problem.message.as_str()).collect();
        let refused: Vec<&str> = self.lines("refused").collect();
        if refused.is_empty() && !told.is_empty() {
            differences.push(format!("refused: {}", told.join("; ")));
        }
        for wanted in refused {
            if !told.iter().any(|told| told.contains(wanted)) {
                differences.push(format!("no problem says `{wanted}`: {}", told.join("; ")));
            }
        }
        let json = project.resolved.as_ref().map(to_json).unwrap_or_default();
        for line in self.lines("want") {
            let (pointer, wanted) = line.split_once(" = ").unwrap();
            let wanted = match wanted {
                "-" => None,
                wanted => Some(serde_json::from_str::<Json>(wanted).unwrap()),
            };
            let found = json.pointer(pointer);
            if found != wanted.as_ref() {
                let shown = |value: Option<&Json>| value.map_or("nothing".to_owned(), Json::to_string);
                differences.push(format!("{pointer}: {} and not {}", shown(found), shown(wanted.as_ref())));
            }
        }
        differences
    }
}

fn tables() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/compose");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut tables: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "cases")).collect();
    tables.sort();
    tables
}

#[test]
fn projects_are_loaded_as_compose_loads_them() {
    let mut counts = Vec::new();
    let mut total = 0;
    let mut differences = Vec::new();
    for table in tables() {
        let area = table.file_stem().unwrap().to_string_lossy().into_owned();
        let cases = cases(&fs::read_to_string(&table).unwrap());
        counts.push(format!("{area} {}", cases.len()));
        total += cases.len();
        for case in cases {
            let found = case.differences();
            differences.extend(found.into_iter().map(|it| format!("{area}: {}: {it}", case.title)));
        }
    }
    println!(
        "{total} cases in {} areas, {} differences: {}",
        counts.len(),
        differences.len(),
        counts.join(", ")
    );
    assert!(total > 0, "no tables");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
