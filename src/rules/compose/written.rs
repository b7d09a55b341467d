//! Compose files as they are written: what rules of style look at, before anything is resolved.

use crate::model::Project;
use crate::syntax::yaml::{Entry, Node, Scalar, Style};

/// The documents of a project's files.
pub(super) fn documents(project: &Project) -> impl Iterator<Item = &Node> {
    project.files.iter().flat_map(|file| &file.documents).map(|document| &document.root)
}

/// The mappings of services, one for each document that has one.
pub(super) fn services(project: &Project) -> impl Iterator<Item = &Node> {
    documents(project).filter_map(|root| root.get("services"))
}

/// The services as they are written.
pub(super) fn each_service(project: &Project) -> impl Iterator<Item = &Entry> {
    services(project).flat_map(own)
}

/// The entries that a mapping says itself, without what merge keys put in.
pub(super) fn own(mapping: &Node) -> impl Iterator<Item = &Entry> {
    let span = mapping.place.span;
    mapping.entries().iter().filter(move |entry| {
        let key = entry.key.place.span;
        let is_merged = entry.key.properties.as_ref().is_some_and(|properties| properties.alias.is_some());
        !is_merged && span.start <= key.start && key.end <= span.end
    })
}

/// The items that a sequence says itself; empty when it is an alias of another one, which is judged there.
pub(super) fn own_items(sequence: &Node) -> &[Node] {
    let is_alias = sequence.properties.as_ref().is_some_and(|properties| properties.alias.is_some());
    if is_alias { &[] } else { sequence.items() }
}

/// A scalar in quotes.
pub(super) fn quoted(node: &Node) -> Option<&Scalar> {
    node.scalar().filter(|scalar| matches!(scalar.style, Style::SingleQuoted | Style::DoubleQuoted))
}
