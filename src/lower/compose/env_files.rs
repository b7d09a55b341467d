//! `env_file` of services, and variables that `environment` names without a value.
//!
//! What a file says is added to `environment` where that says nothing itself; the values point into the file.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::environment::{self, Environment};
use super::loader::{Loader, display};
use super::tree;
use crate::model::ProjectProblemKind;
use crate::syntax::yaml::{Entry, Node, VariableUse};

/// Reads what the services of a project take from files and from the variables of the project.
pub(super) fn resolve(root: &mut Node, folder: &str, environment: &Environment, loader: &mut Loader<'_>) {
    for service in tree::get_mut(root, "services").into_iter().flat_map(tree::values_mut) {
        if service.is_mapping() {
            named(service, environment);
            from_files(service, folder, environment, loader);
        }
    }
}

/// Gives names without a value that of the project; without one they stay empty, and nobody knows them.
fn named(service: &mut Node, environment: &Environment) {
    let Some(pairs) = tree::get_mut(service, "environment").and_then(tree::entries_mut) else { return };
    for entry in pairs.iter_mut().filter(|entry| entry.value.is_null()) {
        let name = SmolStr::new(entry.key.text().unwrap_or_default());
        let value = environment.get(&name);
        if let Some(value) = value {
            entry.value = tree::text(value, &entry.key.place);
        }
        let use_of = VariableUse { name, operator: "".into(), argument: "".into(), is_set: value.is_some() };
        entry.value.properties_mut().variables = vec![use_of];
    }
}

fn from_files(service: &mut Node, folder: &str, environment: &Environment, loader: &mut Loader<'_>) {
    let Some(files) = service.get("env_file").map(|files| files.items().to_vec()) else { return };
    let mut found: Vec<(SmolStr, Node)> = Vec::new();
    let mut index: HashMap<SmolStr, usize> = HashMap::new();
    let mut surroundings = environment.clone();
    for file in &files {
        let Some(path) = file.get("path") else { continue };
        let Some(said) = tree::as_text(path).filter(|said| !said.starts_with('~')) else { continue };
        let shown = display(folder, said);
        let Some(source) = loader.files.read(&shown) else {
            let required = file.get("required").is_none_or(tree::is_true);
            if required && path.variables().iter().all(|variable| variable.is_set) {
                let message =
                    format!("`{said}` is not there, and the variables of a service are taken from it");
                loader.problems.add(ProjectProblemKind::MissingFile, &path.place, message, None);
            }
            continue;
        };
        if file.get("format").and_then(Node::text) == Some("raw") {
            continue;
        }
        // A file that many services name is read for each of them, and paid for each time.
        let Some(bytes) = loader.bytes.checked_sub(source.bytes().len()) else { continue };
        loader.bytes = bytes;
        let read = environment::read(&source, &surroundings, &mut loader.problems, &mut loader.bytes);
        for variable in read.iter().flat_map(|read| read.iter()) {
            surroundings.default(&variable.name, &variable.value);
            let mut node = tree::text(variable.value.clone(), &environment::line(&source, variable.line));
            match index.get(&variable.name) {
                Some(at) => {
                    tree::replaces(&mut node, &found[*at].1);
                    found[*at].1 = node;
                }
                None => {
                    index.insert(variable.name.clone(), found.len());
                    found.push((variable.name.clone(), node));
                }
            }
        }
    }
    // A name and a value each.
    if let Some(copies) = loader.copies.checked_sub(found.len() * 2).filter(|_| !found.is_empty()) {
        loader.copies = copies;
        add(service, found);
    }
}

/// Adds variables that `environment` does not have.
fn add(service: &mut Node, found: Vec<(SmolStr, Node)>) {
    if service.get("environment").is_none() {
        let empty = tree::mapping(&service.place.clone());
        tree::set(service, "environment", empty);
    }
    let Some(pairs) = tree::get_mut(service, "environment").and_then(tree::entries_mut) else { return };
    let known: HashMap<SmolStr, usize> = pairs
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| Some((SmolStr::new(entry.key.text()?), at)))
        .collect();
    for (name, value) in found {
        match known.get(&name) {
            // What `environment` says itself goes before the file.
            Some(at) => {
                if pairs[*at].value.is_null() {
                    pairs[*at].value = value;
                }
            }
            None => pairs.push(Entry { key: tree::text(name, &value.place), value }),
        }
    }
}
