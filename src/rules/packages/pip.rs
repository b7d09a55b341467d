//! Questions about pip commands that several rules ask.

use crate::model::{Build, PipInstall, Requirement, Run, Stage};
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
    let within = |place: &Place| place.span.start <= at.start && at.end <= place.span.end;
    install
        .redirected_versions
        .iter()
        .any(|place| place.source.path() == requirement.place.source.path() && within(place))
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
