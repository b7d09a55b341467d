//! Reads suppressions out of a YAML text: comments of this tool and of others, and the annotations of Kubernetes objects
//! that checkov and kube-linter read.
//!
//! A comment on a line of its own covers the node that begins on the next line with anything but comments: a key with its
//! value, or a list item, the outermost of several. A comment behind something covers its line.

use std::sync::Arc;

use super::read::{Form, Scope, Suppression, Suppressions, Target, rules};
use crate::rules::find_by_alias;
use crate::source::{Place, Source, Span};
use crate::syntax::yaml::{Document, Entry, Node};

/// The annotation of checkov, before a number; its value is `ID=reason`.
const CHECKOV: &str = "checkov.io/skip";
/// The annotation of kube-linter, before the name of a check.
const KUBE_LINTER: &str = "ignore-check.kube-linter.io/";
/// The annotation of kube-linter that switches all of it off.
const KUBE_LINTER_ALL: &str = "kube-linter.io/ignore-all";

impl Suppressions {
    /// The suppressions of a YAML text: of its comments and of the annotations of its objects. Cheap when no comment looks
    /// like one.
    #[must_use]
    pub fn read_yaml(source: &Arc<Source>, documents: &[Document], comments: &[Span]) -> Self {
        let mut found = Self { path: source.path().to_owned(), list: Vec::new() };
        let mut nodes = None;
        for span in comments {
            let line = source.lines().line_of(span.start);
            let mut next = || {
                if has_text_before(source, *span) {
                    return Scope::Lines(line, line);
                }
                let nodes: &Vec<(u32, u32)> = nodes.get_or_insert_with(|| node_lines(source, documents));
                let at = nodes.partition_point(|(first, _)| *first <= line);
                let (first, last) = nodes.get(at).copied().unwrap_or((0, 0));
                Scope::Lines(first, last)
            };
            if !found.read_dclint(source, *span, line, &mut next) && may_suppress(source.slice(*span)) {
                found.read_comment(source, *span, next());
            }
        }
        for document in documents {
            found.read_annotations(source, document);
        }
        found
    }

    /// `dclint disable…`; whether the comment is one.
    fn read_dclint(
        &mut self,
        source: &Arc<Source>,
        span: Span,
        line: u32,
        next: &mut impl FnMut() -> Scope,
    ) -> bool {
        let Ok(text) = std::str::from_utf8(source.slice(span)) else { return false };
        let said = text.trim_start_matches('#').trim_start();
        let Some(said) = said.strip_prefix("dclint").and_then(|rest| rest.strip_prefix([' ', '\t'])) else {
            return false;
        };
        let said = said.trim_start();
        let word = said.split_ascii_whitespace().next().unwrap_or_default();
        let scope = match word {
            "disable-file" => Scope::File,
            "disable" if line == 1 => Scope::File,
            "disable-line" => Scope::Lines(line, line),
            "disable-next-line" => match next() {
                Scope::Lines(first, _) if first != line => Scope::Lines(first, first),
                other => other,
            },
            _ => return false,
        };
        let ids = &said[word.len()..];
        let mut at = span.end - ids.len() as u32;
        let mut none = true;
        for id in ids.split([' ', '\t', ',']) {
            if !id.is_empty() {
                none = false;
                self.add(scope, rules(id), id, Place::new(source, Span::new(at, at + id.len() as u32)));
            }
            at += id.len() as u32 + 1;
        }
        if none {
            let start = span.end - said.len() as u32;
            let place = Place::new(source, Span::new(start, start + word.len() as u32));
            self.add(scope, Target::All(find_by_alias(is_kebab)), word, place);
        }
        true
    }

    /// Suppressions of other tools; unknown ids are theirs alone.
    fn add(&mut self, scope: Scope, target: Target, written: &str, place: Place) {
        if !matches!(target, Target::Nothing) {
            let written = written.into();
            self.list.push(Suppression { form: Form::Peer, scope, target, written, place, has_reason: true });
        }
    }

