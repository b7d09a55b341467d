//! The project's own files keep what the tool asks of others.

use std::fs;

use crate::support::{folder, plimsoll, repository};

/// What the strict pack finds in a file or folder of the repository, whatever comments say.
fn strict(path: &str) -> crate::support::Run {
    let arguments = [
        "check",
        "--pack",
        "strict",
        "--fail-on",
        "note",
        "--no-inline-suppressions",
        "--format",
        "json",
        path,
    ];
    plimsoll(&repository("."), &arguments)
}

#[test]
fn the_image_of_the_tool_keeps_its_own_strict_pack() {
    let run = strict("Dockerfile");
    assert_eq!((run.code, run.findings().len()), (Some(0), 0), "{run:?}");
    let text = fs::read_to_string(repository("Dockerfile")).unwrap();
    for part in [
        "\nFROM scratch\n",
        "\nUSER 10001:10001\n",
        "ENTRYPOINT [\"/plimsoll\"]",
        "--profile dist",
        "--locked",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn own_workflows_keep_the_strict_pack() {
    let run = strict(".github/workflows");
    assert_eq!((run.code, run.findings().len()), (Some(0), 0), "{run:?}");
}

#[test]
fn the_builder_has_the_oldest_rust_that_is_promised() {
    let manifest = fs::read_to_string(repository("Cargo.toml")).unwrap();
    let version =
        manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    let text = fs::read_to_string(repository("Dockerfile")).unwrap();
    assert!(text.contains(&format!("FROM rust:{version}-alpine")), "{version}");
}

#[test]
fn crate_wheel_and_image_speak_of_one_program() {
    let read = |file: &str| fs::read_to_string(repository(file)).unwrap();
    let (manifest, wheel) = (read("Cargo.toml"), read("pyproject.toml"));
    let said = |text: &str, key: &str| {
        let start = format!("{key} = ");
        text.lines().find_map(|line| line.strip_prefix(&start).map(str::to_owned)).unwrap()
    };
    for key in ["name", "description", "license", "readme"] {
        assert_eq!(said(&manifest, key), said(&wheel, key), "{key}");
    }
    assert!(wheel.contains("bindings = \"bin\"") && wheel.contains("dynamic = [\"version\"]"));
    assert!(manifest.contains("\n[profile.dist]\n") && wheel.contains("profile = \"dist\""));
}

/// Each page of the manual names its options, and no line is read as a request that is none.
#[test]
fn the_manual_has_every_command() {
    let folder = folder("own_files/manual");
    let whole = plimsoll(&folder, &["man"]);
    assert!(whole.code == Some(0) && whole.stdout.contains(".TH plimsoll 1"), "{whole:?}");
    let commands = [
        "check",
        "image",
        "validate-fleet",
        "plan",
        "graph",
        "dump",
        "explain",
        "rules",
        "init",
        "completions",
        "man",
    ];
    for command in commands {
        let title = format!(".SH \"PLIMSOLL {}\"", command.replace('-', " ").to_uppercase());
        assert!(whole.stdout.contains(&title), "{title}\n{}", whole.stdout);
        let page = plimsoll(&folder, &["man", command]);
        let name = format!(".TH plimsoll-{command} 1");
        assert!(page.code == Some(0) && page.stdout.contains(&name), "{command}: {page:?}");
    }
    for (arguments, words) in
        [(["man", "chek"].as_slice(), "Did you mean `check`?"), (&["man", "plan", "shw"], "`show`")]
    {
        let run = plimsoll(&folder, arguments);
        assert!(run.code == Some(2) && run.stderr.contains(words), "{run:?}");
    }
    let known = |line: &str| {
        let request = line.split([' ', '"']).next().unwrap_or_default();
        [
            ".ie", ".el", ".if", ".de", ".ds", ".TH", ".SH", ".SS", ".TP", ".IP", ".PP", ".RS", ".RE", ".br",
            ".nf", ".fi", ".", ".\\\"",
        ]
        .iter()
        .any(|it| request.starts_with(it))
    };
    let odd: Vec<&str> = whole.stdout.lines().filter(|line| line.starts_with('.') && !known(line)).collect();
    assert!(odd.is_empty(), "{odd:?}");
}
