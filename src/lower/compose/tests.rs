//! Projects of several files, as tables: texts go in, compose-go's reading of them is what must come out.

mod dotenv;
mod extends;
mod hostile;
mod include;
mod merging;
mod services;
mod template;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{ComposeRequest, load, to_json};
use crate::lower::{Files, MemoryFiles, NoImages};
use crate::model::{Project, ProjectProblemKind};
use crate::source::Source;

/// A project of the files whose names start with `compose`, the others beside them.
fn project(files: &[(&str, &str)]) -> Project {
    let map: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let memory = MemoryFiles::new(map);
    let is_main = |path: &&str| path.starts_with("compose");
    let main = files.iter().map(|(path, _)| *path).filter(is_main);
    let sources: Vec<Arc<Source>> = main.map(|path| memory.read(path).unwrap()).collect();
    load(ComposeRequest { sources: &sources, files: &memory, images: &NoImages, environment: &[] })
}

fn json(project: &Project) -> Json {
    to_json(project.resolved.as_ref().unwrap())
}

/// What stands at a pointer, as text without blanks; empty when nothing does.
fn at(project: &Project, pointer: &str) -> String {
    json(project).pointer(pointer).map(Json::to_string).unwrap_or_default()
}

fn problems(project: &Project) -> Vec<(ProjectProblemKind, String)> {
    project.problems.iter().map(|problem| (problem.kind, problem.message.clone())).collect()
}
