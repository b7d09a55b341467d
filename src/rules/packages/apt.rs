//! Questions about system packages that several rules ask.

use crate::finding::Findings;
use crate::model::{Build, PackageManager, Stage, SystemInstall, SystemPackage};
use crate::source::Place;

/// Reports the packages of one manager that are asked for without a version, those of one line together.
pub(super) fn unpinned(
    build: &Build,
    manager: PackageManager,
    excused: impl Fn(&Stage, &SystemInstall) -> bool,
    help: &str,
    out: &mut Findings,
) {
    for stage in build.needed_stages() {
        for install in stage.installs.iter().filter(|install| install.manager == manager) {
            if !excused(stage, install) {
                of_install(install, help, out);
            }
        }
    }
}

fn of_install(install: &SystemInstall, help: &str, out: &mut Findings) {
    let open =
        |package: &&SystemPackage| package.unknown.is_some() && package.version.is_none() && !package.local;
    let mut loose = install
        .packages
        .iter()
        .filter(|package| package.version.is_none() && !package.local && package.unknown.is_none())
        .peekable();
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
    if let Some(package) = install.packages.iter().find(open)
        && let Some(why) = &package.unknown
    {
        out.open(&package.place, format!("cannot tell whether `{}` has a version: {why}", package.name));
    }
}
