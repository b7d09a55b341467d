//! Tests of the splitter: what it covers, hostile input, and mutated bodies.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;

mod context;
mod coverage;

pub(super) fn bodies() -> Vec<&'static str> {
    include_str!("tests/bodies.txt").split("%%\n").collect()
}

/// One line per command: list, operator before, flags, assignments, words, redirections, operator behind.
fn show(script: &Script) -> String {
    let mut out = String::new();
    for command in &script.commands {
        let within = command.within;
        let flags = [
            (within.conditional, 'c'),
            (within.condition, '?'),
            (within.repeated, 'r'),
            (within.subshell, 's'),
            (within.substitution, '$'),
            (within.negated, '!'),
        ];
        let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, flag)| *flag).collect();
        write!(out, "{}{flags} {:?}:", command.list, command.before).unwrap();
        for assignment in script.assignments(command) {
            write!(out, " {}={}", assignment.name, assignment.value.text).unwrap();
        }
        for word in script.words(command) {
            write!(out, " [{}]", word.text).unwrap();
        }
        for redirection in script.redirections(command) {
            let descriptor = redirection.descriptor.map(|n| n.to_string()).unwrap_or_default();
            write!(out, " {descriptor}{}({})", redirection.operator, redirection.target.text).unwrap();
        }
        writeln!(out, " {:?}", command.after).unwrap();
    }
    out
}

#[track_caller]
fn check(text: &str, dialect: Dialect, expected: &str) {
    let script = parse(text, dialect);
    let expected: String = expected.lines().map(|line| format!("{}\n", line.trim())).collect();
    assert_eq!(show(&script), expected.trim_start_matches('\n'), "{text}");
    assert!(script.opaque.is_empty(), "{text}: {:?}", script.opaque);
}

#[test]
fn smoke() {
    check("a && b c; d", Dialect::Posix, "0 Start: [a] And\n0 And: [b] [c] Sequence\n0 Sequence: [d] End");
}

#[test]
fn bodies_are_followed_to_the_end() {
    for body in bodies() {
        let script = parse(body, Dialect::Bash);
        assert!(script.opaque.is_empty(), "{body}\n{:?}\n{}", script.opaque, show(&script));
    }
}

#[test]
fn hostile_nesting_is_linear() {
    let openers = [
        "(",
        "$(",
        "{ ",
        "${a:-",
        "\"$(",
        "if ",
        "a && ",
        "`",
        "$((",
        "\"${a:-",
        "case x in a) ",
        "for x in a; do ",
        "((",
        "\\`",
        "while ",
        "f() {",
        "[[ ",
        "'",
        "\"",
        "<(",
        "a=(",
        "<<A\n",
        "$'",
        "!(",
        "`$(",
        "$(`\\`",
        "function ",
        "{",
        "if a; then ",
        "$(case x in ",
        "A[",
        "x=$(",
        "\"`",
        "((a)",
        "a)",
        "}",
        "fi;",
    ];
    let closers = [
        ("(", ")"),
        ("$(", ")"),
        ("{ ", "; }"),
        ("${a:-", "}"),
        ("\"$(", ")\""),
        ("$((", "))"),
        ("if a; then ", ";fi"),
        ("a && ", "b"),
        ("((", "))"),
        ("((", ") )"),
        ("$((", ") )"),
        ("case x in a) ", ";; esac "),
        ("while a; do ", ";done "),
        ("`", "`"),
        ("f() {", "}"),
        ("x=$(", ")"),
    ];
    for dialect in [Dialect::Posix, Dialect::Bash] {
        for count in [200, 3_000, 50_000] {
            for opener in openers {
                timed(&opener.repeat(count), dialect, opener);
            }
            for (opener, closer) in closers {
                timed(&format!("{}x{}", opener.repeat(count), closer.repeat(count)), dialect, opener);
            }
        }
    }
}

