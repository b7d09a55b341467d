//! The files of a project become one tree: documents are read, their `include`s are followed, and all is laid together.
//!
//! Projects that a project includes are put into a list as they are met and laid together from its end, so that nothing
//! here calls itself however files include one another.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::canonical::{canonical, defaults};
use super::environment::Environment;
use super::interpolate::interpolate;
use super::merge::{merge, merge_below};
use super::problems::Problems;
use super::reset::{self, Resets};
use super::schema::{self, Refusal, Role};
use super::{include, ports, relative, tree, unique};
use crate::lower::scope::Files;
use crate::model::{ProjectFile, ProjectProblemKind};
use crate::path;
use crate::source::{Place, Source, Span};
use crate::syntax::yaml::{self, Document, Node};

/// Bytes that interpolation may write in one project.
const MAX_BYTES: usize = 16 << 20;
/// Nodes that `extends` and files of variables may add to one project. A node takes about 400 bytes until all is done with
/// its service, so a project at the limit stays below 64 MB.
const MAX_COPIES: usize = 80_000;
/// Documents that one project is laid together from: laying one over the others looks at all of them.
const MAX_LAYERS: usize = 128;
/// Projects that one project takes in, itself included.
const MAX_UNITS: usize = 256;

/// Kinds of resources that a project shares with those that include it.
const KINDS: [&str; 6] = ["services", "volumes", "networks", "secrets", "configs", "models"];

/// What loading needs, and what it has found so far.
pub(super) struct Loader<'a> {
    /// Files of the call.
    pub(super) files: &'a dyn Files,
    /// Whether the files are looked at alone: no `extends`, no `include`, no `.env`.
    pub(super) alone: bool,
    /// What is wrong.
    pub(super) problems: Problems,
    /// Bytes that interpolation may still write.
    pub(super) bytes: usize,
    /// Nodes that may still be copied.
    pub(super) copies: usize,
    /// Ports that may still come.
    ports: usize,
    /// Whether a list is merged item by item: then short forms may meet long ones.
    positional: bool,
    read: HashMap<String, Option<Arc<Vec<Document>>>>,
}

/// A project of its own: the one that is asked for, or one that is included.
pub(super) struct Unit {
    /// Display paths of the files.
    pub(super) paths: Vec<String>,
    /// Display path of the project folder.
    pub(super) folder: String,
    /// The project folder as the including project says it.
    pub(super) said_folder: String,
    /// Variables.
    pub(super) environment: Environment,
    /// The project that includes it.
    pub(super) parent: Option<usize>,
    /// The documents in order, ready to be laid over one another.
    pub(super) layers: Vec<Layer>,
}

/// One document of a unit.
pub(super) struct Layer {
    pub(super) root: Node,
    resets: Resets,
    /// What the schema refuses of it, unless something that stood there before makes it right.
    doubts: Vec<Refusal>,
    /// The units that it includes.
    included: Vec<usize>,
}

/// A document that can be laid over others.
pub(super) struct Prepared {
    pub(super) root: Node,
    pub(super) resets: Resets,
    /// What the schema refuses and nobody has told yet.
    pub(super) refusals: Vec<Refusal>,
}

impl<'a> Loader<'a> {
    /// A loader that has read nothing.
    pub(super) fn new(files: &'a dyn Files, alone: bool) -> Self {
        Self {
            files,
            alone,
            problems: Problems::default(),
            bytes: MAX_BYTES,
            copies: MAX_COPIES,
            ports: ports::MAX_PORTS,
            positional: false,
            read: HashMap::new(),
        }
    }

    /// The file as it was given, and what is wrong with it as YAML.
    pub(super) fn file(&mut self, source: &Arc<Source>) -> ProjectFile {
        let stream = yaml::parse(source);
        for problem in stream.problems {
            self.problems.push(super::of_yaml(problem));
        }
        if let Some(template) = stream.template {
            let place = Place::new(source, template);
            self.problems.add(ProjectProblemKind::Template, &place, "this is a template, not rendered", None);
        }
        ProjectFile { source: Arc::clone(source), documents: stream.documents, comments: stream.comments }
    }

