//! Violations: their words, their places, and the branch that was meant.

use super::{Schema, ViolationKind};
use crate::source::Source;
use crate::syntax::yaml::{Typing, parse};

const SCHEMA: &str = r##"{
  "type": "object",
  "properties": {
    "user": {"type": "string"},
    "ports": {"type": "array", "items": {"oneOf": [
      {"type": "number"}, {"type": "string"},
      {"type": "object", "properties": {"target": {"type": "integer", "minimum": 1}, "mode": {"enum": ["host", "ingress"]}},
       "required": ["target"], "additionalProperties": false}]}},
    "build": {"oneOf": [{"type": "string"}, {"$ref": "#/$defs/build"}]},
    "env": {"$ref": "#/$defs/env"},
    "name": {"type": "string", "pattern": "^[a-z]+$"},
    "tags": {"type": "array", "uniqueItems": true}
  },
  "allOf": [{"$ref": "#/$defs/base"}],
  "unevaluatedProperties": false,
  "$defs": {
    "base": {"properties": {"image": {"type": "string"}, "init": {"type": ["boolean", "string"]}}},
    "build": {"type": "object", "properties": {"context": {"type": "string"}}, "additionalProperties": false},
    "env": {"oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "string"}}]}
  }
}"##;

fn told(text: &str) -> Vec<(u32, String, Option<String>)> {
    let source = Source::new("x.yaml", text.as_bytes().to_vec());
    let stream = parse(&source);
    let schema = Schema::compile(SCHEMA).expect("the schema compiles");
    let violations = schema.check(&stream.documents[0].root, Typing::Compose);
    violations.into_iter().map(|it| (it.place.start().line, it.message, it.help)).collect()
}

#[test]
fn violations_say_what_is_wrong_and_where() {
    for (text, line, message, help) in [
        (
            "user: 10001",
            1,
            "`user` must be a string, is the number `10001`",
            Some("put it in quotes: `\"10001\"`"),
        ),
        ("image: a\nport: []", 2, "unknown key `port`, did you mean `ports`", Some("write `ports:`")),
        // One wrong part does not make its neighbours unknown.
        (
            "image: 3\ninit: true",
            1,
            "`image` must be a string, is the number `3`",
            Some("put it in quotes: `\"3\"`"),
        ),
        ("ports:\n- target: 0", 2, "`ports[0].target` is `0`, must be at least 1", None),
        (
            "ports:\n- mode: host",
            2,
            "`ports[0]` lacks the key `target`",
            Some("write `target:` with its value"),
        ),
        (
            "ports:\n- target: 80\n  mode: hots",
            3,
            "`ports[0].mode` is `hots`, must be one of `host`, `ingress`",
            Some("write `host`"),
        ),
        ("ports:\n- [1]", 2, "`ports[0]` must be a string, a number or a mapping, is a list", None),
        (
            "build:\n  contxt: .",
            2,
            "`build`: unknown key `contxt`, did you mean `context`",
            Some("write `context:`"),
        ),
        (
            "build: 3",
            1,
            "`build` must be a string or a mapping, is the number `3`",
            Some("put it in quotes: `\"3\"`"),
        ),
        ("env: [1]", 1, "`env[0]` must be a string, is the number `1`", Some("put it in quotes: `\"1\"`")),
        (
            "env: A=1",
            1,
            "`env` must be a list or a mapping, is the text `A=1`",
            Some("write a list: `[\"A=1\"]`"),
        ),
        ("name: A", 1, "`name` is `A`, which does not match `^[a-z]+$`", None),
        ("image:", 1, "`image` must be a string, is empty", Some("give it a value, or take the key out")),
        ("tags: [a, {b: 1}, {b: 1}]", 1, "`tags` holds one item twice", None),
        (
            "- a",
            1,
            "the document must be a mapping, is a list",
            Some("write `key: value` lines without `- `"),
        ),
    ] {
        let help = help.map(str::to_owned);
        assert_eq!(told(text), [(line, message.to_owned(), help)], "{text}");
    }
}

#[test]
fn what_fits_says_nothing() {
    for text in [
        "user: \"10001\"",
        "user: !!str 10001",
        "user: !reset 1",
        "port: !reset null\nimage: a",
        "ports: [80, \"81\", {target: 82}]",
        "tags: [1, \"1\", [a], {a: 1}]",
        "{}",
    ] {
        assert_eq!(told(text), [], "{text}");
    }
}

#[test]
fn schemas_that_cannot_be_used_say_why() {
    for (text, why) in [
        ("{", "is no JSON: "),
        (r#"{"type": "strin"}"#, "is no JSON Schema: "),
        (r#"{"$ref": "https://example.com/x.json"}"#, "is no JSON Schema: "),
        (r#"{"pattern": "("}"#, "is no JSON Schema: "),
    ] {
        let error = Schema::compile(text).expect_err(text);
        assert!(error.starts_with(why), "{text}: {error}");
    }
}

#[test]
fn many_violations_are_cut() {
    let text: String = (0..5000).map(|at| format!("k{at}: 1\n")).collect();
    let told = told(&text);
    assert_eq!(told.len(), super::MAX_VIOLATIONS);
    let source = Source::new("x", b"a: 1".to_vec());
    let tree = parse(&source);
    let schema = Schema::compile(SCHEMA).expect("the schema compiles");
    let found = schema.check(&tree.documents[0].root, Typing::Core);
    assert_eq!(found[0].kind, ViolationKind::UnknownKey);
    assert!(found[0].path.is_empty());
}
