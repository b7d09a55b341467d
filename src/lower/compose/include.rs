//! `include`: projects that a document takes in, each with a folder and variables of its own
//! (compose-go: `loader/include.go`).

use super::environment::Environment;
use super::loader::{Loader, Unit, display, folder_of};
use super::relative::rebased;
use super::tree;
use crate::model::ProjectProblemKind;
use crate::syntax::yaml::Node;

/// Adds the projects that a document includes; gives their numbers.
pub(super) fn units(loader: &mut Loader<'_>, root: &Node, units: &mut Vec<Unit>, at: usize) -> Vec<usize> {
    let Some(list) = root.get("include") else { return Vec::new() };
    let mut added = Vec::new();
    for item in list.items().iter().filter(|item| item.is_mapping()) {
        if let Some(unit) = unit(loader, item, units, at) {
            added.extend(loader.add_unit(units, unit, &item.place));
        }
    }
    added
}

fn unit(loader: &mut Loader<'_>, item: &Node, units: &[Unit], at: usize) -> Option<Unit> {
    let folder = units[at].folder.clone();
    let mut paths = Vec::new();
    let mut said_folder = item.get("project_directory").and_then(Node::text).map(str::to_owned);
    for path in item.get("path").map(Node::items).unwrap_or_default() {
        let Some(said) = tree::as_text(path) else { continue };
        if is_remote(said) {
            continue;
        }
        let shown = display(&folder, said);
        if circle(&shown, units, at) {
            loader.problems.add(
                ProjectProblemKind::Reference,
                &path.place,
                format!("`{said}` includes itself in the end"),
                None,
            );
            return None;
        }
        if loader.documents(&shown).is_none() {
            missing(loader, path, said);
            continue;
        }
        said_folder.get_or_insert_with(|| folder_of(&shown_below(said)).to_owned());
        paths.push(shown);
    }
    if paths.is_empty() {
        return None;
    }
    let said_folder = said_folder.unwrap_or_default();
    let folder = display(&folder, &said_folder);
    let environment = environment(loader, item, &units[at], &folder);
    let said_folder = rebased(&said_folder, "").unwrap_or(said_folder);
    Some(Unit { paths, folder, said_folder, environment, parent: Some(at), layers: Vec::new() })
}

fn shown_below(said: &str) -> String {
    crate::path::clean(said)
}

/// Whether a file is one of those that lead here.
fn circle(path: &str, units: &[Unit], at: usize) -> bool {
    let mut next = Some(at);
    while let Some(at) = next {
        if units[at].paths.iter().any(|known| known == path) {
            return true;
        }
        next = units[at].parent;
    }
    false
}

fn missing(loader: &mut Loader<'_>, path: &Node, said: &str) {
    // What a variable without a value names may be anywhere.
    if path.variables().iter().all(|variable| variable.is_set) {
        loader.problems.add(
            ProjectProblemKind::MissingFile,
            &path.place,
            format!("`{said}` is not there, and is included"),
            None,
        );
    }
}

/// The variables of an included project: those of the including one, then its own.
fn environment(loader: &mut Loader<'_>, item: &Node, parent: &Unit, folder: &str) -> Environment {
    let mut environment = parent.environment.clone();
    let files = item.get("env_file").map(Node::items).unwrap_or_default();
    if files.is_empty() {
        if let Some(source) = loader.files.read(&display(folder, ".env")) {
            environment.load(&source, &mut loader.problems, &mut loader.bytes);
        }
        return environment;
    }
    for file in files {
        let Some(said) = tree::as_text(file).filter(|said| *said != "/dev/null") else { continue };
        match loader.files.read(&display(&parent.folder, said)) {
            Some(source) => environment.load(&source, &mut loader.problems, &mut loader.bytes),
            None => missing(loader, file, said),
        }
    }
    environment
}

/// Whether a file is fetched from elsewhere.
pub(super) fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/")
}
