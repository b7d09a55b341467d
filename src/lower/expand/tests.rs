use super::*;

fn run(text: &str) -> Expansion {
    let lookup = |name: &str| match name {
        "A" => Some(Value::known("one.two.three")),
        "E" => Some(Value::known("")),
        "N" => Some(Value { text: SmolStr::default(), unknown: Some(Unknown::Variable("N".into())) }),
        _ => None,
    };
    expand(text, b'\\', &lookup)
}

#[test]
fn forms_of_the_reference() {
    for (text, want) in [
        ("plain", "plain"),
        ("$A", "one.two.three"),
        ("${A}x", "one.two.threex"),
        ("'$A'", "$A"),
        ("\"$A\"", "one.two.three"),
        ("\\$A", "$A"),
        ("\"\\${A}_x\"", "${A}_x"),
        ("\"a\\b\"", "a\\b"),
        ("a\\ b", "a b"),
        ("$U", ""),
        ("${U:-d}", "d"),
        ("${E:-d}", "d"),
        ("${E-d}", ""),
        ("${N:-d}", "d"),
        ("${N:+d}", ""),
        ("${A:+/}", "/"),
        ("${U:-${A}}", "one.two.three"),
        ("${A#*.}", "two.three"),
        ("${A##*.}", "three"),
        ("${A%.*}", "one.two"),
        ("${A%%.*}", "one"),
        ("${A/two/2}", "one.2.three"),
        ("${A//./-}", "one-two-three"),
        ("$", "$"),
        ("a$", "a$"),
    ] {
        let got = run(text);
        assert_eq!((got.value.certain(), &got.error), (Some(want), &None), "{text}");
    }
}

#[test]
fn faults_are_named_once() {
    for text in ["${{ x }}", "${}", "${:x}", "${A:x}", "${A", "'a", "\"a", "${A^}"] {
        assert!(run(text).error.is_some(), "{text}");
    }
}

#[test]
fn a_name_without_value_stays_as_written() {
    let got = run("x-${N}-y");
    assert_eq!(got.value.text, "x-${N}-y");
    assert_eq!(got.value.unknown, Some(Unknown::Variable("N".into())));
}

#[test]
fn nesting_and_size_are_capped() {
    let deep = format!("{}{}", "${U:-".repeat(5_000), "}".repeat(5_000));
    assert!(run(&deep).value.unknown.is_some());
    let long = "x".repeat(MAX_VALUE + 1);
    assert_eq!(run(&long).value.unknown, Some(Unknown::TooLarge));
}
