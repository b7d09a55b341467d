//! Places and texts of nodes.

use super::*;
use crate::source::Span;

/// The nodes of a tree in order, each as the text of its place in brackets; an empty one as its offset.
fn places(text: impl AsRef<[u8]>) -> Vec<String> {
    let stream = read(text);
    assert_eq!(problems(&stream), Vec::<String>::new());
    let mut found = Vec::new();
    let mut waiting: Vec<&Node> = stream.documents.iter().rev().map(|document| &document.root).collect();
    while let Some(node) = waiting.pop() {
        let Span { start, .. } = node.place.span;
        found.push(if node.place.span.is_empty() {
            format!("@{start}")
        } else {
            node.place.text().into_owned()
        });
        waiting.extend(node.items().iter().rev());
        waiting.extend(node.entries().iter().rev().flat_map(|entry| [&entry.value, &entry.key]));
        assert!(std::ptr::eq(Arc::as_ptr(source(node)), Arc::as_ptr(source(&stream.documents[0].root))));
    }
    found
}

#[test]
fn every_kind_of_node() {
    for (text, expected) in [
        ("a: 'x y'  # c\n", vec!["a: 'x y'", "a", "'x y'"]),
        ("\"a\": \"é\\n\"\n", vec!["\"a\": \"é\\n\"", "\"a\"", "\"é\\n\""]),
        ("a: &x !!str 10\n", vec!["a: &x !!str 10", "a", "10"]),
        ("- a\n- b\n", vec!["a\n- b", "a", "b"]),
        ("a:\n- b\n\n# c\n", vec!["a:\n- b", "a", "b", "b"]),
        ("a: [1, {b: 2}]  \n", vec!["a: [1, {b: 2}]", "a", "[1, {b: 2}]", "1", "{b: 2}", "b", "2"]),
        ("[a: b]", vec!["[a: b]", "a: b", "a", "b"]),
        ("{ }", vec!["{ }"]),
        ("a:\nb:  # c\n", vec!["a:\nb:", "a", "@2", "b", "@5"]),
        ("{a: , b}", vec!["{a: , b}", "a", "@3", "b", "@7"]),
        ("-\n- x\n-\n", vec!["\n- x\n-", "@1", "x", "@7"]),
        ("a: !t\nb: &x\n", vec!["a: !t\nb: &x", "a", "@5", "b", "@11"]),
        ("? a\n: b\n? c\n", vec!["a\n: b\n? c", "a", "b", "c", "@11"]),
        (
            "a: |  # c\n  x\n   y\n\n\nb: 1\n",
            vec!["a: |  # c\n  x\n   y\n\n\nb: 1", "a", "x\n   y", "b", "1"],
        ),
        ("a: >-\n\n\n", vec!["a: >-", "a", ">-"]),
        ("a: x\n  y z  # c\n", vec!["a: x\n  y z", "a", "x\n  y z"]),
        ("\u{feff}a: 1", vec!["a: 1", "a", "1"]),
        ("a: 1\r\nb: 2\r\n", vec!["a: 1\r\nb: 2", "a", "1", "b", "2"]),
        ("a: 1\rb: 2\r", vec!["a: 1\rb: 2", "a", "1", "b", "2"]),
        ("a: |\r\n  x\r\n", vec!["a: |\r\n  x", "a", "x"]),
        ("--- 1\n--- 2\n...\n---\n", vec!["1", "2", "@19"]),
        ("a:\t'x'\t# c\n", vec!["a:\t'x'", "a", "'x'"]),
        ("\u{1F600}: \u{1F600}x\n", vec!["\u{1F600}: \u{1F600}x", "\u{1F600}", "\u{1F600}x"]),
    ] {
        assert_eq!(places(text), expected, "{text:?}");
    }
}

#[test]
fn texts_after_escapes_and_folding() {
    for (text, expected) in [
        ("\"a\\tb\\u00e9\"", "a\tb\u{e9}"),
        ("'it''s'", "it's"),
        ("a\n b\n\n c", "a b\nc"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("|-\n  a\n", "a"),
        ("|+\n  a\n\n", "a\n\n"),
        (">\n  a\n  b\n", "a b\n"),
        // As libyaml has it: there is no line end to keep.
        ("|\n  a", "a"),
        ("|\r\n  a\r\n  b\r\n", "a\nb\n"),
        ("\"a\\\n  b\"", "ab"),
    ] {
        let stream = read(text);
        let scalar = stream.documents[0].root.scalar().unwrap();
        assert_eq!(scalar.text, expected, "{text:?}");
    }
    let stream = read("a: ~\nb: null\nc: ''\nd:\n");
    let root = &stream.documents[0].root;
    let nulls: Vec<bool> = root.entries().iter().map(|entry| entry.value.is_null()).collect();
    assert_eq!(nulls, [true, true, false, true]);
}

#[test]
fn comments_in_order() {
    let text = "# one\na: | # two\n  # text\nb: '#no' # three\nc: a#b\n# four";
    let stream = read(text);
    let found: Vec<&str> = stream.comments.iter().map(|span| &text[span.range()]).collect();
    assert_eq!(found, ["# one", "# two", "# three", "# four"]);
    let many = format!("a:\n{}  b: 1\n", "  # comment\n".repeat(5000));
    let stream = read(many);
    assert_eq!((stream.comments.len(), documents(&stream)), (5000, vec!["{a: {b: 1}}".to_owned()]));
}

#[test]
fn documents_of_a_stream() {
    for (text, expected) in [
        ("", vec![]),
        ("# nothing\n", vec![]),
        ("---\n", vec!["~"]),
        ("a: 1\n---\nb: 2\n...\n---\nc: 3\n", vec!["{a: 1}", "{b: 2}", "{c: 3}"]),
        ("%YAML 1.2\n---\na: 1\n", vec!["{a: 1}"]),
        ("{\"a\": [1, true, null], \"b\": {}}", vec!["{a: [1, true, ~], b: {}}"]),
        ("a: !reset null\nb: !override [1]\n", vec!["{a: ~, b: [1]}"]),
    ] {
        assert_eq!(documents(&read(text)), expected, "{text:?}");
    }
    let tags = read("a: !reset null\nb: !override\n  - 1\nc: !!str 1\nd: !<tag:x> 1\n");
    let tag = |key: &str| tags.documents[0].root.get(key).and_then(Node::tag).map(str::to_owned);
    assert_eq!(["a", "b", "c"].map(tag), ["!reset", "!override", "!!str"].map(|one| Some(one.to_owned())));
}

#[test]
fn bytes_that_are_no_text() {
    let stream = read(b"a: x\xFFy\nb: \xC3\xA9\n");
    assert_eq!(problems(&stream), ["1:5 Syntax \u{FFFD}"]);
    assert_eq!(stream.problems[0].message, "the byte 0xFF is no UTF-8: save the file as UTF-8");
    assert_eq!(documents(&stream), ["{a: x?y, b: \u{e9}}"]);
    let stream = read(b"\xFF\xFEa\0:\0");
    assert_eq!(stream.problems[0].message, "the file is UTF-16: save it as UTF-8");
    assert!(stream.documents.is_empty());
}
