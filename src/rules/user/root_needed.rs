//! `root-needed`: what only root may do is done as root.

use std::cell::OnceCell;

use crate::finding::Findings;
use crate::model::{Build, Fact, Run, ShellText, Stage};
use crate::plan::Plan;
use crate::rules::common::is_windows;
use crate::rules::{Check, always};
use crate::source::Place;
use crate::syntax::shell::{Command, Operator, Word, command_name};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// Programs of which these subcommands need root.
const SUBCOMMANDS: &[(&[&str], &[&str])] = &[
    (
        &["apt-get", "apt"],
        &[
            "update",
            "install",
            "remove",
            "purge",
            "upgrade",
            "dist-upgrade",
            "full-upgrade",
            "autoremove",
            "build-dep",
        ],
    ),
    (&["apk"], &["add", "del", "update", "upgrade", "fix"]),
    (
        &["yum", "dnf", "microdnf", "zypper", "tdnf"],
        &["install", "in", "remove", "update", "upgrade", "groupinstall"],
    ),
    (&["dpkg"], &["-i", "--install", "-r", "--remove", "-P", "--purge", "--configure"]),
];

/// Programs that always need root.
const ALWAYS: &[&str] = &[
    "useradd",
    "userdel",
    "usermod",
    "groupadd",
    "groupdel",
    "groupmod",
    "adduser",
    "addgroup",
    "deluser",
    "delgroup",
    "chpasswd",
    "ldconfig",
    "update-alternatives",
    "dpkg-reconfigure",
    "add-apt-repository",
    "apt-key",
];

/// Folders that only root may change.
const SYSTEM_FOLDERS: &[&str] = &["/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/root", "/boot"];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    if is_windows(build) {
        return;
    }
    for stage in build.needed_stages() {
        let given = OnceCell::new();
        let is_free = |path: &str| is_given(path, given.get_or_init(|| given_away(stage)));
        for run in &stage.runs {
            let Fact::Known { value: user, origin } = &*run.user else { continue };
            if user.uid == Some(0) || user.name == "root" {
                continue;
            }
            if let Some((place, what)) = first_that_needs_root(run, &is_free) {
                out.add(&place, format!("`{what}` needs root, but this runs as `{}`", user.name))
                    .help("do it before the `USER`, or put `USER root` before it and the user back behind it")
                    .related(&origin.last().place, "the user comes from here")
                    .subject(stage.label());
            }
        }
    }
}

fn first_that_needs_root(run: &Run, is_free: &dyn Fn(&str) -> bool) -> Option<(Place, String)> {
    run.texts.iter().find_map(|text| {
        text.script.commands.iter().find_map(|command| {
            // What may not run, or may fail, is no certain fault.
            let certain =
                !command.within.conditional && !command.within.condition && command.after != Operator::Or;
            let what = needs_root(text, command, is_free).filter(|_| certain)?;
            Some((text.place(command.span), what))
        })
    })
}

/// What the command does that needs root: `apt-get install`.
fn needs_root(text: &ShellText, command: &Command, is_free: &dyn Fn(&str) -> bool) -> Option<String> {
    let all = text.script.words(command);
    if all
        .iter()
        .take(4)
        .any(|word| matches!(command_name(word), "sudo" | "doas" | "gosu" | "su-exec" | "su" | "fakeroot"))
    {
        return None;
    }
    let words = text.command_words(command);
    let name = command_name(words.first()?);
    if ALWAYS.contains(&name) {
        return Some(name.to_owned());
    }
    if matches!(name, "chown" | "chmod" | "chgrp") {
        return words[1..]
            .iter()
            .find(|word| is_system(word) && !is_free(&word.text))
            .map(|word| format!("{name} {}", word.text));
    }
    let (_, subcommands) = SUBCOMMANDS.iter().find(|(names, _)| names.contains(&name))?;
    let subcommand = words[1..].iter().find(|word| subcommands.contains(&word.text.as_str()))?;
    // Another root folder may belong to the user; help changes nothing.
    let elsewhere = |word: &Word| {
        ["--root", "--installroot", "--help", "-h", "--simulate", "--dry-run", "-s", "--usermode"]
            .iter()
            .any(|option| word.text.split('=').next() == Some(option))
    };
    (!words[1..].iter().any(elsewhere)).then(|| format!("{name} {}", subcommand.text))
}

/// Whether a word is a path of the system.
fn is_system(word: &Word) -> bool {
    let inside = |folder: &str| {
        word.text.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    word.literal && SYSTEM_FOLDERS.iter().any(|folder| inside(folder))
}

/// What root gave to somebody else: paths by `chown`, paths and file names by `COPY --chown`.
fn given_away(stage: &Stage) -> Vec<&str> {
    let by_root = |run: &&Run| match &*run.user {
        Fact::Known { value, .. } => value.uid == Some(0),
        _ => true,
    };
    let texts = stage.runs.iter().filter(by_root).flat_map(|run| &run.texts);
    let chowned = texts.flat_map(|text| {
        let commands = text.script.commands.iter().map(|command| text.command_words(command));
        let chowns = commands.filter(|words| words.first().is_some_and(|word| command_name(word) == "chown"));
        chowns
            .flat_map(|words| &words[1..])
            .map(|word| word.text.as_str())
            .filter(|path| path.starts_with('/'))
    });
    let copies = stage.copies.iter().filter(|copy| copy.chown.is_some()).flat_map(|copy| {
        let names = copy.sources.iter().filter_map(|source| source.path.text.rsplit('/').next());
        names.chain([copy.target.text.as_str()])
    });
    chowned.chain(copies).collect()
}

fn is_given(path: &str, given: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    given.iter().any(|one| if one.starts_with('/') { path.starts_with(one) } else { *one == name })
}
