//! Compose files with compose-go's own reading of them: accepted and rejected alike, and each value the same.
//!
//! `PLIMSOLL_COMPOSE` names a folder of `*.yml`/`*.yaml` files, each with what compose-go makes of it beside it: `.json`,
//! or `.err` when it refuses the file. Without it the test is skipped, and says so.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::lower::compose::{resolve_file, to_json};
use plimsoll::source::Source;
use serde_json::{Value as Json, json};

use crate::support::{folder, plimsoll, write};

/// The name that the projects were loaded under.
const PROJECT: &str = "t";

/// Files that are read in another way than by compose-go, each with a reason.
const EXPLAINED: [(&str, &str); 0] = [];

struct Comparison {
    fields: usize,
    differences: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, ours: &Json, theirs: &Json, path: &str) {
        match (ours, theirs) {
            (Json::Object(ours), Json::Object(theirs)) => {
                let mut keys: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
                keys.sort_unstable();
                keys.dedup();
                for key in keys {
                    let path = format!("{path}.{key}");
                    match (ours.get(key), theirs.get(key)) {
                        (Some(ours), Some(theirs)) => self.compare(ours, theirs, &path),
                        (ours, theirs) => self.differ(&path, ours, theirs),
                    }
                }
            }
            (Json::Array(ours), Json::Array(theirs)) if ours.len() == theirs.len() => {
                for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                    self.compare(ours, theirs, &format!("{path}[{at}]"));
                }
            }
            (Json::Number(one), Json::Number(other)) if one.as_f64() == other.as_f64() => self.fields += 1,
            _ if ours == theirs => self.fields += 1,
            _ => self.differ(path, Some(ours), Some(theirs)),
        }
    }

    fn differ(&mut self, path: &str, ours: Option<&Json>, theirs: Option<&Json>) {
        self.fields += 1;
        let shown = |side: Option<&Json>| side.map_or("nothing".to_owned(), Json::to_string);
        self.differences.push(format!("{path}: {} and not {}", shown(ours), shown(theirs)));
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_compose = |path: &PathBuf| path.extension().is_some_and(|end| end == "yml" || end == "yaml");
    let mut files: Vec<PathBuf> = entries.filter(is_compose).collect();
    files.sort();
    files
}

fn beside(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}.{end}", path.display()))
}

#[test]
fn files_are_read_as_compose_go_reads_them() {
    let Some(folder) = std::env::var_os("PLIMSOLL_COMPOSE") else {
        println!("skipped: PLIMSOLL_COMPOSE does not name a folder of compose files");
        return;
    };
    let mut comparison = Comparison { fields: 0, differences: Vec::new() };
    let (mut accepted, mut rejected) = (0, 0);
    for path in files(Path::new(&folder)) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = Source::new("compose.yml", fs::read(&path).unwrap());
        let project = resolve_file(&source, PROJECT);
        let refused = beside(&path, "err").exists();
        match refused {
            true => rejected += 1,
            false => accepted += 1,
        }
        if EXPLAINED.iter().any(|(explained, _)| *explained == name) {
            continue;
        }
        if refused == project.problems.is_empty() {
            let said: Vec<&str> = project.problems.iter().map(|problem| problem.message.as_str()).collect();
            comparison.differences.push(format!("{name}: {} ({})", said.len(), said.join("; ")));
            continue;
        }
        let Ok(theirs) = fs::read(beside(&path, "json")) else { continue };
        let mut ours = to_json(project.resolved.as_ref().unwrap());
        ours["name"] = json!(PROJECT);
        comparison.compare(&ours, &serde_json::from_slice(&theirs).unwrap(), &name);
    }
    println!(
        "{accepted} accepted, {rejected} rejected, {} fields compared, {} differences",
        comparison.fields,
        comparison.differences.len()
    );
    assert!(accepted + rejected > 0, "no compose files in the folder");
    assert!(comparison.differences.is_empty(), "{}", comparison.differences.join("\n"));
}

/// As a user sees it: `dump` ends with 1 where Compose refuses a file, and prints its services where it does not.
#[test]
fn dump_refuses_what_compose_refuses() {
    let Some(source) = std::env::var_os("PLIMSOLL_COMPOSE") else {
        println!("skipped: PLIMSOLL_COMPOSE does not name a folder of compose files");
        return;
    };
    let folder = folder("dump-conformance");
    let mut wrong = Vec::new();
    for (at, path) in files(Path::new(&source)).into_iter().enumerate() {
        let name = format!("{at}/compose.yaml");
        write(&folder.join(&name), fs::read(&path).unwrap());
        let run = plimsoll(&folder, &["dump", &name]);
        let refused = beside(&path, "err").exists();
        if run.code != Some(i32::from(refused)) || run.json()["problems"].as_array().is_none() {
            wrong.push(format!("{}: exit {:?}", path.display(), run.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
