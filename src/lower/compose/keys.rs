//! Keys of a document: Compose takes texts only.

use super::problems::Problems;
use crate::model::ProjectProblemKind;
use crate::syntax::yaml::{Node, Resolved, Typing, Value};

/// Reports keys that are no texts.
pub(super) fn check(root: &Node, problems: &mut Problems) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Mapping(entries) => {
                for entry in entries {
                    if !is_text(&entry.key) {
                        let shown = entry.key.place.text().into_owned();
                        problems.add(
                            ProjectProblemKind::Value,
                            &entry.key.place,
                            format!("the key `{shown}` is no text"),
                            Some(format!("put it in quotes: `\"{shown}\"`")),
                        );
                    }
                    open.push(&entry.value);
                }
            }
            Value::Sequence(items) => open.extend(items),
            Value::Scalar(_) => {}
        }
    }
}

fn is_text(key: &Node) -> bool {
    let Some(scalar) = key.scalar() else { return false };
    // Most keys start with a letter, and few words with one are anything but texts.
    let first = scalar.text.as_bytes().first();
    if first.is_some_and(|first| first.is_ascii_lowercase() && !matches!(first, b't' | b'f' | b'n')) {
        return true;
    }
    matches!(key.resolve(Typing::Compose), Some(Resolved::Text(_)))
}
