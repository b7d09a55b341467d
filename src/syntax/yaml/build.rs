//! Second pass over a document: the flat list becomes a tree, aliases and merge keys put in.
//!
//! What is too large or contains itself never comes here. Nothing recurses: collections that are being built stand on a
//! stack, and an alias walks the items of its anchor again and then returns.

use std::sync::Arc;

use smol_str::SmolStr;

use super::merge;
use super::problems::Problems;
use super::record::{Item, Kind};
use super::scalar::Scalar;
use super::tree::{Entry, Node, Value};
use super::written::is_merge_key;
use crate::source::{Place, Source};

/// A merge key with its value.
pub(super) struct Merge {
    pub(super) key: Node,
    pub(super) value: Node,
}

/// A collection that is being built.
struct Frame {
    node: Node,
    /// The item behind its last one.
    end: usize,
    /// Where to go on when an alias brought it here.
    resume: Option<usize>,
    key: Option<Node>,
    merges: Vec<Merge>,
}

/// Builds one document.
pub(super) struct Builder<'a> {
    source: &'a Arc<Source>,
    items: &'a mut [Item],
    tags: &'a [SmolStr],
    /// Whether an item is walked once only, so that its text can be taken.
    once: bool,
    problems: &'a mut Problems,
    frames: Vec<Frame>,
    /// Aliases that are being walked.
    replays: usize,
    root: Option<Node>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        source: &'a Arc<Source>,
        items: &'a mut [Item],
        tags: &'a [SmolStr],
        once: bool,
        problems: &'a mut Problems,
    ) -> Self {
        Self { source, items, tags, once, problems, frames: Vec::new(), replays: 0, root: None }
    }

    /// The tree.
    pub(super) fn build(mut self) -> Option<Node> {
        let mut at = 0;
        while self.root.is_none() {
            match self.frames.last() {
                Some(frame) if frame.end == at => at = self.close(at),
                _ if at < self.items.len() => at = self.item(at),
                _ => break,
            }
        }
        self.root
    }

    /// Takes one item; returns the next.
    fn item(&mut self, at: usize) -> usize {
        let item = &self.items[at];
        match item.kind {
            Kind::Scalar(_) => {
                let node = self.scalar(at);
                self.attach(node);
            }
            Kind::Missing => {
                let place = Place::new(self.source, item.span);
                let mut node = Node::new(Value::Scalar(Scalar::plain("")), place.clone());
                node.properties_mut().alias = Some(place);
                self.attach(node);
            }
            Kind::Sequence | Kind::Mapping => self.open(at, None),
            Kind::Alias => {
                let (target, place) = (item.count as usize, Place::new(self.source, item.span));
                if !matches!(self.items[target].kind, Kind::Scalar(_)) {
                    self.open(target, Some(at + 1));
                    if let Some(frame) = self.frames.last_mut() {
                        frame.node.properties_mut().alias = Some(place);
                    }
                    return target + 1;
                }
                let mut node = self.scalar(target);
                node.properties_mut().alias = Some(place);
                self.attach(node);
            }
        }
        at + 1
    }

    fn scalar(&mut self, at: usize) -> Node {
        let item = &mut self.items[at];
        let text = if self.once { std::mem::take(&mut item.text) } else { item.text.clone() };
        let Kind::Scalar(style) = item.kind else {
            return Node::new(Value::Scalar(Scalar::plain(text)), Place::new(self.source, item.span));
        };
        self.node(at, Value::Scalar(Scalar { text, style }))
    }

    fn node(&self, at: usize, value: Value) -> Node {
        let item = &self.items[at];
        let mut node = Node::new(value, Place::new(self.source, item.span));
        if item.tag > 0 {
            node.properties_mut().tag = Some(self.tags[item.tag as usize - 1].clone());
        }
        node
    }

    fn open(&mut self, at: usize, resume: Option<usize>) {
        let (kind, count, end) =
            (self.items[at].kind, self.items[at].count as usize, self.items[at].end as usize);
        let value = match kind {
            Kind::Sequence => Value::Sequence(Vec::with_capacity(count)),
            _ => Value::Mapping(Vec::with_capacity(count / 2)),
        };
        self.replays += usize::from(resume.is_some());
        let node = self.node(at, value);
        self.frames.push(Frame { node, end, resume, key: None, merges: Vec::new() });
    }

    /// Ends the innermost collection; returns the next item.
    fn close(&mut self, at: usize) -> usize {
        let Some(mut frame) = self.frames.pop() else { return at };
        if let Value::Mapping(entries) = &mut frame.node.value {
            // What an alias repeats has been judged where it stands.
            let problems = if self.replays == 0 { Some(&mut *self.problems) } else { None };
            merge::complete(entries, frame.merges, problems);
        }
        self.replays -= usize::from(frame.resume.is_some());
        self.attach(frame.node);
        frame.resume.unwrap_or(at)
    }

    fn attach(&mut self, node: Node) {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut frame.node.value {
            Value::Sequence(items) => items.push(node),
            Value::Mapping(entries) => match frame.key.take() {
                None => frame.key = Some(node),
                Some(key) if is_merge(&key) => frame.merges.push(Merge { key, value: node }),
                Some(key) => entries.push(Entry { key, value: node }),
            },
            Value::Scalar(_) => {}
        }
    }
}

fn is_merge(key: &Node) -> bool {
    key.scalar().is_some_and(|scalar| is_merge_key(&scalar.text, scalar.style, key.tag()))
}
