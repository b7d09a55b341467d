//! The promise of the tree: every span lies in the file and shows the text it stands for.

use plimsoll::source::Span;
use plimsoll::syntax::dockerfile::{Arguments, Dockerfile, Instruction, Text, parse};

use crate::mutation::{Random, mutated};

struct Checker<'c> {
    name: &'c str,
    bytes: &'c [u8],
}

impl Checker<'_> {
    fn span(&self, span: Span, what: &str) {
        let inside = span.start <= span.end && span.end as usize <= self.bytes.len();
        assert!(inside, "{}: {what}: {span:?} outside of {} bytes", self.name, self.bytes.len());
    }

    /// Every character is where the map says (of long texts the first and the last), unless it is decoded.
    fn text(&self, text: &Text<'_>, decoded: bool, what: &str) {
        self.span(text.span, what);
        assert!(text.segments.is_sorted_by_key(|(at, _)| *at), "{}: {what}: {:?}", self.name, text.segments);
        let last = text.text.len().saturating_sub(1);
        let step = if last < 2_000 { 1 } else { last };
        for at in (0..text.text.len()).step_by(step) {
            let span = text.source_span(at as u32, at as u32 + 1);
            self.span(span, what);
            let outside = span.start < text.span.start || span.end > text.span.end;
            assert!(!outside, "{}: {what}: {span:?} outside of {:?} {:?}", self.name, text.span, text.text);
            let character = text.text.as_bytes()[at];
            if character.is_ascii() && !decoded {
                let byte = self.bytes[span.start as usize];
                assert_eq!(byte, character, "{}: {what} at {}: {:?}", self.name, span.start, text.text);
            }
        }
    }

    fn instruction(&self, it: &Instruction<'_>) {
        self.span(it.span, "instruction");
        self.span(it.name_span, "name");
        assert!(
            it.span.start <= it.name_span.start && it.name_span.end <= it.span.end,
            "{}: {it:?}",
            self.name
        );
        for flag in &it.flags {
            self.text(&flag.raw, false, "flag");
            if let Some(value) = &flag.value {
                self.text(value, false, "flag value");
            }
        }
        for heredoc in &it.heredocs {
            self.span(heredoc.span, "heredoc");
            self.span(heredoc.body_span, "heredoc body");
            if std::str::from_utf8(self.bytes).is_ok() {
                assert_eq!(heredoc.body.as_bytes(), &self.bytes[heredoc.body_span.range()], "{}", self.name);
            }
        }
        it.empty_continuations.iter().for_each(|span| self.span(*span, "blank line"));
        self.arguments(&it.arguments);
    }

    fn arguments(&self, arguments: &Arguments<'_>) {
        match arguments {
            Arguments::Json(words) => words.iter().for_each(|it| self.json(it)),
            Arguments::Words(words) => words.iter().for_each(|it| self.text(it, false, "word")),
            Arguments::Text(text) => self.text(text, false, "text"),
            Arguments::Pairs(pairs) => {
                for pair in pairs {
                    self.text(&pair.key, false, "key");
                    if let Some(value) = &pair.value {
                        self.text(value, false, "value");
                    }
                }
            }
            Arguments::Health { kind, command } => {
                self.text(kind, false, "health");
                self.arguments(command);
            }
            Arguments::Onbuild { raw, inner } => {
                self.text(raw, false, "onbuild");
                if let Some(inner) = inner {
                    self.instruction(inner);
                }
            }
            Arguments::None => {}
        }
    }

    fn json(&self, text: &Text<'_>) {
        let written = &self.bytes[text.span.range()];
        assert!(
            written.len() >= 2 && written.first() == Some(&b'"') && written.last() == Some(&b'"'),
            "{}",
            self.name
        );
        self.text(text, written.contains(&b'\\'), "json");
    }

    fn file(&self, tree: &Dockerfile<'_>) {
        let mut end = 0;
        for it in &tree.instructions {
            assert!(end <= it.span.start, "{}: instructions overlap at {:?}", self.name, it.span);
            end = it.heredocs.iter().map(|it| it.body_span.end).fold(it.span.end, u32::max);
            self.instruction(it);
        }
        for comment in &tree.comments {
            self.span(*comment, "comment");
            assert_eq!(self.bytes[comment.start as usize], b'#', "{}", self.name);
        }
        for directive in &tree.directives {
            self.span(directive.span, "directive");
            self.span(directive.value_span, "directive value");
        }
        for error in &tree.errors {
            self.span(error.span, &error.message);
            error.related.iter().for_each(|span| self.span(*span, "related"));
        }
        tree.templates.iter().for_each(|span| self.span(*span, "template"));
        assert!(tree.errors.is_sorted_by_key(|error| error.span.start), "{}", self.name);
    }
}

/// Parses and checks every span of the tree.
pub(crate) fn assert_spans(name: &str, bytes: &[u8]) {
    Checker { name, bytes }.file(&parse(bytes));
}

fn cases() -> Vec<(String, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/dockerfile/cases");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn spans_of_the_cases_hold() {
    for (name, bytes) in cases() {
        assert_spans(&name, &bytes);
    }
}

const SNIPPETS: [&[u8]; 24] = [
    b"\\",
    b"\n",
    b"\\\n",
    b"#",
    b"\"",
    b"'",
    b"[",
    b"]",
    b"<<",
    b"<<EOF",
    b"\nEOF\n",
    b"$",
    b"${",
    b"}",
    b"=",
    b" ",
    b"\r\n",
    b"\xFF",
    b"\xC3",
    b"\xC2\xA0",
    b"ONBUILD ",
    b"--from=",
    b"{{ x }}",
    b"\nENV ",
];

#[test]
fn spans_of_mutated_cases_hold() {
    let files: Vec<_> = cases().into_iter().filter(|(_, bytes)| bytes.len() < 5_000).collect();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..20_000 {
        let (name, bytes) = &files[random.below(files.len())];
        let bytes = mutated(bytes, &mut random, &SNIPPETS);
        assert_spans(&format!("{name}, round {round}: {:?}", String::from_utf8_lossy(&bytes)), &bytes);
    }
}
