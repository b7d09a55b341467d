//! Fields of a config, read one by one: a wrong type is one problem, and what is meant is read all the same.
//!
//! Keys are compared as Go's JSON reader does, without case, and the last of several counts: that is what engines and
//! registries decode images with.

use smol_str::SmolStr;

use crate::model::{ImageProblem, Spanned};
use crate::source::Place;
use crate::syntax::yaml::{Entry, Node, Resolved, Typing};

/// Names in messages are cut behind this many characters.
const MAX_SHOWN: usize = 60;
/// Problems that are kept of one image.
const MAX_PROBLEMS: usize = 100;

/// Reads fields and keeps what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// What is wrong, in the order of reading.
    pub(super) problems: Vec<ImageProblem>,
}

impl Fields {
    /// Notes a problem at a node.
    pub(super) fn problem(&mut self, node: &Node, message: impl Into<String>) {
        self.problem_at(&node.place, message);
    }

    /// Notes a problem at a place, up to the cap.
    pub(super) fn problem_at(&mut self, place: &Place, message: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(ImageProblem { place: place.clone(), message: message.into() });
        }
    }

    /// The value of a key; `None` when it is missing or null.
    pub(super) fn get<'n>(&mut self, object: &'n Node, key: &str) -> Option<&'n Entry> {
        let is_it = |entry: &&Entry| entry.key.text().is_some_and(|text| text.eq_ignore_ascii_case(key));
        let entry = object.entries().iter().rev().find(is_it)?;
        if !entry.key.is(key) {
            self.problem(&entry.key, format!("`{}` is read as `{key}`", shown(&entry.key)));
        }
        (!entry.value.is_null()).then_some(entry)
    }

    /// An object; anything else is a problem.
    pub(super) fn object<'n>(&mut self, parent: &'n Node, key: &str) -> Option<&'n Entry> {
        let entry = self.get(parent, key)?;
        if entry.value.is_mapping() {
            return Some(entry);
        }
        self.problem(&entry.value, format!("`{key}` is {}, not an object", kind(&entry.value)));
        None
    }

    /// A list; anything else is a problem.
    pub(super) fn list<'n>(&mut self, parent: &'n Node, key: &str) -> &'n [Node] {
        let Some(entry) = self.get(parent, key) else { return &[] };
        if !entry.value.is_sequence() {
            self.problem(&entry.value, format!("`{key}` is {}, not a list", kind(&entry.value)));
        }
        entry.value.items()
    }

    /// A text; numbers and truth values are a problem and read as text.
    pub(super) fn text(&mut self, parent: &Node, key: &str) -> Option<Spanned<SmolStr>> {
        let node = &self.get(parent, key)?.value;
        if !is_text(node) {
            self.problem(node, format!("`{key}` is {}, not a text", kind(node)));
        }
        Some(Spanned::new(node.text()?.into(), node.place.clone()))
    }

    /// A truth value; anything else is a problem.
    pub(super) fn truth(&mut self, parent: &Node, key: &str) -> Option<bool> {
        let node = &self.get(parent, key)?.value;
        match node.resolve(Typing::Core) {
            Some(Resolved::Bool(value)) => Some(value),
            _ => {
                self.problem(node, format!("`{key}` is {}, not true or false", kind(node)));
                None
            }
        }
    }

    /// The texts of a list; the first item that is none is a problem, and scalars read as text.
    pub(super) fn texts(&mut self, node: &Node, key: &str) -> Vec<Spanned<SmolStr>> {
        if let Some(odd) = node.items().iter().find(|item| !is_text(item)) {
            self.problem(odd, format!("`{key}` holds {}, not only texts", kind(odd)));
        }
        let item =
            |item: &Node| Some(Spanned::new(SmolStr::new(item.scalar()?.text.as_str()), item.place.clone()));
        node.items().iter().filter(|item| !item.is_null()).filter_map(item).collect()
    }

    /// The texts at a key that holds a list.
    pub(super) fn texts_at(&mut self, parent: &Node, key: &str) -> Option<Vec<Spanned<SmolStr>>> {
        let entry = self.get(parent, key)?;
        if !entry.value.is_sequence() {
            self.problem(&entry.value, format!("`{key}` is {}, not a list", kind(&entry.value)));
            return None;
        }
        Some(self.texts(&entry.value, key))
    }

    /// The members of a set as Go writes one, an object with empty values; a list is a problem, and its texts are the
    /// members.
    pub(super) fn set(&mut self, parent: &Node, key: &str) -> Vec<Spanned<SmolStr>> {
        let Some(entry) = self.get(parent, key) else { return Vec::new() };
        let node = &entry.value;
        if node.is_mapping() {
            let member =
                |entry: &Entry| Some(Spanned::new(SmolStr::new(entry.key.text()?), entry.key.place.clone()));
            return node.entries().iter().filter_map(member).collect();
        }
        self.problem(node, format!("`{key}` is {}, not an object", kind(node)));
        let item = |item: &Node| Some(Spanned::new(SmolStr::new(item.text()?), item.place.clone()));
        node.items().iter().filter_map(item).collect()
    }
}

/// Whether it is a JSON string.
pub(super) fn is_text(node: &Node) -> bool {
    node.scalar().is_some_and(|scalar| !scalar.is_plain())
}

/// What a value is, as a phrase.
pub(super) fn kind(node: &Node) -> &'static str {
    if node.is_mapping() {
        return "an object";
    }
    if node.is_sequence() {
        return "a list";
    }
    match node.resolve(Typing::Core) {
        Some(Resolved::Bool(_)) => "a truth value",
        Some(Resolved::Int(_) | Resolved::Float(_)) => "a number",
        Some(Resolved::Null) | None => "null",
        Some(Resolved::Text(_) | Resolved::Timestamp(_)) => "a text",
    }
}

/// A key or text as messages print it, cut.
pub(super) fn shown(node: &Node) -> String {
    cut(node.scalar().map_or("", |scalar| scalar.text.as_str()))
}

/// A text, cut.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
