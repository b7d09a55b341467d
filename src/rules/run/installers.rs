//! Which commands do work whose failure must not go unnoticed, and which only look or print.

use crate::syntax::shell::{Word, command_name};

/// Whether a command (wrappers taken off) fetches, installs or builds.
pub(super) fn does_work(words: &[Word]) -> bool {
    let Some(first) = words.first() else { return false };
    let name = command_name(first);
    let arguments: Vec<&str> = words[1..].iter().map(|word| word.text.as_str()).collect();
    let says = |verbs: &[&str]| {
        let plain = arguments.iter().find(|argument| !argument.starts_with('-'));
        plain.is_some_and(|verb| verbs.contains(verb))
    };
    match name {
        "curl" | "wget" | "make" | "cmake" | "ninja" | "mvn" | "gradle" | "gradlew" => {
            !arguments.iter().any(|argument| matches!(*argument, "--version" | "-V" | "clean"))
        }
        "apt-get" | "apt" | "aptitude" => {
            says(&["install", "update", "upgrade", "dist-upgrade", "build-dep", "full-upgrade"])
        }
        "dnf" | "yum" | "microdnf" | "zypper" => says(&["install", "update", "upgrade", "in"]),
        "apk" => says(&["add", "update", "upgrade"]),
        "npm" | "pnpm" | "yarn" => says(&["install", "ci", "i", "add", "build", "run"]),
        "gem" | "bundle" | "composer" | "poetry" | "conda" | "mamba" | "pipx" => {
            says(&["install", "create", "update"])
        }
        "go" | "cargo" => says(&["build", "install", "mod", "get", "fetch"]),
        "git" => says(&["clone", "fetch", "pull", "checkout", "submodule"]),
        "uv" => says(&["pip", "sync", "add"]),
        _ if name.starts_with("pip") => says(&["install", "download", "wheel"]),
        _ if name.starts_with("python") => arguments
            .windows(3)
            .any(|at| at[0] == "-m" && at[1] == "pip" && matches!(at[2], "install" | "download" | "wheel")),
        _ => false,
    }
}

/// Whether a command only says something and succeeds: what stands behind `||` to swallow a failure.
pub(super) fn swallows(words: &[Word]) -> bool {
    match words.first().map(command_name) {
        Some("true" | ":" | "echo" | "printf") => true,
        Some("exit") => words.get(1).is_some_and(|code| code.text == "0"),
        _ => false,
    }
}

/// Whether the left side of a pipe cannot fail in a way that matters: it prints what is there.
pub(super) fn only_prints(words: &[Word]) -> bool {
    const PRINTERS: &str = "\
        echo printf yes cat true : ls env printenv id date uname hostname seq tr cut sort uniq head tail \
        wc tee rev arch nproc expr basename dirname find set export type which dpkg dpkg-query rpm \
        ldconfig ldd getent ps pwd grep egrep sed awk for case [[ (( strings sleep history column paste \
        tac";
    // A bare assignment or redirection, or a variable that holds the program.
    words.first().is_none_or(|first| {
        PRINTERS.split(' ').any(|printer| printer == command_name(first)) || !first.literal
    })
}

/// Whether a command that reads its standard input fails when that is empty or cut off: what unpacks and what reads keys.
pub(super) fn checks_its_input(words: &[Word]) -> bool {
    let Some(first) = words.first() else { return false };
    let says = |wanted: &str| words[1..].iter().any(|word| word.text == wanted);
    match command_name(first) {
        "tar" | "bsdtar" | "gunzip" | "zcat" | "bunzip2" | "bzcat" | "unxz" | "xzcat" | "unzstd" | "cpio"
        | "gpg" | "gpg2" => true,
        "gzip" | "bzip2" | "xz" | "zstd" => says("-d") || says("-dc") || says("--decompress"),
        "apt-key" => says("add"),
        _ => false,
    }
}
