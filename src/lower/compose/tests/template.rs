use super::super::template::{TemplateError, substitute};

fn value(name: &str) -> Option<&'static str> {
    match name {
        "FOO" => Some("first"),
        "EMPTY" => Some(""),
        _ => None,
    }
}

fn put(text: &str) -> Result<String, TemplateError> {
    let mut budget = 1 << 16;
    substitute(text, &|name| value(name), &mut budget).map(|done| done.text)
}

#[test]
fn variables_are_put_in() {
    for (text, want) in [
        ("plain", "plain"),
        ("$FOO-bar ${FOO}bar $foo_1x", "first-bar firstbar "),
        ("a $ string", "a $ string"),
        ("^REGEX$", "^REGEX$"),
        ("$} $9 $-x", "$} $9 $-x"),
        ("$${FOO} $$FOO $$$FOO", "${FOO} $FOO $first"),
        ("${NO}|${EMPTY}", "|"),
        ("${NO:-a}${EMPTY:-b}${FOO:-c}", "abfirst"),
        ("${NO-a}${EMPTY-b}${FOO-c}", "afirst"),
        ("${NO:+a}${EMPTY:+b}${FOO:+c}", "c"),
        ("${NO+a}${EMPTY+b}${FOO+c}", "bc"),
        ("${FOO:?m}${FOO?m}${EMPTY?m}", "firstfirst"),
        ("${NO:-/a:-b}", "/a:-b"),
        ("${NO-a?b}", "a?b"),
        ("${NO:-${EMPTY:-$FOO} ${FOO:+x}}y", "first xy"),
        ("${NO:-$${FOO}}", "${FOO}"),
        ("${NO:-a}} ${NO:-{b}", "a} {b"),
        ("${NO:-}", ""),
        ("+ok ${NO:-${EMPTY-d}}", "+ok "),
        ("é${NO:-ü}é", "éüé"),
        ("${NO:-a} and ${NO:-b}", "a and b"),
    ] {
        assert_eq!(put(text).as_deref(), Ok(want), "{text}");
    }
}

#[test]
fn braces_must_hold_a_variable() {
    for text in [
        "${",
        "${}",
        "${ }",
        "${ FOO}",
        "${FOO }",
        "${FOO!}",
        "${1}",
        "${FOO",
        "${NO:-a\nb}",
        "${NO:-${B C}}",
    ] {
        assert_eq!(put(text), Err(TemplateError::Malformed), "{text}");
    }
}

#[test]
fn what_must_be_there_is_told() {
    for (text, message) in
        [("${NO:?gone}", "gone"), ("${EMPTY:?is ${FOO}}", "is first"), ("${NO?}", ""), ("${NO?a-b}", "a-b")]
    {
        let Err(TemplateError::Required(_, told)) = put(text) else { panic!("{text}") };
        assert_eq!(told, message, "{text}");
    }
}

#[test]
fn every_variable_is_told() {
    let done = substitute("$FOO ${NO:-${EMPTY}}", &|name| value(name), &mut 100).unwrap();
    let uses: Vec<(&str, &str, bool)> =
        done.variables.iter().map(|it| (it.name.as_str(), it.operator.as_str(), it.is_set)).collect();
    assert_eq!(uses, [("FOO", "", true), ("EMPTY", "", true), ("NO", ":-", false)]);
    assert_eq!(done.variables[2].argument, "${EMPTY}");
}

#[test]
fn deep_and_long_texts_end() {
    let deep = "${A:-".repeat(10_000) + "x" + &"}".repeat(10_000);
    assert_eq!(put(&deep).as_deref(), Ok("x"));
    assert_eq!(put(&"${A:-".repeat(10_000)), Err(TemplateError::Malformed));
    assert_eq!(put(&("${A:-".repeat(10_000) + "}")), Err(TemplateError::Malformed));
    assert_eq!(put(&"$FOO".repeat(20_000)), Err(TemplateError::TooLarge));
}