    /// The documents of a file that another file names; each is parsed once. `None` when it is not there.
    pub(super) fn documents(&mut self, path: &str) -> Option<Arc<Vec<Document>>> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let source = self.files.read(path);
        let documents = source.map(|source| Arc::new(self.file(&source).documents));
        self.read.insert(path.to_owned(), documents.clone());
        documents
    }

    /// Lays the files of a project and all that they include together.
    pub(super) fn project(
        &mut self,
        files: &[ProjectFile],
        folder: &str,
        environment: Environment,
    ) -> Option<Node> {
        let mut units = vec![Unit {
            paths: files.iter().map(|file| file.source.path().to_owned()).collect(),
            folder: folder.to_owned(),
            said_folder: String::new(),
            environment,
            parent: None,
            layers: Vec::new(),
        }];
        for file in files {
            if file.documents.is_empty() {
                self.empty(&file.source);
            }
            self.layers(&mut units, 0, file.source.path(), &file.documents);
        }
        let mut at = 1;
        while at < units.len() {
            for path in units[at].paths.clone() {
                if let Some(documents) = self.documents(&path) {
                    self.layers(&mut units, at, &path, &documents);
                }
            }
            at += 1;
        }
        self.lay_together(units)
    }

    fn empty(&mut self, source: &Arc<Source>) {
        let place = Place::new(source, Span::default());
        if !self.problems.any() {
            self.problems.add(ProjectProblemKind::Value, &place, "the compose file is empty", None);
        }
    }

    /// Makes the layers of one file.
    fn layers(&mut self, units: &mut Vec<Unit>, at: usize, path: &str, documents: &[Document]) {
        for document in documents {
            if units[at].layers.len() >= MAX_LAYERS {
                let message =
                    format!("more than {MAX_LAYERS} documents make one project: the rest is left out");
                self.problems.add(ProjectProblemKind::Reference, &document.root.place, message, None);
                return;
            }
            let role = if units[at].layers.is_empty() { Role::First } else { Role::Part };
            let environment = &units[at].environment;
            let Some(Prepared { mut root, resets, refusals }) = self.document(document, environment, role)
            else {
                continue;
            };
            if !self.alone {
                self.extend(&mut root, &resets, &units[at], path);
            }
            let included = match self.alone {
                true => Vec::new(),
                false => include::units(self, &root, units, at),
            };
            units[at].layers.push(Layer { root, resets, doubts: refusals, included });
        }
    }

    /// One document: a copy with its variables put in and its short forms written out, and checked against the schema.
    /// What the schema refuses is told at once where it is certain, and given back where it is not.
    pub(super) fn document(
        &mut self,
        document: &Document,
        environment: &Environment,
        role: Role,
    ) -> Option<Prepared> {
        let mut root = document.root.clone();
        if !root.is_mapping() {
            let place = &document.root.place;
            if !root.is_null() {
                self.problems.add(
                    ProjectProblemKind::Value,
                    place,
                    "a compose file is a mapping with `services` and other keys",
                    None,
                );
            }
            return None;
        }
        super::keys::check(&root, &mut self.problems);
        let resets = reset::extract(&mut root);
        interpolate(&mut root, environment, &mut self.problems, &mut self.bytes);
        self.positional |= resets.positional;
        let found = schema::check(&root, role).into_iter();
        let (refusals, certain): (Vec<Refusal>, Vec<Refusal>) =
            found.partition(|it| role == Role::Bases || role == Role::Part && it.is_doubtful);
        self.problems.schema(certain.into_iter().map(|it| it.problem).collect());
        canonical(&mut root, &mut self.problems, &mut self.ports);
        Some(Prepared { root, resets, refusals })
    }

    /// Merges the layers of each unit, the included ones first.
    fn lay_together(&mut self, mut units: Vec<Unit>) -> Option<Node> {
        let mut done: Vec<Option<Node>> = units.iter().map(|_| None).collect();
        while let Some(unit) = units.pop() {
            let mut model: Option<Node> = None;
            for mut layer in unit.layers {
                for child in layer.included {
                    if let Some(included) = done.get_mut(child).and_then(Option::take) {
                        self.import(&mut layer.root, included, &layer.resets);
                    }
                }
                tree::remove(&mut layer.root, "include");
                match &mut model {
                    Some(model) => {
                        layer.resets.apply(model);
                        let doubts = layer.doubts.into_iter().filter(|doubt| !stands(model, &doubt.path));
                        doubts.for_each(|doubt| self.problems.push(doubt.problem));
                        merge(model, layer.root, &mut self.problems);
                    }
                    None => model = Some(layer.root),
                }
            }
            if let Some(model) = &mut model {
                if self.positional {
                    canonical(model, &mut self.problems, &mut self.ports);
                }
                defaults(model);
                unique::enforce(model);
                relative::rebase(model, &unit.said_folder);
            }
            let at = units.len();
            done[at] = model;
        }
        done.into_iter().next().flatten()
    }

    /// Puts what an included project has into the document that includes it; where both have a resource, the including
    /// one is laid over the other.
    fn import(&mut self, root: &mut Node, mut included: Node, resets: &Resets) {
        resets.apply(&mut included);
        for kind in KINDS {
            let Some(resources) = tree::remove(&mut included, kind) else { continue };
            let own = tree::remove(root, kind);
            let mut merged = resources;
            if let Some(mut own) = own {
                // What comes in twice, through two projects, is there once.
                if let Some(entries) = tree::entries_mut(&mut own) {
                    entries.retain(|entry| {
                        let key = entry.key.text().unwrap_or_default();
                        !merged.get(key).is_some_and(|there| tree::equal(there, &entry.value))
                    });
                }
                merge_below(&mut merged, own, &[kind], &mut self.problems);
            }
            tree::set(root, kind, merged);
        }
    }

    /// Adds a project that is included; `None` when there are too many.
    pub(super) fn add_unit(&mut self, units: &mut Vec<Unit>, unit: Unit, place: &Place) -> Option<usize> {
        if units.len() >= MAX_UNITS {
            self.problems.add(
                ProjectProblemKind::Reference,
                place,
                format!("more than {MAX_UNITS} files are included: this one is left out"),
                None,
            );
            return None;
        }
        units.push(unit);
        Some(units.len() - 1)
    }

    /// Copies a tree, as long as the budget lasts.
    pub(super) fn copy(&mut self, node: &Node) -> Option<Node> {
        let left = self.copies.checked_sub(tree::count(node));
        self.copies = left.unwrap_or(0);
        left.map(|_| node.clone())
    }
}

/// Whether something stands at a path, or a list that has it.
fn stands(model: &Node, path: &[SmolStr]) -> bool {
    let mut node = model;
    for key in path {
        if node.is_sequence() {
            return true;
        }
        let Some(next) = node.get(key) else { return false };
        node = next;
    }
    !node.is_null()
}

/// The folder of a display path.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder })
}

/// A path as said in a folder, as a display path.
pub(super) fn display(folder: &str, said: &str) -> String {
    match said.starts_with('/') || folder == "." || folder.is_empty() {
        true => path::clean(said),
        false => path::clean(&format!("{folder}/{said}")),
    }
}

/// The project's name as Compose takes it from a folder: lower case, without what may not stand in it.
pub(super) fn project_name(folder: &str) -> Option<SmolStr> {
    let last = folder.rsplit('/').find(|part| !matches!(*part, "" | "." | ".."))?;
    let lower = last.to_lowercase();
    let allowed: String = lower
        .chars()
        .filter(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, '_' | '-'))
        .collect();
    Some(allowed.trim_start_matches(['_', '-']).into()).filter(|name: &SmolStr| !name.is_empty())
}
