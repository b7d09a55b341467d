//! The tree: nodes with places, in the order of the text.

use smol_str::SmolStr;

use super::scalar::{Resolved, Scalar, Typing};
use crate::source::{Place, Span};

/// One text, read.
#[derive(Debug, Clone, Default)]
pub struct Stream {
    /// The documents in order; one that is broken is left out, and what follows the next `---` is still here.
    pub documents: Vec<Document>,
    /// What is wrong, in the order of the text; at most 1000.
    pub problems: Vec<Problem>,
    /// The comments, with their `#`.
    pub comments: Vec<Span>,
    /// Where an unrendered template (`{{ … }}`) stands at a position that decides the structure: the text cannot be
    /// judged, and nothing else is said about it: there are neither documents nor problems.
    pub template: Option<Span>,
}

/// One document of a stream.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its content; a null scalar when it is empty.
    pub root: Node,
}

/// Something wrong with the text.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What kind of mistake.
    pub kind: ProblemKind,
    /// Where.
    pub place: Place,
    /// One sentence without a full stop.
    pub message: String,
    /// The other place that belongs to it, with a note: the first of two equal keys.
    pub related: Option<(Place, &'static str)>,
}

/// What kind of mistake a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// It is no YAML, or no UTF-8.
    Syntax,
    /// A key stands twice in one mapping; the last one counts here.
    DuplicateKey,
    /// An alias of an anchor that nobody defines.
    UnknownAnchor,
    /// An anchor that contains itself.
    Recursion,
    /// The document, its aliases and merge keys expanded, is larger or deeper than the limits; it is left out.
    TooLarge,
    /// A merge key whose value is no mapping and no list of mappings.
    Merge,
    /// A second merge key in one mapping: go-yaml, and so Compose, takes it for a key that stands twice; others merge both.
    RepeatedMerge,
}

/// One node.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it holds.
    pub value: Value,
    /// Where it is written, without tag and anchor. Of a scalar its text with quotes; of a block scalar its lines without
    /// the indentation of the first and the empty ones at the end, or its header when it has no line. Of a collection from
    /// its first child (without `- `) to its last, or its brackets. An empty value has an empty span behind its `:` or
    /// `-`. What an alias or a merge key brought in keeps the place of its definition; an alias that stands for nothing is
    /// a null with the place of the alias.
    pub place: Place,
    /// What few nodes have.
    pub properties: Option<Box<Properties>>,
}

/// What few nodes have.
#[derive(Debug, Clone, Default)]
pub struct Properties {
    /// The tag as written: `!reset`, `!!str`.
    pub tag: Option<SmolStr>,
    /// The alias that brought the node here, of several the outermost. Of a value under a key that a merge key brought,
    /// the alias behind `<<`, or the `<<` itself when its mapping is written there.
    pub alias: Option<Place>,
    /// Earlier definitions that this one replaces (files of one project, `extends`), nearest first.
    pub overrides: Vec<Place>,
    /// Variables that interpolation put into the text, in order.
    pub variables: Vec<VariableUse>,
}

/// One `${VARIABLE}` of a scalar, as interpolation met it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableUse {
    /// The name.
    pub name: SmolStr,
    /// The operator: empty, `:-`, `-`, `:?`, `?`, `:+`, `+`.
    pub operator: SmolStr,
    /// What stands behind the operator, as written.
    pub argument: SmolStr,
    /// Whether the environment of the project says the variable (`.env`); otherwise the default was taken, or nothing.
    pub is_set: bool,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub enum Value {
    /// A scalar.
    Scalar(Scalar),
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping in the order of the text: a key that stands twice is there twice. What merge keys bring stands behind the
    /// keys of the mapping itself, without the keys it has; the merge keys themselves are gone.
    Mapping(Vec<Entry>),
}

/// One key of a mapping.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// A node without properties.
    #[must_use]
    pub fn new(value: Value, place: Place) -> Self {
        Self { value, place, properties: None }
    }

    /// The tag as written.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.properties.as_ref()?.tag.as_deref()
    }

    /// The value of a key; of two equal ones the last. `None` as well when this is no mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// A key with its value; of two equal ones the last.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().rev().find(|entry| entry.key.is(key))
    }

    /// The node at the end of a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The keys of a mapping; empty for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; empty for anything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The scalar.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar, whatever its type; `None` for null and collections.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.scalar().filter(|scalar| !scalar.is_null()).map(|scalar| scalar.text.as_str())
    }

    /// Whether it is a scalar with this text, and no null.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        // Of all keys that are looked at few are equal: the costly question comes last.
        self.scalar().is_some_and(|scalar| scalar.text == text && !scalar.is_null())
    }

    /// The scalar with the type that a consumer sees, its tag honoured ([`Scalar::resolve_tagged`]); `None` for collections.
    #[must_use]
    pub fn resolve(&self, typing: Typing) -> Option<Resolved> {
        Some(self.scalar()?.resolve_tagged(self.tag(), typing))
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self.value, Value::Mapping(_))
    }

    /// Whether it is a sequence.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        matches!(self.value, Value::Sequence(_))
    }

    /// Whether it is an empty value, `null` or `~`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// The earlier definitions that this one replaces, nearest first.
    #[must_use]
    pub fn overrides(&self) -> &[Place] {
        self.properties.as_ref().map_or(&[], |properties| &properties.overrides)
    }

    /// The variables that interpolation put in.
    #[must_use]
    pub fn variables(&self) -> &[VariableUse] {
        self.properties.as_ref().map_or(&[], |properties| &properties.variables)
    }

    /// The properties, made when there are none yet.
    pub fn properties_mut(&mut self) -> &mut Properties {
        self.properties.get_or_insert_default()
    }
}
