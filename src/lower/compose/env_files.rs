//! `env_file` and `label_file` of services, and variables that `environment` names without a value.
//!
//! What a file says is added to `environment` where that says nothing itself; the values point into the file.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::environment::{self, Environment};
use super::loader::{Loader, display};
use super::problems::Problems;
use super::tree;
use crate::model::ProjectProblemKind;
use crate::syntax::yaml::{Entry, Node, VariableUse};

/// Reads what the services of a project take from files and from the variables of the project.
pub(super) fn resolve(root: &mut Node, folder: &str, environment: &Environment, loader: &mut Loader<'_>) {
    for service in tree::get_mut(root, "services").into_iter().flat_map(tree::values_mut) {
        if service.is_mapping() {
            named(service, environment, &mut loader.problems);
            from_files(service, folder, environment, loader);
            label_files(service, folder, loader);
        }
    }
}

/// Gives names without a value that of the project; without one they stay empty, and nobody knows them.
fn named(service: &mut Node, environment: &Environment, problems: &mut Problems) {
    let Some(pairs) = tree::get_mut(service, "environment").and_then(tree::entries_mut) else { return };
    for entry in pairs.iter_mut().filter(|entry| entry.value.is_null()) {
        let name = SmolStr::new(entry.key.text().unwrap_or_default());
        let value = environment.get(&name);
        if let Some(value) = value {
            problems.used(&name, value);
            entry.value = tree::text(value, &entry.key.place);
        }
        let use_of = VariableUse { name, operator: "".into(), argument: "".into(), is_set: value.is_some() };
        entry.value.properties_mut().variables = vec![use_of];
    }
}

fn from_files(service: &mut Node, folder: &str, environment: &Environment, loader: &mut Loader<'_>) {
    let Some(mut list) = tree::get_mut(service, "env_file").map(tree::take) else { return };
    let found = read_all(&mut list, folder, environment, loader);
    tree::set(service, "env_file", list);
    add_within(service, "environment", found, loader);
}

/// Labels of files: nothing of the project is known in them but the labels of the files before.
fn label_files(service: &mut Node, folder: &str, loader: &mut Loader<'_>) {
    let Some(list) = service.get("label_file") else { return };
    let mut files = tree::sequence(Vec::new(), &list.place);
    let wrapped = list.items().iter().map(|path| tree::mapping_of([("path", path.clone())], &path.place));
    tree::items_mut(&mut files).into_iter().for_each(|items| items.extend(wrapped.clone()));
    let found = read_all(&mut files, folder, &Environment::new(&[]), loader);
    add_within(service, "labels", found, loader);
}

/// Adds variables or labels, as long as the project may still grow: each is a name and a value.
fn add_within(service: &mut Node, key: &str, found: Vec<(SmolStr, Node)>, loader: &mut Loader<'_>) {
    if let Some(copies) = loader.copies.checked_sub(found.len() * 2).filter(|_| !found.is_empty()) {
        loader.copies = copies;
        add(service, key, found);
    }
}

/// The tag of an env file whose variables cannot be told.
pub(super) const UNREAD: &str = "!unread";

/// The variables of some files; those that cannot be read are marked.
fn read_all(
    list: &mut Node,
    folder: &str,
    environment: &Environment,
    loader: &mut Loader<'_>,
) -> Vec<(SmolStr, Node)> {
    let mut found: Vec<(SmolStr, Node)> = Vec::new();
    let mut index: HashMap<SmolStr, usize> = HashMap::new();
    let mut surroundings = environment.clone();
    for file in tree::items_mut(list).into_iter().flatten().filter(|file| file.is_mapping()) {
        // Unless it is read to its end below.
        file.properties_mut().tag = Some(SmolStr::new_static(UNREAD));
        let Some(path) = file.get("path") else { continue };
        let Some(said) = tree::as_text(path).filter(|said| !said.starts_with('~')) else { continue };
        let shown = display(folder, said);
        let Some(source) = loader.files.read(&shown) else {
            let required = file.get("required").is_none_or(tree::is_true);
            if required && path.variables().iter().all(|variable| variable.is_set) {
                let message = format!("`{said}` is not there, and a service takes what it holds");
                loader.problems.add(ProjectProblemKind::MissingFile, &path.place, message, None);
            }
            continue;
        };
        // A file that many services name is read for each of them, and paid for each time.
        let Some(bytes) = loader.bytes.checked_sub(source.bytes().len()) else { continue };
        loader.bytes = bytes;
        let read = match file.get("format").and_then(Node::text) {
            Some("raw") => environment::read_raw(&source, &surroundings, &mut loader.problems),
            Some(_) => None,
            None => environment::read(&source, &surroundings, &mut loader.problems, &mut loader.bytes),
        };
        let Some(read) = read else { continue };
        file.properties_mut().tag = None;
        for variable in read.iter() {
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
    found
}

/// Adds variables or labels that the key does not have.
fn add(service: &mut Node, key: &str, found: Vec<(SmolStr, Node)>) {
    if service.get(key).is_none() {
        let empty = tree::mapping(&service.place.clone());
        tree::set(service, key, empty);
    }
    let Some(pairs) = tree::get_mut(service, key).and_then(tree::entries_mut) else { return };
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
