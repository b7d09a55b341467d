//! `pip-hashes`: pip checks the hash of every package it installs.

use std::collections::HashSet;

use super::pip::{head, installs, is_bootstrap, is_own_code, is_redirected, is_repository, shown};
use crate::finding::Findings;
use crate::model::{Build, PipInstall, Reading, Requirement, Spanned};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    wanted(plan).is_some()
}

fn wanted(plan: &Plan) -> Option<&Spanned<bool>> {
    plan.build.pip_hashes.as_ref().filter(|planned| planned.value)
}

const ON_LINE: &str = "Put it into a requirement file with `--hash` and install that with `--require-hashes -r`: \
                       a requirement on the command line cannot carry a hash";

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(planned) = wanted(plan) else { return };
    let mut seen = HashSet::new();
    for (_, install) in installs(build) {
        let reading = install.reading();
        if is_checked(install, &reading) {
            refused(install, planned, out);
            unhashed_lines(&reading, &mut seen, planned, out);
        } else if !install.no_index {
            unchecked(install, &reading, planned, out);
        }
    }
}

/// Whether pip checks hashes here: by option or variable, or because one requirement carries a hash (then pip demands
/// one of every other; pip, "Hash-checking mode").
fn is_checked(install: &PipInstall, reading: &Reading) -> bool {
    install.require_hashes
        || reading.files.iter().any(|file| file.require_hashes)
        || reading.requirements().any(|requirement| !requirement.hashes.is_empty())
}

/// Whether there is something about the requirement that a hash can be taken of.
fn needs_hash(requirement: &Requirement) -> bool {
    let has_fragment = requirement.url.as_deref().is_some_and(|url| url.contains("#sha") || url.contains("&sha"));
    !is_own_code(requirement) && !is_repository(requirement) && !has_fragment
}

/// pip demands hashes, and stops at the first line without one.
fn unhashed_lines<'a>(reading: &Reading<'a>, seen: &mut HashSet<&'a str>, planned: &Spanned<bool>, out: &mut Findings) {
    let new = reading.files.iter().filter(|file| seen.insert(file.source.path()));
    let of_files = new.flat_map(|file| &file.requirements);
    let is_hashed = |requirement: &Requirement| {
        !requirement.hashes.is_empty() || reading.constraints_on(&requirement.name).iter().any(|line| !line.hashes.is_empty())
    };
    for requirement in of_files.filter(|one| needs_hash(one) && !is_hashed(one)) {
        out.add(&requirement.place, format!("`{}` has no hash, and pip demands one of every line", shown(requirement)))
            .planned(planned)
            .help("Add its hashes: `pip hash` prints them, `pip-compile --generate-hashes` writes them into the file");
    }
}

/// pip stops at what the command line adds, because a hash has no place there.
fn refused(install: &PipInstall, planned: &Spanned<bool>, out: &mut Findings) {
    let bare = |one: &&Requirement| needs_hash(one) && !is_redirected(install, one) && one.unknown.is_none();
    if let Some(requirement) = install.requirements.iter().find(bare) {
        let message = format!("pip demands hashes here, and `{}` has none", shown(requirement));
        out.add(&requirement.place, message).planned(planned).help(ON_LINE);
    }
}

fn unchecked(install: &PipInstall, reading: &Reading, planned: &Spanned<bool>, out: &mut Findings) {
    let place = head(&install.place);
    let on_line = install.requirements.iter().find(|one| {
        needs_hash(one) && !is_bootstrap(one) && !is_redirected(install, one) && (!one.name.is_empty() || one.unknown.is_none())
    });
    if let Some(requirement) = on_line {
        out.add(&place, format!("`{}` is installed without a hash, planned with one", shown(requirement)))
            .planned(planned)
            .help(ON_LINE);
        return;
    }
    let of_files = reading.files.iter().find(|file| file.requirements.iter().any(needs_hash));
    if let Some(file) = of_files {
        let message = format!("neither `--require-hashes` nor hashes in `{}`, planned with hashes", file.source.path());
        out.add(&place, message)
            .planned(planned)
            .help("Add `--require-hashes`, and the hashes with `pip-compile --generate-hashes`");
        return;
    }
    let unknown = install.requirements.iter().find_map(|one| one.unknown.as_ref());
    let unread = reading.unread.iter().find_map(|used| used.file.as_ref().err());
    if let Some(why) = unread.or(unknown) {
        out.open(&place, format!("cannot tell whether pip checks hashes: {why}")).planned(planned);
    }
}
