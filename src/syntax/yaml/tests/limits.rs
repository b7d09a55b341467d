//! Texts made to hurt: each ends soon, in little memory, with a problem, and the document behind it is read.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;

/// Linear work on these sizes takes less, without optimisation too; quadratic work takes minutes.
const LIMIT: Duration = Duration::from_secs(2);

/// What a text ends in: the kinds of its problems, and its last document.
type Judged = (Vec<String>, Vec<String>);

/// What this thread has computed so far; where the kernel does not tell, the clock.
fn computed() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse().ok());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    nanoseconds.map_or_else(clock, Duration::from_nanos)
}

/// Reads, copies and drops a text in a thread with a stack of 2 MB.
fn judged(name: &'static str, text: &str) -> Judged {
    let text = format!("{text}\n---\nlast: 1\n");
    let work = move || {
        let begun = computed();
        let stream = read(text);
        let copy = stream.clone();
        drop(stream);
        let took = computed() - begun;
        assert!(took < LIMIT, "{name}: {took:?}");
        let kinds = copy.problems.iter().map(|problem| format!("{:?}", problem.kind)).collect();
        (kinds, copy.documents.last().map(|last| shown(&last.root)).into_iter().collect())
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap()
}

fn laughs(item: &str) -> String {
    let mut text = format!("a0: &a0 {item}\n");
    for at in 1..=12 {
        let list = vec![format!("*a{}", at - 1); 10].join(", ");
        let _ = writeln!(text, "a{at}: &a{at} [{list}]");
    }
    text
}

fn merge_bomb() -> String {
    let mut text = "a0: &a0 {k: v}\n".to_owned();
    for at in 1..=30 {
        let _ = writeln!(text, "a{at}: &a{at} {{<<: [*a{0}, *a{0}, *a{0}], k{at}: 1}}", at - 1);
    }
    text
}

#[test]
fn bombs() {
    let deep_alias: String = {
        let nest = |at: usize| format!("a{at}: &a{at} {}*a{}{}\n", "[".repeat(100), at - 1, "]".repeat(100));
        "a0: &a0 [x]\n".to_owned() + &(1..5).map(nest).collect::<String>()
    };
    for (name, text, kind) in [
        ("laughs", laughs("lol"), "TooLarge"),
        ("laughs of long texts", laughs(&"lol".repeat(100_000)), "TooLarge"),
        ("merge bomb", merge_bomb(), "TooLarge"),
        ("flow depth", "[".repeat(100_000), "TooLarge"),
        ("flow mapping depth", "{a: ".repeat(100_000), "TooLarge"),
        ("mixed depth", "- ".repeat(200) + &"[".repeat(200) + &"]".repeat(200), "TooLarge"),
        ("block depth", (0..3000).map(|at| " ".repeat(at) + "a:\n").collect(), "TooLarge"),
        ("dashes", "- ".repeat(50_000), "TooLarge"),
        ("question marks", "? ".repeat(20_000), "TooLarge"),
        ("aliases inside one another", deep_alias, "TooLarge"),
        (
            "a long key that aliases repeat",
            format!("? &k {}\n: 1\n", "x".repeat(1 << 20)) + &"*k : 1\n".repeat(100_000),
            "TooLarge",
        ),
        (
            "a long key that merges repeat",
            format!("a: &a\n  ? {}\n  : 1\nb:\n", "x".repeat(1 << 20)) + &"- <<: *a\n".repeat(50_000),
            "TooLarge",
        ),
        ("many items", "[".to_owned() + &"a,".repeat(450_000) + "]", "TooLarge"),
        ("many documents", "a\n---\n".repeat(410_000), "TooLarge"),
        ("open flow", "a: [\n".to_owned() + &"b, \n".repeat(100_000), "Syntax"),
    ] {
        let (kinds, last) = judged(name, &text);
        assert_eq!(kinds.first().map(String::as_str), Some(kind), "{name}");
        assert!(kinds.len() <= 1000, "{name}");
        if name != "many documents" {
            assert_eq!(last, ["{last: 1}"], "{name}");
        }
    }
}

#[test]
fn large_but_harmless() {
    let keys: String = (0..120_000).map(|at| format!("key{at}: {at}\n")).collect();
    let anchors: String = (0..100_000).map(|at| format!("- &a{at} {at}\n")).collect();
    let nested_anchors = (0..250).map(|at| format!("{}a: &a{at}\n", " ".repeat(at))).collect::<String>();
    let wide = format!("a: 1 #{}\n{}", "x".repeat(1 << 20), "#\n".repeat(100_000));
    let duplicates: String = (0..100_000).map(|at| format!("key{}: {at}\n", at % 1000)).collect();
    for (name, text, problems) in [
        ("keys", keys, 0),
        ("anchors", anchors, 0),
        ("anchors inside one another", nested_anchors, 0),
        ("comments", wide, 0),
        ("plain text", format!("a: {}\n", "word ".repeat(200_000)), 0),
        ("text over many lines", format!("a: {}\n", "word\n  ".repeat(200_000)), 0),
        ("quotes", format!("a: \"{}\"\n", "\\n".repeat(500_000)), 0),
        ("block", format!("a: |\n{}", "  line\n".repeat(150_000)), 0),
        ("long line of what is not ASCII", format!("a: '{}'\n", "\u{e9}".repeat(500_000)), 0),
        ("duplicates", duplicates, 1000),
        ("empty lines", "\n".repeat(1 << 20), 0),
        ("depth", (0..250).map(|at| " ".repeat(at) + "a:\n").collect(), 0),
    ] {
        let (kinds, last) = judged(name, &text);
        assert_eq!(kinds.len(), problems, "{name}");
        assert_eq!(last, ["{last: 1}"], "{name}");
    }
}

#[test]
fn the_limit_is_of_the_text_and_not_of_what_was_left_out() {
    let text = format!("{}---\n{}---\nb: 1\n", laughs("x"), "a: [1, 2, 3]\n");
    let stream = read(text);
    assert_eq!(documents(&stream), ["{a: [1, 2, 3]}", "{b: 1}"]);
    assert_eq!(problems(&stream).len(), 1);
    assert!(
        stream.problems[0].message.starts_with("aliases and merge keys expand to more than 120000 nodes")
    );
}

#[test]
fn a_node_is_small() {
    assert!(size_of::<Node>() <= 64, "{}", size_of::<Node>());
    assert!(size_of::<super::super::record::Item>() <= 48, "{}", size_of::<super::super::record::Item>());
}

#[test]
fn no_bytes_panic() {
    let pieces = [
        "a", ":", " ", "\n", "- ", "? ", "[", "]", "{", "}", ",", "&a ", "*a", "<<", "|", ">", "'", "\"",
        "#", "!", "%", "@", "---", "...", "\t", "\r", "\0", "\u{e9}", "\u{feff}", "{{", "}}", "${", "\\",
        "~", "\n  ",
    ];
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut text = Vec::new();
        for _ in 0..24 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let pick = (state >> 33) as usize;
            text.extend_from_slice(pieces[pick % pieces.len()].as_bytes());
            if pick.is_multiple_of(97) {
                text.push(0xC3);
            }
        }
        let stream = read(&text);
        let length = text.len() as u32;
        assert!(stream.problems.iter().all(|problem| problem.place.span.end <= length));
        assert!(stream.comments.iter().all(|span| text[span.start as usize] == b'#'));
    }
}
