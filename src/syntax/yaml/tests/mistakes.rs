//! What is said about texts that are no YAML, and templates.

use super::*;

/// The first problem: `line:column message`, with the related place behind it.
fn first(text: &str) -> String {
    let stream = read(text);
    assert_eq!(stream.template, None, "{text}");
    let Some(problem) = stream.problems.first() else { return String::new() };
    let related = problem.related.as_ref().map(|(place, _)| format!(" <- {}", at(place)));
    format!("{} {}{}", at(&problem.place), problem.message, related.unwrap_or_default())
}

#[test]
fn sentences() {
    for (text, expected) in [
        ("a:\n\tb: 1\n", "2:1 a tab stands where only blanks may"),
        ("a:\n  b: 1\n\tc: 2\n", "3:1 a tab stands where only blanks may"),
        ("a: b: c\n", "1:5 `:` is not allowed here: put the text in quotes"),
        ("a: 1\n b: 2\n", "2:3 this key is indented deeper than the value above it allows"),
        ("a:\n    b: 1\n  c: 2\n", "3:3 the indentation fits no mapping above"),
        ("- a\nb: 1\n", "2:1 a list item begins with `- `"),
        ("key: value\nno colon here\nb: 1\n", "2:1 this line is no `key: value`"),
        ("a: 1\n: b\n", "2:1 a key is missing in front of this `:`"),
        ("{: b}\n", "1:2 a key is missing"),
        ("? \n: b\n", ""),
        ("? a\n: b\n", ""),
        ("- : b\n", "1:3 a key is missing"),
        ("a: @foo\n", "1:4 a text may not begin with `@`"),
        ("a: %x\n", "1:4 a text may not begin with `%`"),
        ("a: \u{1}b\n", "1:4 the character U+0001 may not stand in YAML"),
        ("a: \0b\n", "1:4 the character U+0000 may not stand in YAML"),
        ("a: ]\n", "1:4 this bracket closes nothing"),
        ("a: [1}\n", "1:4 `}` does not close `[`"),
        ("a: \"x\" y\n", "1:8 text stands behind the closing quote"),
        ("a: \"\\q\"\n", "1:4 an escape in these double quotes is unknown"),
        ("a: !foo!bar x\n", "1:4 the tag has a prefix that no `%TAG` declares"),
        ("a: - b\n", "1:4 `- ` is not allowed here"),
        ("a: [- b]\n", "1:5 `- ` is not allowed inside brackets"),
        ("a: |x\n  y\n", "1:4 behind `|` or `>` only `-`, `+`"),
        ("a: 1\n* b: 2\n", "2:1 a name is missing"),
    ] {
        let found = first(text);
        assert!(found.starts_with(expected), "{text:?}: {found}");
        assert_eq!(found.is_empty(), expected.is_empty(), "{text:?}: {found}");
    }
}

#[test]
fn what_is_not_closed_is_named_where_it_opens() {
    for (text, expected) in [
        ("a: \"unclosed\nb: 1\n", "1:4 this quote is not closed"),
        ("x: 'y'\na: 'x\nb: 'y'\n", "2:4 this quote is not closed"),
        ("a: # it's\n  - 'x\n", "2:5 this quote is not closed"),
        ("a: \"x\n  y", "1:4 this quote is not closed"),
        ("a: [1, 2\nb: c\n", "1:4 `[` is not closed: `]` or a comma is missing"),
        ("a: {b: 1\nc: d\n", "1:4 `{` is not closed: `}` or a comma is missing"),
        ("a: [1, [2, 3]\n", "1:4 `[` is not closed"),
        ("a: [1, 2", "1:4 `[` is not closed"),
        ("a: {b: 1 c: 2}\n", "1:11 "),
    ] {
        let found = first(text);
        assert!(found.starts_with(expected), "{text:?}: {found}");
    }
    assert!(first("a: [1, 2\nb: c\n").ends_with(" <- 2:2"));
}

#[test]
fn other_documents_are_read() {
    let stream = read("a: 1\n---\nb: [\n---\nc: 3\n---\n\"x\": 'y\n---\nd: 4\n");
    assert_eq!(documents(&stream), ["{a: 1}", "{c: 3}", "{d: 4}"]);
    assert_eq!(problems(&stream), ["3:4 Syntax [", "7:6 Syntax ' <- 8:1"]);
    let stream = read("a: 1\n---\n* x\n---\n* x\n...\nb: 2\n");
    assert_eq!((documents(&stream), stream.problems.len()), (vec!["{a: 1}".into(), "{b: 2}".into()], 2));
}

#[test]
fn templates() {
    for (text, expected) in [
        ("image: {{ .Values.image }}\n", Some("{{ .Values.image }}")),
        ("a:\n  {{- include \"x\" . | nindent 4 }}\n", Some("{{- include \"x\" . | nindent 4 }}")),
        ("{{ if .Values.x }}\na: 1\n{{ end }}\n", Some("{{ if .Values.x }}")),
        ("{{- define \"x\" -}}\na: 1\n", Some("{{- define \"x\" -}}")),
        ("{% if x %}\na: 1\n{% endif %}\n", Some("{% if x %}")),
        ("a: 1\n---\n{% if x %}\na: 1\n{% endif %}\n", Some("{% if x %}")),
        ("{# note #}\na: 1\n", Some("{# note #}")),
        ("<% if x %>\na: 1\n<% end %>\n", Some("<% if x %>")),
        ("a: <%= x %>\n", Some("<%= x %>")),
        ("args: [{{ .a }}]\n", Some("{{ .a }}")),
        ("- {{ .a }}\n", Some("{{ .a }}")),
        ("{{ .a }}: 1\n", Some("{{ .a }}")),
        ("a: {{ .a }}-{{ .b }}\n", Some("{{ .a }}")),
        ("a: b\n{{ with .c }}d: 1{{ end }}\n", Some("{{ with .c }}")),
        // Text is text, whatever stands in it.
        ("a: \"{{ .x }}\"\n", None),
        ("image: repo:{{ tag }}\n", None),
        ("a: ${{ github.sha }}\n", None),
        ("a: |\n  {{ if }}\n  {% x %}\n", None),
        ("# {{ x }}\na: 1\n", None),
        ("a: {b: {c: 1}}\n", None),
    ] {
        let stream = read(text);
        let found = stream.template.map(|span| &text[span.range()]);
        assert_eq!(found, expected, "{text:?}");
        assert!(stream.problems.is_empty(), "{text:?}");
        assert_eq!(stream.documents.is_empty(), expected.is_some(), "{text:?}");
    }
}

#[test]
fn mistakes_next_to_text_that_looks_like_a_template() {
    for text in [
        "a: \"{{ .x }}\"\nb: c: d\n",
        "a: |\n  {{ if }}\nb: c: d\n",
        "# {{ x }}\nb: c: d\n",
        "b: [${{ x }}]\n",
        "a: ${{ x }}\nb: c: d\n",
        "a: 'x\n  {{ y }}'\nb: c: d\n",
    ] {
        let stream = read(text);
        assert_eq!((stream.template, stream.problems.len()), (None, 1), "{text:?}");
    }
}
