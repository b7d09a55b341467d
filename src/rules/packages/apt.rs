//! Questions about system packages that several rules ask.

use crate::finding::Findings;
use crate::model::{Build, PackageManager, Stage, SystemInstall, SystemPackage};
use crate::source::Place;

/// Reports the packages of one manager that are asked for without a version, those of one line together.
pub(super) fn unpinned(
    build: &Build,
    manager: PackageManager,
    excused: impl Fn(&Stage) -> bool,
    help: &str,
    out: &mut Findings,
) {
    for stage in build.needed_stages().filter(|stage| !excused(stage)) {
        for install in stage.installs.iter().filter(|install| install.manager == manager) {
            of_install(install, help, out);
        }
    }
}

fn of_install(install: &SystemInstall, help: &str, out: &mut Findings) {
    let mut loose =
        install.packages.iter().filter(|package| is_loose(package) && !is_open(package)).peekable();
    while let Some(package) = loose.next() {
        let line = package.place.start().line;
        let mut names = vec![format!("`{}`", package.name)];
        let mut place = package.place.clone();
        while let Some(next) = loose.next_if(|next| next.place.start().line == line) {
            names.push(format!("`{}`", next.name));
            place = Place::new(&place.source, place.span.to(next.place.span));
        }
        let message = match names.as_slice() {
            [name] => format!("{name} is installed without a version"),
            [first, .., last] if names.len() > 3 => {
                format!("{first} to {last} ({} packages) are installed without versions", names.len())
            }
            _ => format!("{} are installed without versions", names.join(", ")),
        };
        out.add(&place, message).help(help);
    }
    if let Some(package) = install.packages.iter().find(|package| is_loose(package) && is_open(package))
        && let Some(why) = &package.unknown
    {
        out.open(&package.place, format!("cannot tell whether what is installed has a version: {why}"));
    }
}

fn is_loose(package: &SystemPackage) -> bool {
    package.version.is_none() && !package.local
}

/// Whether a version may be in what stands there: a variable or a command's output, but not a pattern.
fn is_open(package: &SystemPackage) -> bool {
    package.unknown.is_some()
        && (package.name.contains(['$', '`']) || !package.name.contains(['*', '?', '[']))
}
