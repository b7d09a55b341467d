//! `pip-pinned`: every Python package is installed in one version.

use super::pip::{each, head, installs, is_own_code, is_redirected, is_repository, shown};
use crate::finding::Findings;
use crate::model::{Build, Fact, PipInstall, Reading, Requirement, Stage};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);
pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    each(build, |stage, install, reading, requirement| {
        let is_planned = plan.pins.iter().any(|(name, _)| *name == requirement.name);
        // What is in a folder of wheels was chosen when the folder was filled.
        if !install.no_index && !is_planned && !is_redirected(install, requirement) {
            judge(requirement, stage, reading, out);
        }
    });
    installs(build).filter(|(_, install)| !install.no_index).for_each(|(_, install)| unread(install, out));
}

fn judge(requirement: &Requirement, stage: &Stage, reading: &Reading, out: &mut Findings) {
    if requirement.pinned.is_some() || is_own_code(requirement) || names_one_version(requirement) {
        return;
    }
    if let Some(url) = &requirement.url {
        if let Some(what) = moving(url, is_repository(requirement)) {
            let message = format!("`{}` {what}, so every build may get other code", shown(requirement));
            out.add(&requirement.place, message).help("Name a commit: `@` and its hash behind the address");
        }
        return;
    }
    if let Some(why) = &requirement.unknown {
        out.open(&requirement.place, format!("cannot tell whether `{}` is pinned: {why}", shown(requirement)));
        return;
    }
    if requirement.name.is_empty() || is_constrained(requirement, stage, reading) {
        return;
    }
    let what = match requirement.specifier.as_str() {
        "" => "has no version",
        _ => "is not one version",
    };
    out.add(&requirement.place, format!("`{}` {what}, so every build may get another", shown(requirement)))
        .help(format!("Pin it: `{}==` and the version", requirement.written));
}

/// `==` and a variable: one version, whichever it is.
fn names_one_version(requirement: &Requirement) -> bool {
    let version = requirement.specifier.strip_prefix("==").unwrap_or_default();
    requirement.unknown.is_some() && version.contains('$') && !version.contains(['*', ','])
}

/// Whether a constraint file pins it, or one that was not read may do.
fn is_constrained(requirement: &Requirement, stage: &Stage, reading: &Reading) -> bool {
    let pins = |line: &&Requirement| line.pinned.is_some() || line.url.is_some();
    !reading.unread_constraints.is_empty()
        || reading.constraints_on(&requirement.name).iter().any(pins)
        || ["PIP_CONSTRAINT", "UV_CONSTRAINT"].iter().any(|name| matches!(stage.container.env(name), Fact::Known { .. }))
}

/// What makes an address deliver other code tomorrow; `None` when it names a commit, a version or a file.
fn moving(url: &str, is_repository: bool) -> Option<String> {
    let address = url.split(['#', '?']).next().unwrap_or(url);
    if !is_repository {
        let branch = ["/refs/heads/", "/archive/master.", "/archive/main.", "/tarball/master", "/zipball/master"];
        return branch.iter().any(|part| address.contains(part)).then(|| "is the head of a branch".to_owned());
    }
    // The last `@` behind the host: `git+ssh://git@host/path` has one of its own.
    let path = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    match path.rsplit_once('@') {
        None => Some("names no commit".to_owned()),
        Some((_, revision)) if is_fixed(revision) => None,
        Some((_, revision)) => Some(format!("follows `{revision}`")),
    }
}

/// A commit, a version tag, or what a variable stands for.
fn is_fixed(revision: &str) -> bool {
    let is_commit = (7..=64).contains(&revision.len()) && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    let version = revision.rsplit('/').next().unwrap_or(revision);
    let digits = version.trim_start_matches(|first: char| !first.is_ascii_digit());
    is_commit || revision.contains('$') || digits.contains('.')
}

/// A file that a file names and nobody finds is `requirements-include`'s.
fn unread(install: &PipInstall, out: &mut Findings) {
    if let Some(why) = install.files.iter().find_map(|used| used.file.as_ref().err()) {
        out.open(&head(&install.place), format!("cannot tell whether all requirements are pinned: {why}"));
    }
}