    /// The annotations of an object, of the items of a list, and of the pods that they make.
    fn read_annotations(&mut self, source: &Arc<Source>, document: &Document) {
        let root = &document.root;
        let items = root.get("items").map(Node::items).unwrap_or_default();
        for object in std::iter::once(root).chain(items) {
            let lines = lines_of(source, object);
            for path in [&["metadata", "annotations"][..], &["spec", "template", "metadata", "annotations"]] {
                for entry in object.at(path).map(Node::entries).unwrap_or_default() {
                    self.read_annotation(source, Scope::Lines(lines.0, lines.1), entry);
                }
            }
        }
    }

    fn read_annotation(&mut self, source: &Arc<Source>, scope: Scope, entry: &Entry) {
        let Some(key) = entry.key.text() else { return };
        if key == KUBE_LINTER_ALL {
            self.add(scope, Target::All(find_by_alias(is_kebab)), key, entry.key.place.clone());
        } else if let Some(check) = key.strip_prefix(KUBE_LINTER) {
            self.add(scope, rules(check), check, part(source, &entry.key, check));
        } else if key.starts_with(CHECKOV) {
            let id = entry.value.text().unwrap_or_default();
            let id = id.split_once('=').map_or(id, |(id, _)| id).trim();
            self.add(scope, rules(id), id, part(source, &entry.value, id));
        }
    }
}

/// Whether a comment can be one that the other forms know; most comments are prose.
fn may_suppress(comment: &[u8]) -> bool {
    memchr::memmem::find(comment, b"ignore").is_some() || memchr::memmem::find(comment, b"skip").is_some()
}

