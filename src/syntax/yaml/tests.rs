//! Tests of the whole reader, by what it shows.

mod limits;
mod merges;
mod mistakes;
mod places;
mod types;

use std::sync::Arc;

use super::{Node, Stream, Value, parse};
use crate::source::{Place, Source};

/// Reads a text.
fn read(text: impl AsRef<[u8]>) -> Stream {
    parse(&Source::new("a.yaml", text.as_ref().to_vec()))
}

/// A tree on one line: `{key: value, list: [1, 2]}`; null is `~`.
fn shown(node: &Node) -> String {
    match &node.value {
        Value::Scalar(_) => node.text().unwrap_or("~").to_owned(),
        Value::Sequence(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Mapping(entries) => {
            let entry = |entry: &super::Entry| format!("{}: {}", shown(&entry.key), shown(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// All documents, each on one line.
fn documents(stream: &Stream) -> Vec<String> {
    stream.documents.iter().map(|document| shown(&document.root)).collect()
}

fn at(place: &Place) -> String {
    let start = place.start();
    format!("{}:{}", start.line, start.column)
}

/// Each problem as `line:column kind text-of-its-place`, with the related place behind it.
fn problems(stream: &Stream) -> Vec<String> {
    let line = |problem: &super::Problem| {
        let related = problem.related.as_ref().map(|(place, _)| format!(" <- {}", at(place)));
        format!(
            "{} {:?} {}{}",
            at(&problem.place),
            problem.kind,
            problem.place.text(),
            related.unwrap_or_default()
        )
    };
    stream.problems.iter().map(line).collect()
}

/// The source of a node.
fn source(node: &Node) -> &Arc<Source> {
    &node.place.source
}
