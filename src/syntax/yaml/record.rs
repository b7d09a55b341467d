//! First pass over a document: events become a flat list in the order of the text, with exact spans.
//!
//! Everything that a hostile text can make large is counted here, before a single node is made: what aliases and merge
//! keys expand to, and how deep. An alias keeps the number of the item that it stands for, so expanding it later is
//! walking a stretch of the list again.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, StructureStyle};
use smol_str::SmolStr;

use super::problems::Problems;
use super::scalar::Style;
use super::template;
use super::tree::{Problem, ProblemKind};
use super::weight::{MAX_COPIES, MAX_DEPTH, MAX_NODES, PROPERTIES, TEXT, Weight};
use super::written::{behind_colon, block_scalar, is_merge_key, is_missing_key, style_of};
use crate::source::{Place, Source, Span};

/// One node of the text, in the order in which nodes begin.
#[derive(Debug)]
pub(super) struct Item {
    /// Text of a scalar.
    pub(super) text: SmolStr,
    /// Where it stands: of an alias the alias itself.
    pub(super) span: Span,
    /// Of a collection the number behind its last item.
    pub(super) end: u32,
    /// Of a collection the number of its children, keys and values counted each; of an alias the item it stands for.
    pub(super) count: u32,
    /// The tag, from 1; 0 for none.
    pub(super) tag: u32,
    /// What it is.
    pub(super) kind: Kind,
}

/// What an [`Item`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar(Style),
    Sequence,
    Mapping,
    Alias,
    /// An alias that stands for nothing.
    Missing,
}

/// A collection whose end is still to come.
struct Open {
    item: usize,
    anchor: usize,
    /// Whether brackets of its own enclose it.
    has_brackets: bool,
    count: u32,
    /// What was counted before it began.
    before: u64,
    /// The collections inside one another below it.
    height: usize,
    /// Of a mapping whether the last key is a merge key, of a sequence whether it is the value of one.
    merges: bool,
    /// Whether it is a mapping that a merge key takes: its keys will move, and remember that.
    is_merged: bool,
}

/// What an anchor stands for.
struct Anchor {
    item: usize,
    /// Nodes and depth, aliases expanded; `None` while its node is not complete.
    extent: Option<(u64, usize)>,
}

/// Records the documents of one text, one after the other.
pub(super) struct Recorder<'s> {
    source: &'s Arc<Source>,
    text: &'s str,
    pub(super) items: Vec<Item>,
    pub(super) tags: Vec<SmolStr>,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchor>,
    weight: Weight,
    /// Whether this document is beyond a limit.
    too_large: bool,
    /// Whether an alias of this document is expanded.
    pub(super) has_aliases: bool,
    /// Where an unrendered template decides the structure.
    pub(super) template: Option<Span>,
}

impl<'s> Recorder<'s> {
    pub(super) fn new(source: &'s Arc<Source>, text: &'s str) -> Self {
        Self {
            source,
            text,
            items: Vec::new(),
            tags: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            weight: Weight::default(),
            too_large: false,
            has_aliases: false,
            template: None,
        }
    }

