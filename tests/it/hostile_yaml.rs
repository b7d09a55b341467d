//! Hostile YAML through the binary, as a compose file and as a manifest: a finding in that file, and nothing lost.

use crate::hostile_files::check;
use crate::support::{Run, write};

const COMPOSE: &str = "services:\n  a:\n    image: debian:12\n";
const POD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: debian:12}]}\n";

/// Checks a text as both kinds of file.
fn both(name: &str, text: &str) -> [(&'static str, Run); 2] {
    [("compose.yaml", COMPOSE), ("pod.yaml", POD)].map(|(file, head)| {
        let run =
            check(&format!("{name}-{file}"), |folder| write(&folder.join(file), format!("{head}{text}")));
        (file, run)
    })
}

/// Both must say that something is wrong with the text.
fn refused(name: &str, text: &str) {
    for (file, run) in both(name, text) {
        let found = run.findings();
        let said = found.iter().any(|finding| finding["file"] == file && finding["rule"] == "syntax");
        assert!(said, "{name} {file}: no finding: {found:?}");
    }
}

#[test]
fn aliases_that_multiply() {
    let mut laughs = "x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    let mut merges = "x-0: &a0 {k0: v, k1: v, k2: v, k3: v}\n".to_owned();
    for level in 1..13 {
        let below = format!("*a{}", level - 1);
        laughs += &format!("x-{level}: &a{level} [{}]\n", [below.as_str(); 10].join(", "));
        merges += &format!("x-{level}: &a{level}\n  <<: [{}]\n", [below.as_str(); 10].join(", "));
        for key in 0..4 {
            merges += &format!("  k{key}: {below}\n");
        }
    }
    refused("laughs", &laughs);
    refused("merges", &merges);
}

#[test]
fn anchors_that_hold_themselves() {
    refused("recursion", "x-a: &a [*a]\n");
    refused("recursive-merge", "x-a: &a\n  <<: *a\n");
}

#[test]
fn depth() {
    refused("flow", &format!("x-a: {}\n", "[".repeat(100_000)));
    refused("flow-map", &format!("x-a: {}\n", "{a: ".repeat(50_000)));
    refused("dashes", &format!("x-a:\n  {}\n", "- ".repeat(50_000)));
    refused("questions", &format!("x-a:\n  {}\n", "? ".repeat(20_000)));
    let block: String = (0..2_000).map(|level| format!("{}k:\n", " ".repeat(level + 1))).collect();
    refused("block", &format!("x-a:\n{block}"));
}

#[test]
fn what_is_only_large() {
    let keys: String = (0..20_000).map(|at| format!("x-{at}: {at}\n")).collect();
    both("keys", &keys);
    both("scalar", &format!("x-a: \"{}\"\n", "a".repeat(1 << 20)));
    both("comments", &"# plimsoll\n".repeat(50_000));
    let anchors: String = (0..20_000).map(|at| format!("x-{at}: &a{at} b\n")).collect();
    both("anchors", &anchors);
    both("documents", &"---\na: 1\n".repeat(20_000));
    let same: String = "x-a: 1\n".repeat(20_000);
    refused("same-key", &same);
}

#[test]
fn bytes_that_are_no_yaml() {
    refused("tab", "x-a:\n\t- b\n");
    refused("quote", "x-a: \"never closed\n");
    refused("nul", "x-a: \0\n");
    refused("alias", "x-a: *nobody\n");
    for bytes in [&b"\xff\xfe"[..], b"services: \x80\x81\n"] {
        let run = check("no-utf8", |folder| write(&folder.join("compose.yaml"), bytes));
        assert!(run.findings().iter().any(|finding| finding["file"] == "compose.yaml"), "{run:?}");
    }
}

#[test]
fn variables_that_multiply() {
    let nested = format!("{}x{}", "${A:-".repeat(10_000), "}".repeat(10_000));
    check("nested-defaults", |folder| {
        write(&folder.join("compose.yaml"), format!("services:\n  a:\n    image: \"{nested}\"\n"));
    });
    let mut environment = "A0=xxxxxxxxxxxxxxxx\n".to_owned();
    for level in 1..40 {
        environment += &format!("A{level}=${{A{}}}${{A{}}}\n", level - 1, level - 1);
    }
    check("doubling", |folder| {
        write(&folder.join(".env"), environment);
        write(&folder.join("compose.yaml"), "services:\n  a:\n    image: \"${A39}\"\n");
    });
}

#[test]
fn files_that_name_each_other() {
    check("extends-circle", |folder| {
        write(
            &folder.join("compose.yaml"),
            "services:\n  a:\n    extends: {file: other.yaml, service: b}\n    image: x:1\n",
        );
        write(
            &folder.join("other.yaml"),
            "services:\n  b:\n    extends: {file: compose.yaml, service: a}\n    image: x:1\n",
        );
    });
    check("include-circle", |folder| {
        write(&folder.join("compose.yaml"), "include: [other.yaml]\nservices: {}\n");
        write(&folder.join("other.yaml"), "include: [compose.yaml]\nservices: {}\n");
    });
    let run = check("include-outside", |folder| {
        write(&folder.join("compose.yaml"), "include: [../../../../../../../../etc/passwd]\nservices: {}\n");
    });
    assert!(!run.stdout.contains("root:"), "{run:?}");
    check("ports", |folder| {
        write(
            &folder.join("compose.yaml"),
            "services:\n  a:\n    image: x:1\n    ports: [\"1-65535:1-65535\", \"1-65535:1-65535/udp\"]\n",
        );
    });
    let services: String =
        (0..5_000).map(|at| format!("  s{at}:\n    image: x:1\n    depends_on: [s0]\n")).collect();
    check("services", |folder| write(&folder.join("compose.yaml"), format!("services:\n{services}")));
}
