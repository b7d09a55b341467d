//! `pip-hashes`: pip checks the hash of every package it installs.

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

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(planned) = wanted(plan) else { return };
    for (_, install) in installs(build) {
        let reading = install.reading();
        if is_checked(install, &reading) {
            unhashed_lines(&reading, planned, out);
        } else if !(install.no_index && !install.find_links.is_empty()) {
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
fn unhashed_lines(reading: &Reading, planned: &Spanned<bool>, out: &mut Findings) {
    let of_files = reading.files.iter().flat_map(|file| &file.requirements);
    let is_hashed = |requirement: &Requirement| {
        !requirement.hashes.is_empty() || reading.constraints_on(&requirement.name).any(|line| !line.hashes.is_empty())
    };
    for requirement in of_files.filter(|one| needs_hash(one) && !is_hashed(one)) {
        out.add(&requirement.place, format!("`{}` has no hash, and pip demands one of every line", shown(requirement)))
            .planned(planned)
            .help("Add its hashes: `pip hash` prints them, `pip-compile --generate-hashes` writes them into the file");
    }
}

fn unchecked(install: &PipInstall, reading: &Reading, planned: &Spanned<bool>, out: &mut Findings) {
    let place = head(&install.place);
    let on_line = install.requirements.iter().find(|one| {
        needs_hash(one) && !is_bootstrap(one) && !is_redirected(install, one) && !(one.name.is_empty() && one.unknown.is_some())
    });
    if let Some(requirement) = on_line {
        out.add(&place, format!("`{}` is installed without a hash, planned with one", shown(requirement)))
            .planned(planned)
            .help("Put it into a requirement file with `--hash` and install that with `--require-hashes -r`: a requirement on the command line cannot carry a hash");
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
