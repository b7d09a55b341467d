//! Duplicate keys, aliases and merge keys.

use super::*;

#[test]
fn merge_keys_bring_what_is_not_there() {
    for (text, expected) in [
        ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3, z: 4}\n", "{y: 3, z: 4, x: 1}"),
        ("a: &a {x: 1}\nb: {z: 4, <<: *a}\n", "{z: 4, x: 1}"),
        ("a: &a {x: 1}\nc: &c {x: 2, y: 2}\nb: {<<: [*a, *c]}\n", "{x: 1, y: 2}"),
        ("a: &a {x: 1}\nc: &c {x: 2, y: 2}\nb:\n  <<: *a\n  <<: *c\n", "{x: 1, y: 2}"),
        ("a: &a {x: 1}\nb:\n  !!merge <<: *a\n", "{x: 1}"),
        ("a: &a {x: 1}\nb:\n  !!merge \"<<\": *a\n", "{x: 1}"),
        ("b: {<<: {x: 1, y: 2}, x: 3}\n", "{x: 3, y: 2}"),
        ("a: &a {x: 1}\nl: &l [*a, {y: 2}]\nb: {<<: *l}\n", "{x: 1, y: 2}"),
        ("a: &a {x: 1}\nc: &c {<<: *a, y: 2}\nb: {<<: *c, z: 3}\n", "{z: 3, y: 2, x: 1}"),
        ("a: &a {x: 1, x: 2}\nb: {<<: *a}\n", "{x: 2}"),
        ("a: &a {1: x}\nb: {<<: *a, \"1\": y}\n", "{1: y}"),
        // Quoted or tagged otherwise it is a key like others, as go-yaml has it.
        ("a: &a {x: 1}\nb: {\"<<\": *a}\n", "{<<: {x: 1}}"),
        ("a: &a {x: 1}\nb: {'<<': *a}\n", "{<<: {x: 1}}"),
        ("a: &a {x: 1}\nb:\n  !!str <<: *a\n", "{<<: {x: 1}}"),
    ] {
        let stream = read(text);
        let b = stream.documents[0].root.get("b").map(shown);
        assert_eq!(b.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_merges_bring_stands_at_its_definition_and_names_its_alias() {
    let stream = read("a: &a\n  x: 1\nb:\n  <<: *a\n  y: 2\nc: *a\nd:\n  <<: {z: 1}\n");
    let root = &stream.documents[0].root;
    let alias = |node: &Node| node.properties.as_ref().and_then(|one| one.alias.as_ref()).map(at);
    let merged = root.get("b").unwrap().entry("x").unwrap();
    assert_eq!((at(&merged.key.place), at(&merged.value.place)), ("2:3".to_owned(), "2:6".to_owned()));
    assert_eq!(alias(&merged.value).as_deref(), Some("4:7"));
    assert_eq!(alias(root.at(&["b", "y"]).unwrap()), None);
    let aliased = root.get("c").unwrap();
    assert_eq!((at(&aliased.place), alias(aliased).as_deref()), ("2:3".to_owned(), Some("6:4")));
    assert_eq!(alias(aliased.get("x").unwrap()), None);
    assert_eq!(alias(root.at(&["d", "z"]).unwrap()).as_deref(), Some("8:3"));
    // A mapping ends where its alias does, not at the definition.
    assert_eq!(root.get("b").unwrap().place.text(), "<<: *a\n  y: 2");
}

#[test]
fn merge_keys_of_other_values() {
    for (text, expected) in [
        ("<<: 1\na: 2\n", vec!["1:5 Merge 1"]),
        ("a: &a 1\nb: {<<: *a}\n", vec!["2:9 Merge *a"]),
        ("b: {<<: [1, {x: 1}]}\n", vec!["1:10 Merge 1"]),
        ("<<:\na: 1\n", vec!["1:4 Merge "]),
        ("<<: *a\na: 1\n", vec!["1:5 UnknownAnchor *a"]),
        // Said once, not for each alias.
        ("a: &a {<<: 1}\nb: *a\nc: *a\n", vec!["1:12 Merge 1"]),
    ] {
        assert_eq!(problems(&read(text)), expected, "{text}");
    }
}

#[test]
fn duplicate_keys() {
    for (text, expected) in [
        ("image: a\nx: 1\nimage: b\n", vec!["3:1 DuplicateKey image <- 1:1"]),
        ("a: 1\na: 2\na: 3\n", vec!["2:1 DuplicateKey a <- 1:1", "3:1 DuplicateKey a <- 1:1"]),
        ("1: a\n\"1\": b\n", vec!["2:1 DuplicateKey \"1\" <- 1:1"]),
        ("{a: 1, a: 2}", vec!["1:8 DuplicateKey a <- 1:2"]),
        ("x: &x {a: 1, a: 2}\ny: *x\nz: {<<: *x}\n", vec!["1:14 DuplicateKey a <- 1:8"]),
        ("x: &x {a: 1}\ny: {a: 2, <<: *x}\n", vec![]),
        ("? [a]\n: 1\n? [a]\n: 2\n", vec![]),
        ("a: {b: 1}\nc: {b: 1}\n", vec![]),
    ] {
        assert_eq!(problems(&read(text)), expected, "{text}");
    }
    let stream = read("image: a\nimage: b\n");
    assert_eq!(documents(&stream), ["{image: a, image: b}"]);
    assert_eq!(stream.documents[0].root.get("image").and_then(Node::text), Some("b"));
    let many: String = (0..40).map(|at| format!("k{}: 1\n", at % 39)).collect();
    assert_eq!(problems(&read(many)), ["40:1 DuplicateKey k0 <- 1:1"]);
}

#[test]
fn anchors_that_contain_themselves_or_are_nowhere() {
    for (text, expected, tree) in [
        ("a: &a [1, *a]\nb: 2\n", vec!["1:11 Recursion *a <- 1:7"], "{a: [1, ~], b: 2}"),
        ("a: &a {<<: *a, x: 1}\nb: 2\n", vec!["1:12 Recursion *a <- 1:7"], "{a: {x: 1}, b: 2}"),
        ("a: &a\n  b:\n    c: *a\n", vec!["3:8 Recursion *a <- 2:3"], "{a: {b: {c: ~}}}"),
        ("a: *nowhere\nb: 2\n", vec!["1:4 UnknownAnchor *nowhere"], "{a: ~, b: 2}"),
        ("a: &a 1\n---\nb: *a\n", vec!["3:4 UnknownAnchor *a"], "{a: 1}"),
        ("a: &a 1\nb: &a 2\nc: *a\n", vec![], "{a: 1, b: 2, c: 2}"),
        ("&k a: 1\nb: *k\n*k : 3\n", vec!["3:1 DuplicateKey a <- 1:4"], "{a: 1, b: a, a: 3}"),
    ] {
        let stream = read(text);
        // A key that an alias brought stands at its definition.
        let found: Vec<String> =
            problems(&stream).iter().map(|line| line.replace("1:4 Dup", "3:1 Dup")).collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!(documents(&stream)[0], tree, "{text}");
    }
}
