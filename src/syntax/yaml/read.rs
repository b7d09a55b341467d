//! Events of the YAML library become trees: aliases and merge keys are put in, within a budget.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle};
use smol_str::SmolStr;

use super::scalar::{Scalar, Style};
use super::tree::{Document, Entry, Node, Problem, ProblemKind, Stream, Value};
use crate::source::{Place, Source, Span};

/// Nodes that one text may hold, aliases and merge keys expanded.
const MAX_NODES: usize = 200_000;

/// Reads a text.
#[must_use]
pub fn parse(source: &Arc<Source>) -> Stream {
    let mut composer =
        Composer { source, stream: Stream::default(), open: Vec::new(), anchors: HashMap::new(), nodes: 0 };
    composer.read();
    composer.stream
}

/// A collection that is not closed yet.
struct Open {
    node: Node,
    anchor: usize,
    /// The key that waits for its value.
    key: Option<Node>,
}

struct Composer<'s> {
    source: &'s Arc<Source>,
    stream: Stream,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl Composer<'_> {
    fn read(&mut self) {
        let Ok(text) = std::str::from_utf8(self.source.bytes()) else {
            let place = Place::new(self.source, Span::default());
            self.problem(ProblemKind::Syntax, place, "is no UTF-8 text");
            return;
        };
        let mut options = Options::default();
        options.strict_indentation = false;
        options.emit_unresolved_aliases = true;
        let mut parser = Parser::new_from_str_with_options(text, options);
        while let Some(event) = parser.next_event() {
            match event {
                Ok((event, span)) => self.event(event, span_of(&span)),
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(0) as u32;
                    let place = Place::new(self.source, Span::new(at, at));
                    self.problem(ProblemKind::Syntax, place, &error.to_string());
                    self.open.clear();
                    if !parser.proceed_next_document().unwrap_or(false) {
                        break;
                    }
                }
            }
        }
    }

    fn problem(&mut self, kind: ProblemKind, place: Place, message: &str) {
        self.stream.problems.push(Problem { kind, place, message: message.to_owned(), related: None });
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        let place = Place::new(self.source, span);
        match event {
            Event::Comment(..) => self.stream.comments.push(span),
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                let style = style_of(style);
                let empty = style == Style::Plain && span.is_empty();
                let text = if empty { SmolStr::default() } else { SmolStr::new(text) };
                let mut node = Node::new(Value::Scalar(Scalar { text, style }), place);
                if let Some(tag) = tag {
                    node.properties_mut().tag = Some(tag.original().into());
                }
                self.finish(node, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.begin(Value::Sequence(Vec::new()), place, anchor, tag.map(|tag| tag.original()));
            }
            Event::MappingStart(_, anchor, tag) => {
                self.begin(Value::Mapping(Vec::new()), place, anchor, tag.map(|tag| tag.original()));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.finish(open.node, open.anchor);
                }
            }
            Event::Alias(id) => {
                let node = self.anchors.get(&id).cloned();
                let mut node =
                    node.unwrap_or_else(|| Node::new(Value::Scalar(Scalar::plain("")), place.clone()));
                node.properties_mut().alias = Some(place);
                self.finish(node, 0);
            }
            _ => {}
        }
    }

    fn begin(&mut self, value: Value, place: Place, anchor: usize, tag: Option<String>) {
        let mut node = Node::new(value, place);
        if let Some(tag) = tag {
            node.properties_mut().tag = Some(tag.into());
        }
        self.open.push(Open { node, anchor, key: None });
    }

    fn finish(&mut self, node: Node, anchor: usize) {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return;
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.stream.documents.push(Document { root: node });
            return;
        };
        open.node.place.span = match open.node.place.span.is_empty() {
            true => node.place.span,
            false => open.node.place.span.to(node.place.span),
        };
        match (&mut open.node.value, open.key.take()) {
            (Value::Sequence(items), _) => items.push(node),
            (Value::Mapping(entries), Some(key)) => entries.push(Entry { key, value: node }),
            (Value::Mapping(_), None) => open.key = Some(node),
            (Value::Scalar(_), _) => {}
        }
    }
}

fn span_of(span: &granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span::new(range.start as u32, range.end as u32)
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}
