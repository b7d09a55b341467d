//! Tests of wrappers and of what holds at a command.

use super::super::*;

fn texts(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn wrappers_are_looked_through() {
    let table = [
        ("apt-get update", "apt-get update"),
        ("sudo apt-get update", "apt-get update"),
        ("sudo -EH -u root A=b apt-get update", "apt-get update"),
        ("sudo -uroot -- apt-get update", "apt-get update"),
        ("sudo -nu root id", "id"),
        ("/usr/bin/env -i A=B C= /usr/bin/pip install x", "/usr/bin/pip install x"),
        ("exec nohup time nice -n 5 make -j4", "make -j4"),
        ("command apt-get update", "apt-get update"),
        ("command -v git", "command -v git"),
        ("ionice -c 3 stdbuf -oL sort -u", "sort -u"),
        ("xargs -0 -n 1 -r rm -rf", "rm -rf"),
        ("xargs", "xargs"),
        ("gosu app su-exec app:app id", "id"),
        ("tini -s -g -- node x.js", "node x.js"),
        ("dumb-init --rewrite 15:3 node x.js", "node x.js"),
        ("timeout -k 5 10s curl x", "curl x"),
        ("timeout --signal=KILL 5 curl -f x", "curl -f x"),
        ("env A=B", "env A=B"),
    ];
    for (text, expected) in table {
        let script = parse(text, Dialect::Posix);
        assert_eq!(texts(unwrap(script.words(&script.commands[0]))), expected, "{text}");
    }
}

#[test]
fn command_names_have_no_path() {
    let script = parse("/usr/bin/pip pip3 ./x /", Dialect::Posix);
    let names: Vec<&str> = script.words.iter().map(command_name).collect();
    assert_eq!(names, ["pip", "pip3", "x", "/"]);
}

#[test]
fn inline_scripts_are_found() {
    let table = [
        ("sh -c 'a b'", Some((2, Dialect::Posix))),
        ("bash -lc \"a b\"", Some((2, Dialect::Bash))),
        ("/bin/bash -o pipefail -c x y", Some((4, Dialect::Bash))),
        ("bash -eo pipefail -c x", Some((4, Dialect::Bash))),
        ("bash --norc -ec x", Some((3, Dialect::Bash))),
        ("sh -c -e x", Some((3, Dialect::Posix))),
        ("bash script.sh -c x", None),
        ("bash -s -- -c x", None),
        ("sh -c", None),
        ("powershell -NoProfile -Command x", Some((3, Dialect::Other))),
        ("python -c x", None),
    ];
    for (text, expected) in table {
        let script = parse(text, Dialect::Posix);
        assert_eq!(inline_script(script.words(&script.commands[0])), expected, "{text}");
    }
}

/// Letters of the options at the command named `here`.
fn options_here(text: &str) -> String {
    let script = parse(text, Dialect::Bash);
    let here = |command: &Command| script.words(command).first().is_some_and(|word| word.text == "here");
    let index = script.commands.iter().position(here).unwrap();
    let options = options_at(&script, index, ShellOptions::default());
    let letters =
        [(options.errexit, 'e'), (options.nounset, 'u'), (options.xtrace, 'x'), (options.pipefail, 'p')];
    letters.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect()
}

#[test]
fn options_follow_set() {
    let table = [
        ("here", ""),
        ("set -e; here", "e"),
        ("set -euxo pipefail; here", "euxp"),
        ("set -e -o pipefail && here", "ep"),
        ("set -ex; set +x; here", "e"),
        ("set +o pipefail -- -e; here", ""),
        ("here; set -e", ""),
        ("set -e; (here)", "e"),
        ("(set -e); here", ""),
        ("{ set -e; }; here", "e"),
        ("{ { set -e; a; }; }; here", "e"),
        ("if a; then set -e; fi; here", ""),
        ("if a; then set -e; here; fi", "e"),
        ("set -e | a; here", ""),
        ("{ set -e; } | a; here", ""),
        ("set -u; echo $(set -e; here)", "u e"),
        ("set -o nounset; for x in a; do here; done", "u"),
    ];
    for (text, expected) in table {
        let mut found = options_here(text).chars().collect::<Vec<_>>();
        let mut expected: Vec<char> = expected.chars().filter(|letter| *letter != ' ').collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn directories_follow_cd() {
    let table = [
        ("here", Some("")),
        ("cd /a && here", Some("/a")),
        ("cd /a && cd b; here", None),
        ("cd /a; cd b; here", Some("/a b")),
        ("cd /a && cd b && here", Some("/a b")),
        ("cd a && cd /b && here", Some("/b")),
        ("cd -P -- 'a b' && here", Some("a b")),
        ("(cd /a && b); here", Some("")),
        ("(cd /a && here)", Some("/a")),
        ("cd /a; (cd b; here)", Some("/a b")),
        ("{ cd /a; }; here", Some("/a")),
        ("if x; then cd /a; fi; here", None),
        ("if x; then cd /a; here; fi", Some("/a")),
        ("cd $X && here", None),
        ("cd $X; cd /b; here", Some("/b")),
        ("cd $X; cd b; here", None),
        ("cd - && here", None),
        ("cd; here", None),
        ("cd /a | b; here", Some("")),
        ("cd /a & here", Some("")),
        ("cd /a || exit 1; here", Some("/a")),
        ("cd /a || here", None),
        ("x || cd /a; here", None),
        ("x && cd /a && here", Some("/a")),
        ("x && cd /a; here", None),
        ("x && { cd /a; }; here", None),
        ("for x in a; do cd /a; done; here", None),
        ("pushd /a; popd; here", None),
    ];
    for (text, expected) in table {
        let script = parse(text, Dialect::Bash);
        let here = |command: &Command| script.words(command).first().is_some_and(|word| word.text == "here");
        let index = script.commands.iter().position(here).unwrap();
        let found = directory_at(&script, index);
        let found = found.map(|words| words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" "));
        assert_eq!(found.as_deref(), expected, "{text}");
    }
}

#[test]
fn shells_are_told_by_their_program() {
    let option = |errexit, pipefail| ShellOptions { errexit, pipefail, ..ShellOptions::default() };
    let table: [(&[&str], Dialect, ShellOptions); 9] = [
        (&["/bin/bash", "-o", "pipefail", "-c"], Dialect::Bash, option(false, true)),
        (&["/bin/sh", "-eo", "pipefail", "-c"], Dialect::Posix, option(true, true)),
        (&["bash", "-ec"], Dialect::Bash, option(true, false)),
        (&["/usr/bin/env", "-S", "bash", "-e"], Dialect::Bash, option(true, false)),
        (&["/bin/busybox", "sh", "-e"], Dialect::Posix, option(true, false)),
        (&["powershell", "-Command"], Dialect::Other, option(false, false)),
        (&["C:\\Windows\\System32\\cmd.exe", "/S", "/C"], Dialect::Other, option(false, false)),
        (&["/usr/bin/python3", "-e"], Dialect::Other, option(false, false)),
        (&[], Dialect::Posix, option(false, false)),
    ];
    for (argv, dialect, options) in table {
        assert_eq!(shell_dialect(argv), (dialect, options), "{argv:?}");
    }
}

#[test]
fn first_lines_choose_the_shell() {
    let dialect = |line| shebang_dialect(line).map(|(dialect, options)| (dialect, options.errexit));
    assert_eq!(dialect("#!/usr/bin/env bash\nrest"), Some((Dialect::Bash, false)));
    assert_eq!(dialect("#!/bin/bash -e"), Some((Dialect::Bash, true)));
    assert_eq!(dialect("#! /bin/sh"), Some((Dialect::Posix, false)));
    assert_eq!(dialect("#!/usr/bin/env python3"), Some((Dialect::Other, false)));
    assert_eq!(dialect("# comment"), None);
    assert_eq!(dialect("#!"), None);
    assert_eq!(dialect(""), None);
}
