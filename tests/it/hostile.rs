//! Hostile files: no panic, linear time, bounded depth.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plimsoll::syntax::dockerfile::{Arguments, Dockerfile, SyntaxErrorKind, parse};

/// What this thread has computed so far: on a busy machine, time on the clock says nothing of the work. Where the kernel
/// does not tell, the clock has to do.
fn computed() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(
        || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        Duration::from_nanos,
    )
}

/// Parses within the time that a debug build must not exceed.
fn parse_in_time<'a>(name: &str, bytes: &'a [u8]) -> Dockerfile<'a> {
    let start = computed();
    let tree = parse(bytes);
    let took = computed() - start;
    assert!(took < Duration::from_secs(2), "{name} took {took:?}");
    super::spans::assert_spans(name, bytes);
    tree
}

fn errors(tree: &Dockerfile<'_>) -> Vec<SyntaxErrorKind> {
    tree.errors.iter().map(|error| error.kind).collect()
}

#[test]
fn many_of_everything() {
    let many = |head: &str, piece: &str, count: usize, tail: &str| {
        format!("FROM a\n{head}{}{tail}", piece.repeat(count))
    };
    let cases = [
        ("continuations", many("RUN echo \\\n", " x \\\n", 20_000, " y\n"), 2),
        ("blank continuations", many("RUN echo \\\n", "\n", 20_000, " y\n"), 2),
        ("comments in a continuation", many("RUN echo \\\n", "# c\n", 20_000, " y\n"), 2),
        ("escapes", many("ENV A=\"", "\\\"", 20_000, "\"\n"), 2),
        ("stages", many("", "FROM a AS b\n", 5_000, ""), 5_001),
        ("environments", many("", "ENV A=1\n", 100_000, ""), 100_001),
        ("one environment", many("ENV ", "A=1 ", 100_000, "\n"), 2),
        ("heredoc lines", many("RUN <<EOF\n", "line\n", 100_000, "EOF\n"), 2),
        ("heredoc words", many("RUN ", "<<E ", 10_000, &"E\n".repeat(10_000)), 2),
        ("unterminated heredocs", many("", "RUN <<E\nx\n", 20_000, ""), 20_001),
        ("unterminated heredoc words", many("RUN ", "<<E ", 20_000, "\n"), 2),
        ("nested braces", many("RUN <<E ", "${a:-", 100_000, "\n"), 2),
        ("onbuild", many("", "ONBUILD ", 100_000, "RUN x\n"), 2),
        ("flags", many("COPY ", "--a=1 ", 20_000, "x y\n"), 2),
        ("template tags", many("", "{{ x }}\n", 20_000, ""), 20_001),
        ("open template tags", many("LABEL a=", "{{", 100_000, "\n"), 2),
        ("orphans", many("RUN x\n", " && y\n", 20_000, ""), 20_002),
        ("mounts", many("RUN ", "--mount=type=cache,target=/x ", 5_000, "y\n"), 2),
    ];
    for (name, text, instructions) in &cases {
        let tree = parse_in_time(name, text.as_bytes());
        assert_eq!(tree.instructions.len(), *instructions, "{name}");
    }
}

#[test]
fn long_lines_are_reported_and_read_on() {
    let cases = [
        (65_535, vec![]),
        (65_536, vec![SyntaxErrorKind::LongLine]),
        (1_000_000, vec![SyntaxErrorKind::LongLine]),
    ];
    for (length, expected) in cases {
        for (piece, name) in [("x", "word"), ("x ", "words")] {
            let line = format!("RUN {}", piece.repeat(length));
            let text = format!("FROM a\n{}\nUSER 1\n", &line[..length]);
            let tree = parse_in_time(name, text.as_bytes());
            assert_eq!((errors(&tree), tree.instructions.len()), (expected.clone(), 3), "{length} {name}");
            let crlf = text.replace('\n', "\r\n");
            assert!(!errors(&parse(crlf.as_bytes())).is_empty(), "the \\r counts");
        }
    }
}

#[test]
fn json_deep_and_wide() {
    let deep = format!("FROM a\nCMD {}{}\n", "[".repeat(50_000), "]".repeat(50_000));
    let tree = parse_in_time("deep", deep.as_bytes());
    assert!(
        matches!(tree.instructions[1].arguments, Arguments::Text(_))
            && errors(&tree) == [SyntaxErrorKind::LongLine]
    );
    let wide = format!("FROM a\nCMD [\"x\"{}]\n", ",\\\n\"x\"".repeat(99_999));
    let tree = parse_in_time("wide", wide.as_bytes());
    assert!(matches!(&tree.instructions[1].arguments, Arguments::Json(words) if words.len() == 100_000));
    assert!(tree.errors.is_empty());
}

#[test]
fn odd_files() {
    let cases: [(&[u8], usize, &[SyntaxErrorKind]); 9] = [
        (b"", 0, &[SyntaxErrorKind::Empty]),
        (b"\xEF\xBB\xBF", 0, &[SyntaxErrorKind::Empty]),
        (b"# a\n\n  # b", 0, &[SyntaxErrorKind::Empty]),
        (b"FROM a", 1, &[]),
        (b"FROM a\nRUN x\\", 2, &[]),
        (b"FROM a\nRUN x\0y\0", 2, &[]),
        (b"FROM a\nRUN \xFF\xFE\xC3 \\\n \xE2\x82 x\n", 2, &[]),
        (b"FROM a\n\\\n\\\n", 2, &[SyntaxErrorKind::UnknownInstruction]),
        (b"\\\nFROM a\n", 1, &[]),
    ];
    for (bytes, instructions, expected) in cases {
        let tree = parse_in_time("odd", bytes);
        assert_eq!(
            (tree.instructions.len(), errors(&tree).as_slice()),
            (instructions, expected),
            "{bytes:?}"
        );
    }
}
