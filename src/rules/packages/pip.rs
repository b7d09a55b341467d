//! Questions about pip commands that several rules ask.

use std::collections::HashSet;

use crate::model::{Build, PipInstall, Reading, Requirement, Run, Stage};
use crate::source::{Place, Span};

/// The pip commands of the stages that reach the final image.
pub(super) fn installs(build: &Build) -> impl Iterator<Item = (&Stage, &PipInstall)> {
    build.needed_stages().flat_map(|stage| stage.pip_installs.iter().map(move |install| (stage, install)))
}

/// The RUN of a pip command.
pub(super) fn run_of<'a>(stage: &'a Stage, install: &PipInstall) -> Option<&'a Run> {
    stage.runs.get(install.run)
}

/// The first physical line of a command, without the backslash at its end: enough to show which command is meant.
pub(super) fn head(place: &Place) -> Place {
    let bytes = place.source.slice(place.span);
    let line = &bytes[..memchr::memchr(b'\n', bytes).unwrap_or(bytes.len())];
    let kept = line.trim_ascii_end();
    let kept = if line.len() < bytes.len() {
        kept.strip_suffix(b"\\").unwrap_or(kept).trim_ascii_end()
    } else {
        kept
    };
    Place::new(&place.source, Span::new(place.span.start, place.span.start + kept.len() as u32))
}

/// Whether the shell took the requirement's version for a redirection; `pip-redirect` speaks of it.
pub(super) fn is_redirected(install: &PipInstall, requirement: &Requirement) -> bool {
    let at = requirement.place.span;
    let places = &install.redirected_versions;
    // They stand in the order of the text.
    let before = places.partition_point(|place| place.span.start <= at.start);
    before.checked_sub(1).and_then(|index| places.get(index)).is_some_and(|place| {
        at.end <= place.span.end && place.source.path() == requirement.place.source.path()
    })
}

/// The requirements of one build's pip commands, those of a file once however many commands read it alike.
pub(super) fn each<'a>(
    build: &'a Build,
    mut judge: impl FnMut(&Stage, &PipInstall, &Reading<'a>, &'a Requirement),
) {
    let mut seen: HashSet<(&str, Vec<&str>)> = HashSet::new();
    for (stage, install) in installs(build) {
        let reading = install.reading();
        for requirement in reading.command_line {
            judge(stage, install, &reading, requirement);
        }
        let constraints: Vec<&str> = reading.constraints.iter().map(|file| file.source.path()).collect();
        for file in &reading.files {
            if seen.insert((file.source.path(), constraints.clone())) {
                file.requirements.iter().for_each(|requirement| judge(stage, install, &reading, requirement));
            }
        }
    }
}

/// Whether pip builds it from the code at hand or from a repository: nothing an index could deliver differently.
pub(super) fn is_own_code(requirement: &Requirement) -> bool {
    requirement.local || (requirement.editable && requirement.url.is_none())
}

/// Whether it comes out of a version control system.
pub(super) fn is_repository(requirement: &Requirement) -> bool {
    let url = requirement.url.as_deref().unwrap_or_default();
    ["git+", "hg+", "svn+", "bzr+", "git://", "git@"].iter().any(|start| url.starts_with(start))
}

/// The tools that pip itself is made of, which have to be there before a file with hashes can be read.
pub(super) fn is_bootstrap(requirement: &Requirement) -> bool {
    matches!(requirement.name.as_str(), "pip" | "setuptools" | "wheel") && requirement.url.is_none()
}

/// A requirement as messages print it: name and version, hashes and markers left out.
pub(super) fn shown(requirement: &Requirement) -> String {
    if requirement.written.is_empty() || requirement.url.is_some() {
        return requirement.place.text().split_whitespace().collect::<Vec<_>>().join(" ");
    }
    format!("{}{}", requirement.written, requirement.specifier)
}