    /// Forgets the document at hand.
    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.tags.clear();
        self.open.clear();
        self.anchors.clear();
        self.weight.forget();
        self.too_large = false;
        self.has_aliases = false;
    }

    /// Whether the document at hand is beyond a limit.
    pub(super) fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// Ends a document; whether it is complete and within the limits.
    pub(super) fn finish(&mut self) -> bool {
        let complete = !self.too_large && self.open.is_empty() && !self.items.is_empty();
        if complete {
            self.weight.keep();
        }
        complete
    }

    /// The innermost bracket that is open.
    pub(super) fn open_bracket(&self) -> Option<u32> {
        let open = self.open.iter().rev().find(|open| open.has_brackets)?;
        Some(self.items[open.item].span.start)
    }

    /// The offset behind what was read last.
    pub(super) fn last_end(&self) -> u32 {
        self.items.last().map_or(0, |item| item.span.end)
    }

    /// One event about a node, without its comments.
    pub(super) fn event(&mut self, event: Event<'_>, span: Span, problems: &mut Problems) {
        if self.too_large {
            return;
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| tag.original());
                self.scalar(&text, style, span, (anchor, tag), problems);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = tag.map(|tag| tag.original());
                self.begin(Kind::Sequence, style, span, (anchor, tag), problems);
            }
            Event::MappingStart(style, anchor, tag) => {
                if style == StructureStyle::Flow && self.template.is_none() {
                    self.template = template::at_bracket(self.text, span.start as usize);
                }
                let tag = tag.map(|tag| tag.original());
                self.begin(Kind::Mapping, style, span, (anchor, tag), problems);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(id) => self.alias(id, span, problems),
            Event::UnresolvedAlias(name) => {
                let message = format!("nothing above defines the anchor `&{name}`");
                problems.push(Problem {
                    kind: ProblemKind::UnknownAnchor,
                    place: Place::new(self.source, span),
                    message,
                    related: None,
                });
                self.leaf(Kind::Missing, SmolStr::default(), span, 0, 1 + PROPERTIES, problems);
            }
            _ => {}
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        span: Span,
        (anchor, tag): (usize, Option<String>),
        problems: &mut Problems,
    ) {
        let style = style_of(style);
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let (mut text, mut span) = (text, span);
        if style == Style::Plain && span.is_empty() {
            // The parser says `~` for what is not there, behind the key.
            text = "";
            let is_value = self.open.last().is_some_and(|open| open.count % 2 == 1);
            let is_bare = tag.is_none() && anchor == 0;
            if is_value && is_bare {
                span = behind_colon(self.text, span);
            } else if is_bare && is_missing_key(self.text, span) {
                problems.push(missing_key(Place::new(self.source, Span::new(span.start, span.start + 1))));
            }
        } else if is_block {
            (text, span) = block_scalar(self.text, text, span);
        } else if style == Style::Plain && self.template.is_none() && text.starts_with("<%") {
            self.template = template::at_bracket(self.text, span.start as usize);
        }
        let weight = 1 + (text.len() / TEXT) as u64 + if tag.is_some() { PROPERTIES } else { 0 };
        let number = self.items.len();
        let tag = self.tag(tag);
        if self.leaf(Kind::Scalar(style), SmolStr::new(text), span, tag, weight, problems) && anchor > 0 {
            self.anchors.insert(anchor, Anchor { item: number, extent: Some((weight, 0)) });
        }
    }

    fn tag(&mut self, tag: Option<String>) -> u32 {
        let Some(tag) = tag else { return 0 };
        self.tags.push(tag.into());
        self.tags.len() as u32
    }

    /// A node without children; whether it is within the limits.
    fn leaf(
        &mut self,
        kind: Kind,
        text: SmolStr,
        span: Span,
        tag: u32,
        weight: u64,
        problems: &mut Problems,
    ) -> bool {
        if !self.count(weight, kind == Kind::Alias, span, problems) {
            return false;
        }
        let end = self.items.len() as u32 + 1;
        self.items.push(Item { text, span, end, count: 0, tag, kind });
        self.child_begins();
        self.child_ends(span, 0);
        true
    }

    /// Counts nodes; whether they are within the limit.
    fn count(&mut self, weight: u64, is_alias: bool, span: Span, problems: &mut Problems) -> bool {
        let moves = self.open.last().is_some_and(|open| open.is_merged);
        if self.weight.add(weight.saturating_add(if moves { PROPERTIES } else { 0 }), is_alias) {
            return true;
        }
        let message = match is_alias {
            true => format!(
                "aliases and merge keys expand to more than {MAX_COPIES} nodes: this document is left out"
            ),
            false => format!("the file has more than {MAX_NODES} nodes: this document is left out"),
        };
        self.give_up(span, message, problems);
        false
    }

    fn give_up(&mut self, span: Span, message: String, problems: &mut Problems) {
        self.too_large = true;
        let place = Place::new(self.source, span);
        problems.push(Problem { kind: ProblemKind::TooLarge, place, message, related: None });
    }

    /// The last item is a child of the collection that is open; returns whether a merge key takes it.
    fn child_begins(&mut self) -> bool {
        let is_merge = self.items.last().is_some_and(|item| self.is_merge_key(item));
        let Some(open) = self.open.last_mut() else { return false };
        let is_key = self.items[open.item].kind == Kind::Mapping && open.count.is_multiple_of(2);
        open.count += 1;
        if is_key {
            open.merges = is_merge;
            return false;
        }
        open.merges
    }

    fn child_ends(&mut self, span: Span, height: usize) {
        let Some(open) = self.open.last_mut() else { return };
        open.height = open.height.max(height);
        let item = &mut self.items[open.item];
        if !open.has_brackets {
            item.span = if open.count == 1 { span } else { item.span.to(span) };
        }
    }

    fn is_merge_key(&self, item: &Item) -> bool {
        let Kind::Scalar(style) = item.kind else { return false };
        let tag = item.tag.checked_sub(1).map(|at| self.tags[at as usize].as_str());
        is_merge_key(&item.text, style, tag)
    }

    fn begin(
        &mut self,
        kind: Kind,
        style: StructureStyle,
        span: Span,
        (anchor, tag): (usize, Option<String>),
        problems: &mut Problems,
    ) {
        if self.open.len() >= MAX_DEPTH {
            self.give_up(span, too_deep(), problems);
            return;
        }
        let before = self.weight.own();
        let weight = 1 + if tag.is_some() { PROPERTIES } else { 0 };
        if !self.count(weight, false, span, problems) {
            return;
        }
        let tag = self.tag(tag);
        let item = self.items.len();
        self.items.push(Item { text: SmolStr::default(), span, end: 0, count: 0, tag, kind });
        let in_merge = self.child_begins();
        let (merges, is_merged) = (in_merge && kind == Kind::Sequence, in_merge && kind == Kind::Mapping);
        if anchor > 0 {
            self.anchors.insert(anchor, Anchor { item, extent: None });
        }
        let has_brackets = style == StructureStyle::Flow && !span.is_empty();
        self.open.push(Open { item, anchor, has_brackets, count: 0, before, height: 0, merges, is_merged });
    }

    fn end(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        let behind = self.items.len() as u32;
        let item = &mut self.items[open.item];
        item.end = behind;
        item.count = open.count;
        if open.has_brackets {
            item.span = item.span.to(span);
        }
        let span = item.span;
        let height = open.height + 1;
        if let Some(anchor) = self.anchors.get_mut(&open.anchor).filter(|_| open.anchor > 0) {
            anchor.extent = Some((self.weight.own() - open.before, height));
        }
        self.child_ends(span, height);
    }

    fn alias(&mut self, id: usize, span: Span, problems: &mut Problems) {
        let Some(anchor) = self.anchors.get(&id) else { return };
        let item = anchor.item;
        let Some((size, height)) = anchor.extent else {
            let first = Place::new(self.source, self.items[item].span);
            problems.push(Problem {
                kind: ProblemKind::Recursion,
                place: Place::new(self.source, span),
                message: "the alias stands inside the node that its anchor names, which has no end"
                    .to_owned(),
                related: Some((first, "that node begins here")),
            });
            self.leaf(Kind::Missing, SmolStr::default(), span, 0, 1 + PROPERTIES, problems);
            return;
        };
        if self.open.len() + height > MAX_DEPTH {
            self.give_up(span, too_deep(), problems);
            return;
        }
        // Each key that a merge brings remembers the alias, so it weighs more than one that stands there.
        let merged = self.open.last().is_some_and(|open| open.merges && !self.is_at_key(open));
        let weight = size.saturating_mul(if merged { 2 } else { 1 }).saturating_add(PROPERTIES);
        let number = self.items.len();
        if self.leaf(Kind::Alias, SmolStr::default(), span, 0, weight, problems) {
            self.items[number].count = item as u32;
            self.has_aliases = true;
        }
        if let Some(open) = self.open.last_mut() {
            open.height = open.height.max(height);
        }
    }

    fn is_at_key(&self, open: &Open) -> bool {
        self.items[open.item].kind == Kind::Mapping && open.count.is_multiple_of(2)
    }
}

/// libyaml, and so Compose and Kubernetes, refuse what YAML itself allows here.
fn missing_key(place: Place) -> Problem {
    let message =
        "a key is missing in front of this `:`: put a text that begins with `:` in quotes".to_owned();
    Problem { kind: ProblemKind::Syntax, place, message, related: None }
}

fn too_deep() -> String {
    format!("more than {MAX_DEPTH} collections stand inside one another: this document is left out")
}
