//! Tables of a plan, read key by key: typed values out, and an error for each key that is unknown or of another type.
//!
//! A table remembers which keys were asked for; what is left over is unknown, and the nearest asked name is the help.

use std::sync::Arc;

use smol_str::SmolStr;

use super::error::PlanError;
use super::toml::{Entry, Node, Toml};
use crate::model::Spanned;
use crate::nearest::nearest;
use crate::source::{Place, Source, Span};

/// Further errors of one plan are dropped: a file of another kind has one per line.
const MAX_ERRORS: usize = 100;

/// What reading one file needs: the file, and where errors go.
pub(super) struct Context<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) errors: &'a mut Vec<PlanError>,
}

impl Context<'_> {
    pub(super) fn place(&self, span: Span) -> Place {
        Place::new(self.source, span)
    }

    pub(super) fn spanned<T>(&self, value: T, span: Span) -> Spanned<T> {
        Spanned::new(value, self.place(span))
    }

    pub(super) fn error(&mut self, span: Span, message: String, help: Option<String>) {
        if self.errors.len() < MAX_ERRORS {
            let place = Some(self.place(span));
            self.errors.push(PlanError { place, message, help });
        }
    }

    /// The node's text as the file has it.
    pub(super) fn written(&self, node: &Node) -> String {
        String::from_utf8_lossy(self.source.slice(node.span)).into_owned()
    }

    /// Says that `path` (`user.uid`) wants something else than what stands there.
    pub(super) fn wrong(&mut self, path: &str, wants: &str, node: &Node) {
        let help = match node.value {
            Toml::Float | Toml::Integer(_) if wants.starts_with("text") => {
                Some(format!("write it in quotes: \"{}\"", self.written(node)))
            }
            _ => None,
        };
        self.error(node.span, format!("`{path}` wants {wants}, not {}", describe(node)), help);
    }

    /// A text, or a wrong-type error.
    pub(super) fn text_of(&mut self, path: &str, node: &Node) -> Option<Spanned<SmolStr>> {
        match &node.value {
            Toml::Text(text) => Some(self.spanned(SmolStr::from(text), node.span)),
            _ => {
                self.wrong(path, "text in quotes", node);
                None
            }
        }
    }

    /// A text, number or flag as text: for values that reach a container as text.
    pub(super) fn scalar_of(&mut self, path: &str, node: &Node) -> Option<Spanned<SmolStr>> {
        match &node.value {
            Toml::Text(text) => Some(self.spanned(SmolStr::from(text), node.span)),
            Toml::Integer(_) | Toml::Float | Toml::Bool(_) | Toml::Date => {
                Some(self.spanned(SmolStr::from(self.written(node)), node.span))
            }
            Toml::Array(_) | Toml::Table(_) => {
                self.wrong(path, "one text or number", node);
                None
            }
        }
    }

    /// A list of texts; one text counts as a list of one.
    pub(super) fn texts_of(&mut self, path: &str, node: &Node) -> Vec<Spanned<SmolStr>> {
        match &node.value {
            Toml::Array(items) => items.iter().filter_map(|item| self.text_of(path, item)).collect(),
            Toml::Text(_) => self.text_of(path, node).into_iter().collect(),
            _ => {
                self.wrong(path, "a list of texts", node);
                Vec::new()
            }
        }
    }

    /// A whole number from 0 to `max`.
    pub(super) fn number_of(&mut self, path: &str, node: &Node, max: u32) -> Option<Spanned<u32>> {
        let Toml::Integer(number) = node.value else {
            self.wrong(path, "a whole number", node);
            return None;
        };
        let fits = u32::try_from(number).ok().filter(|number| *number <= max);
        if fits.is_none() {
            self.error(node.span, format!("`{path}` is a number from 0 to {max}, not {number}"), None);
        }
        fits.map(|number| self.spanned(number, node.span))
    }

    /// A port of a number, or an error.
    pub(super) fn port_of(&mut self, path: &str, node: &Node) -> Option<Spanned<u16>> {
        let Toml::Integer(number) = node.value else {
            self.wrong(path, "a port number", node);
            return None;
        };
        let port = u16::try_from(number).ok().filter(|port| *port > 0);
        if port.is_none() {
            self.error(node.span, format!("`{path}` is a port from 1 to 65535, not {number}"), None);
        }
        port.map(|port| self.spanned(port, node.span))
    }
}