/// Whether an alias is a name in words (`no-version-field`), as dclint and kube-linter have them.
fn is_kebab(alias: &str) -> bool {
    alias.contains('-') && alias.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// The part of a node that says an id; the node when escapes hide it.
fn part(source: &Arc<Source>, node: &Node, id: &str) -> Place {
    let span = node.place.span;
    let Some(at) = memchr::memmem::find(source.slice(span), id.as_bytes()) else { return node.place.clone() };
    let start = span.start + at as u32;
    Place::new(source, Span::new(start, start + id.len() as u32))
}

fn has_text_before(source: &Source, comment: Span) -> bool {
    let before = &source.bytes()[..comment.start as usize];
    let line = before.rsplit(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    !line.trim_ascii().is_empty()
}

fn lines_of(source: &Source, node: &Node) -> (u32, u32) {
    let Span { start, end } = node.place.span;
    (source.lines().line_of(start), source.lines().line_of(end.max(start + 1) - 1))
}

/// First and last line of every key with its value and of every list item, as they are written, outer ones first.
fn node_lines(source: &Source, documents: &[Document]) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Node> = documents.iter().rev().map(|document| &document.root).collect();
    let mut covers: Vec<(&Node, u32)> = Vec::new();
    while let Some(node) = waiting.pop() {
        if let Some((_, first)) = covers.pop_if(|(known, _)| std::ptr::eq(*known, node)) {
            let is_elsewhere = is_alias(node);
            let last = if is_elsewhere { first } else { lines_of(source, node).1.max(first) };
            found.push((first, last));
            if is_elsewhere {
                continue;
            }
        }
        let own = |entry: &&Entry| {
            let (all, key) = (node.place.span, entry.key.place.span);
            all.start <= key.start && key.end <= all.end
        };
        for entry in node.entries().iter().rev().filter(own) {
            waiting.push(&entry.value);
            covers.push((&entry.value, lines_of(source, &entry.key).0));
        }
        for item in node.items().iter().rev() {
            waiting.push(item);
            covers.push((item, lines_of(source, item).0));
        }
    }
    // What an alias brought is out of order.
    found.sort_by_key(|(first, _)| *first);
    found
}

fn is_alias(node: &Node) -> bool {
    node.properties.as_ref().is_some_and(|properties| properties.alias.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;

    /// Each suppression as `first-last ids`.
    fn read(text: &str) -> Vec<String> {
        let source = Source::new("compose.yaml", text.as_bytes().to_vec());
        let stream = yaml::parse(&source);
        let found = Suppressions::read_yaml(&source, &stream.documents, &stream.comments);
        let line = |one: &Suppression| {
            assert_eq!(one.place.text(), one.written.as_str());
            let scope = match one.scope {
                Scope::File => "file".to_owned(),
                Scope::Lines(first, last) => format!("{first}-{last}"),
            };
            let all = matches!(one.target, Target::All(_));
            format!("{scope} {}{}", one.written, if all { " all" } else { "" })
        };
        found.list.iter().map(line).collect()
    }

    #[test]
    fn comments() {
        for (text, expected) in [
            ("# plimsoll ignore=waiver reason=x\na:\n  b: 1\nc: 2\n", vec!["2-3 waiver"]),
            ("a:\n  b: 1 # plimsoll ignore=waiver reason=x\n  c: 2\n", vec!["2-2 waiver"]),
            ("a:\n  # plimsoll ignore=waiver\n\n  # why\n  b:\n  - 1\n  - 2\nc: 3\n", vec!["5-7 waiver"]),
            ("a:\n# plimsoll ignore=waiver\n- b: 1\n  c: 2\n- d\n", vec!["3-4 waiver"]),
            ("a: |\n  # plimsoll ignore=waiver\n", vec![]),
            ("a: 1\n# plimsoll ignore=waiver\n", vec!["0-0 waiver"]),
            ("# plimsoll ignore-file=waiver\na: 1\n", vec!["file waiver"]),
            ("x: &x\n  y: 1\n# plimsoll ignore=waiver\nz: *x\nw:\n  <<: *x\n  v: 1\n", vec!["4-4 waiver"]),
            ("w:\n  v: 1\n# plimsoll ignore=waiver\n---\nb:\n  c: 1\n", vec!["5-6 waiver"]),
            ("# checkov:skip=waiver:why\na: 1\n", vec!["file waiver"]),
            ("#trivy:ignore:waiver\na:\n  b: 1\n", vec!["2-3 waiver"]),
            ("a: 1 #trivy:ignore:waiver\nb: 1\n", vec!["1-1 waiver"]),
            ("# dclint disable-file\na: 1\n", vec!["file disable-file all"]),
            ("# dclint disable\na: 1\n", vec!["file disable all"]),
            ("# dclint disable waiver, runtime-user\na: 1\n", vec!["file waiver", "file runtime-user"]),
            ("a: 1\n# dclint disable waiver\n", vec![]),
            ("a: 1 # dclint disable-line waiver\nb: 2\n", vec!["1-1 waiver"]),
            ("a: 1\n# dclint disable-next-line waiver\nb:\n  c: 1\n", vec!["3-3 waiver"]),
            ("# dclint disable nobody-has-this\na: 1\n", vec![]),
            ("# dclint disabled\n# skip this\n# ignore that\na: 1\n", vec![]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn annotations() {
        let text = "kind: Pod\nmetadata:\n  annotations:\n    checkov.io/skip1: waiver=why\n    \
                    ignore-check.kube-linter.io/runtime-user: why\n    other: x\n---\nkind: List\nitems:\n\
                    - kind: Pod\n  metadata:\n    annotations: {checkov.io/skip2: \"waiver=x\"}\n- kind: Pod\n\
                    ---\nspec:\n  template:\n    metadata:\n      annotations:\n        \
                    kube-linter.io/ignore-all: x\n";
        let expected =
            ["1-6 waiver", "1-6 runtime-user", "10-12 waiver", "15-19 kube-linter.io/ignore-all all"];
        assert_eq!(read(text), expected);
    }

    #[test]
    fn many_comments_take_linear_time() {
        let text = "# plimsoll ignore=waiver reason=x\na: 1\n".repeat(20_000);
        let found = read(&text);
        assert_eq!(
            (found.len(), found[0].as_str(), found[19_999].as_str()),
            (20_000, "2-2 waiver", "40000-40000 waiver")
        );
    }
}