#[test]
fn hostile_repetition_is_linear() {
    let parts = [
        "$(a) ",
        "`a` ",
        "<<A ",
        "a <<A\n",
        "a <<A\nA\n",
        "{ a; };",
        "(a)|",
        "if a; then b; fi;",
        "case x in a) b;; esac;",
        "for x in a; do b; done;",
        "f() { a; };",
        "f() ",
        "A=1 ",
        "A=(1) ",
        "$((1)) ",
        "$((a);b) ",
        "((a)) ",
        "`(` ",
        "`\"` ",
        "{a,b}",
        "{",
        "[",
        "$A",
        "${A}",
        "\"$A\"",
        "'a'",
        "\\a",
        "\\\n",
        "#\n",
        "# ",
        "cd a;",
        "cd /a && ",
        "{ cd a; };",
        "set -e;",
        "!(a)",
        "a",
        "~",
        "1>",
        "&>",
        "; ",
        "\n",
        "! ",
        "[[ a ]];",
        "$'\\x41'",
        "é",
        "`# a` ",
        "case a in ",
        "in ",
        "time (a);",
    ];
    for part in parts {
        for dialect in [Dialect::Posix, Dialect::Bash] {
            let text = part.repeat(10_000);
            timed(&text, dialect, part);
            timed(&format!("a \"$({text})\"; `{text}`"), dialect, part);
        }
        let script = parse(&part.repeat(10_000), Dialect::Posix);
        let start = computed();
        let all = options(&script, ShellOptions::default());
        let directories = Directories::new(&script);
        let known = (0..all.len()).filter(|index| directories.at(*index).is_some()).count();
        assert!(known <= script.commands.len() && computed() - start < LIMIT, "{part}");
    }
}

/// Linear work ends in milliseconds, quadratic work on these sizes in minutes.
const LIMIT: Duration = Duration::from_secs(1);

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

fn timed(text: &str, dialect: Dialect, what: &str) {
    let start = computed();
    let script = parse(text, dialect);
    let took = computed() - start;
    assert!(took < LIMIT, "{what} x {}: {took:?}", text.len());
    verify(text, &script);
}

/// What holds for every text.
fn verify(text: &str, script: &Script) {
    let inside = |span: crate::source::Span| {
        assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    };
    script.opaque.iter().chain(&script.comments).for_each(|span| inside(*span));
    script.lists.iter().for_each(|list| inside(list.span));
    let mut last = 0;
    for command in &script.commands {
        inside(command.span);
        assert!(command.span.start >= last, "commands ascend in {text:?}");
        last = command.span.start;
        assert!((command.list as usize) < script.lists.len(), "{text:?}");
        assert!(usize::from(command.depth) <= parser::MAX_DEPTH);
        let mut end = command.span.start;
        for word in script.words(command) {
            inside(word.span);
            assert!(word.span.start >= end && word.span.end <= command.span.end, "words ascend in {text:?}");
            end = word.span.end;
        }
        let values = script.assignments(command).iter().map(|assignment| &assignment.value);
        let targets = script.redirections(command).iter().map(|redirection| &redirection.target);
        for word in script.words(command).iter().chain(values).chain(targets) {
            verify_word(text, word);
        }
        for redirection in script.redirections(command) {
            inside(redirection.span);
            redirection.body.into_iter().for_each(inside);
        }
    }
}

fn verify_word(text: &str, word: &Word) {
    let source = text.get(word.span.range()).expect("span on character boundaries");
    if word.literal && !word.quoted {
        assert_eq!(word.text, source, "{text:?}");
    }
    let mut end = 0;
    for variable in &word.variables {
        assert!(variable.at.0 >= end, "{text:?}");
        end = variable.at.1;
        let written = &word.text[variable.at.0 as usize..end as usize];
        assert!(
            written.starts_with('$') && written.contains(variable.name.as_str()),
            "{text:?} {variable:?}"
        );
        assert!(!word.literal);
    }
}

#[test]
fn mutated_bodies_keep_the_invariants() {
    let bodies = bodies();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let tokens = [
        "'", "\"", "$(", ")", "`", "\\", "${", "}", "<<E\n", "\nE\n", "((", "))", ";;", " if ", " fi ",
        " do ", " esac ", "é", "#", "\t", "[[ ", " ]]", "$'", "=(", "&", "|", ">", "~", "{ ", "$",
    ];
    for _ in 0..30_000 {
        let mut text: Vec<char> = bodies[random(bodies.len())].chars().collect();
        for _ in 0..=random(4) {
            let at = random(text.len() + 1);
            match random(3) {
                0 => drop(text.drain(at..(at + random(8)).min(text.len()))),
                1 => drop(text.splice(at..at, tokens[random(tokens.len())].chars())),
                _ => {
                    let other: Vec<char> = bodies[random(bodies.len())].chars().collect();
                    let from = random(other.len());
                    let to = (from + random(20)).min(other.len());
                    drop(text.splice(at..at, other[from..to].iter().copied()));
                }
            }
        }
        let text: String = text.into_iter().collect();
        let dialect = if random(2) == 0 { Dialect::Posix } else { Dialect::Bash };
        verify(&text, &parse(&text, dialect));
    }
}