/// What stands there, for people.
pub(super) fn describe(node: &Node) -> String {
    match &node.value {
        Toml::Text(text) => {
            let short: String = text.chars().take(40).collect();
            format!("the text `{short}`")
        }
        Toml::Integer(number) => format!("the number {number}"),
        Toml::Float => "a number with a point".to_owned(),
        Toml::Bool(flag) => format!("`{flag}`"),
        Toml::Date => "a date".to_owned(),
        Toml::Array(_) => "a list".to_owned(),
        Toml::Table(_) => "a table".to_owned(),
    }
}

/// A table whose keys are fixed.
pub(super) struct Table {
    /// `user`; empty for the root.
    path: String,
    entries: Vec<Entry>,
    asked: Vec<&'static str>,
}

impl Table {
    pub(super) fn new(path: impl Into<String>, entries: Vec<Entry>) -> Self {
        Self { path: path.into(), entries, asked: Vec::new() }
    }

    /// The table that a node is, or a wrong-type error.
    pub(super) fn of(path: impl Into<String>, node: Node, context: &mut Context<'_>) -> Option<Self> {
        let path = path.into();
        match node.value {
            Toml::Table(entries) => Some(Self::new(path, entries)),
            _ => {
                context.wrong(&path, "a table", &node);
                None
            }
        }
    }

    /// Its own path: `user`.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The path of one of its keys: `user.uid`.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Takes a key out.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Node> {
        self.asked.push(key);
        #[cfg(test)]
        asked::note(self.path_of(key));
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at).node)
    }

    pub(super) fn text(&mut self, key: &'static str, context: &mut Context<'_>) -> Option<Spanned<SmolStr>> {
        let node = self.take(key)?;
        context.text_of(&self.path_of(key), &node)
    }

    /// A text that is not empty.
    pub(super) fn word(&mut self, key: &'static str, context: &mut Context<'_>) -> Option<Spanned<SmolStr>> {
        let text = self.text(key, context)?;
        if text.value.trim().is_empty() {
            let message = format!("`{}` is empty", self.path_of(key));
            context.error(text.place.span, message, Some("leave the key out instead".to_owned()));
            return None;
        }
        Some(text)
    }

    pub(super) fn texts(
        &mut self,
        key: &'static str,
        context: &mut Context<'_>,
    ) -> Option<Vec<Spanned<SmolStr>>> {
        let node = self.take(key)?;
        Some(context.texts_of(&self.path_of(key), &node))
    }

    pub(super) fn flag(&mut self, key: &'static str, context: &mut Context<'_>) -> Option<Spanned<bool>> {
        let node = self.take(key)?;
        let Toml::Bool(flag) = node.value else {
            context.wrong(&self.path_of(key), "`true` or `false`", &node);
            return None;
        };
        Some(context.spanned(flag, node.span))
    }

    pub(super) fn number(
        &mut self,
        key: &'static str,
        max: u32,
        context: &mut Context<'_>,
    ) -> Option<Spanned<u32>> {
        let node = self.take(key)?;
        context.number_of(&self.path_of(key), &node, max)
    }

    pub(super) fn table(&mut self, key: &'static str, context: &mut Context<'_>) -> Option<Self> {
        let node = self.take(key)?;
        Self::of(self.path_of(key), node, context)
    }

    /// The entries of a table below whose keys are the user's own.
    pub(super) fn map(&mut self, key: &'static str, context: &mut Context<'_>) -> Vec<Entry> {
        self.table(key, context).map(|table| table.entries).unwrap_or_default()
    }

    /// What nobody asked for, without judging it.
    pub(super) fn rest(self) -> Vec<Entry> {
        self.entries
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self, context: &mut Context<'_>) {
        for entry in &self.entries {
            let within = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path) };
            let help = match nearest(&entry.key, self.asked.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("known keys: {}", self.asked.join(", ")),
            };
            let key: String = entry.key.chars().take(60).collect();
            context.error(entry.key_span, format!("unknown key `{key}`{within}"), Some(help));
        }
    }
}

/// Every key that was asked for, by path, so that tests hold the published schema against the reader.
#[cfg(test)]
pub(super) mod asked {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    thread_local! {
        static PATHS: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
    }

    pub(super) fn note(path: String) {
        PATHS.with_borrow_mut(|paths| paths.insert(path));
    }

    /// What this thread asked for since the last call.
    pub(in crate::plan) fn take() -> BTreeSet<String> {
        PATHS.take()
    }
}
