//! Hides the secrets of deployment files from every report, whichever rule a finding belongs to.

use std::sync::Arc;

use super::interpolation::defaults;
use super::said::unquote;
use super::secrets::{PRIVATE_KEY, SHORTEST, ValueKind, is_secret_name, kind_of, token};
use super::url_password::url_password;
use crate::source::{Place, Source, Span};
use crate::syntax::yaml::{Entry, Node, Value};

/// Letters of a token that stay readable, so that its owner knows which one it is.
const READABLE: usize = 4;

/// Hides the values of secret names, of their defaults and of the data of Secrets, and tokens wherever they stand.
pub(crate) fn hide_in_tree(root: &Node) {
    // What a short form stands for, and the words of a command, share one place: it is looked at once.
    let mut last: Option<&Place> = None;
    // A stack instead of recursion: the depth is the input's.
    let mut rest = vec![(root, false)];
    while let Some((node, all)) = rest.pop() {
        match &node.value {
            Value::Scalar(_) if all => node.place.source.hide(node.place.span),
            Value::Scalar(_) if last.is_some_and(|last| is_same(last, &node.place)) => {}
            Value::Scalar(_) => {
                scalar(&node.place);
                last = Some(&node.place);
            }
            Value::Sequence(items) => rest.extend(items.iter().map(|item| (item, all))),
            Value::Mapping(entries) => {
                let is_secret = node.get("kind").and_then(Node::text) == Some("Secret");
                named(node);
                for entry in entries {
                    let key = entry.key.text().unwrap_or_default();
                    let data = is_secret && matches!(key, "data" | "stringData");
                    pair(entry, key);
                    rest.push((&entry.value, all || data));
                }
            }
        }
    }
}

fn is_same(one: &Place, other: &Place) -> bool {
    one.span == other.span && Arc::ptr_eq(&one.source, &other.source)
}

/// Hides what secret names have in a file of `NAME=value` lines.
pub(crate) fn hide_lines(source: &Arc<Source>) {
    let mut start = 0_u32;
    for line in source.bytes().split(|byte| *byte == b'\n') {
        let end = start + line.len() as u32;
        let text = std::str::from_utf8(line).unwrap_or_default();
        if let Some((name, value)) = text.split_once(['=', ':']) {
            let name = name.trim().trim_start_matches("export ");
            let raw = unquote(value.trim());
            let in_url = || matches!(url_password(raw), Some((ValueKind::Literal, _)));
            if token(raw).is_some() || in_url() || is_secret_name(name) && kind_of(raw) == ValueKind::Literal
            {
                source.hide(Span::new(end - value.len() as u32, end));
            }
        }
        start = end + 1;
    }
}

/// `NAME: value`
fn pair(entry: &Entry, key: &str) {
    // A name alone has nothing to hide: its value stands elsewhere.
    let is_alone =
        || entry.value.place == entry.key.place && entry.key.place.text().trim_matches(['"', '\'']) == key;
    if entry.value.scalar().is_some() && is_secret_name(key) && !is_alone() {
        value(&entry.value.place);
    }
}

/// `{name: NAME, value: …}` of a pod.
fn named(node: &Node) {
    let name = node.get("name").and_then(Node::text).filter(|name| is_secret_name(name));
    if let (Some(_), Some(said)) = (name, node.get("value").filter(|said| said.scalar().is_some())) {
        value(&said.place);
    }
}

/// A value whose name is secret.
fn value(place: &Place) {
    let text = place.text();
    let raw = unquote(text.trim());
    if defaults(raw).is_empty() && kind_of(&raw.replace("$$", "")) == ValueKind::Literal {
        place.source.hide(place.span);
    }
    hide_defaults(place, true);
}

/// Any scalar: words of the form `NAME=value`, defaults of secret variables, tokens.
fn scalar(place: &Place) {
    let bytes = place.source.slice(place.span);
    // Offsets of a text that is no UTF-8 are not those of the file.
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if text.contains("${") {
        hide_defaults(place, false);
    }
    if text.contains(PRIVATE_KEY) && token(text).is_some() {
        hide(place, 0, text.len());
    }
    if let Some((ValueKind::Literal, password)) = url_password(text) {
        hide(place, password.start, password.end);
    }
    if text.len() < SHORTEST && !text.contains('=') {
        return;
    }
    for word in text.split(char::is_whitespace) {
        if let Some((at, _)) = token(word) {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            hide(place, start + (at + READABLE).min(word.len()), start + word.len());
        }
        word_value(place, text, word);
    }
}

/// `NAME=value`, `--name=value`.
fn word_value(place: &Place, text: &str, word: &str) {
    let Some((name, said)) = word.split_once('=') else { return };
    let name = name.trim_start_matches(['"', '\'', '-']);
    if is_secret_name(name) && kind_of(unquote(said)) == ValueKind::Literal {
        let start = said.as_ptr() as usize - text.as_ptr() as usize;
        hide(place, start, start + said.trim_end_matches(['"', '\'']).len());
    }
}

/// Defaults that may be secrets: of a secret name, or of secret variables only.
fn hide_defaults(place: &Place, all: bool) {
    let bytes = place.source.slice(place.span);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for default in defaults(text) {
        if (all || is_secret_name(default.name)) && kind_of(default.text) == ValueKind::Literal {
            hide(place, default.at, default.at + default.text.len());
        }
    }
}

fn hide(place: &Place, from: usize, to: usize) {
    let start = place.span.start;
    place.source.hide(Span::new(start + from as u32, start + to as u32));
}
