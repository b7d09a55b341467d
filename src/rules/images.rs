//! Questions that rules of several groups ask a built image.

use std::fmt::Display;

use crate::model::{BuiltImage, Contents, Fact, FileKind, ImageFiles, PROGRAM_FOLDERS, PastRun, Unknown};
use crate::plan::{Plan, ServiceRow};

/// The row of an image.
#[must_use]
pub(in crate::rules) fn row<'p>(image: &BuiltImage, plan: &'p Plan) -> Option<&'p ServiceRow> {
    plan.services.get(image.service?)
}

/// Whether it is an image of the planned hierarchy: it starts nothing itself, and each image on it is judged.
#[must_use]
pub(in crate::rules) fn is_base(image: &BuiltImage) -> bool {
    image.hierarchy.is_some()
}

/// Whether the fleet answers for the image: a row or the hierarchy plans it, or it carries the plan's registry.
#[must_use]
pub(in crate::rules) fn is_ours(image: &BuiltImage, plan: &Plan) -> bool {
    let registry = plan.images.registry.as_ref().map(|said| said.value.trim_end_matches('/'));
    let reference = image.reference.as_ref().map(|said| said.value.as_str());
    let rest = reference.zip(registry).and_then(|(reference, registry)| reference.strip_prefix(registry));
    image.service.is_some() || is_base(image) || rest.is_some_and(|rest| rest.starts_with('/'))
}

/// Whether it is a Windows image, which has no uid, no init and no `/bin/sh`.
#[must_use]
pub(in crate::rules) fn is_windows(image: &BuiltImage) -> bool {
    image.platform.os == "windows"
}

/// Whether somebody starts a container of it: no base of the hierarchy, no Windows image, and none that only holds files.
#[must_use]
pub(in crate::rules) fn is_started(image: &BuiltImage) -> bool {
    !is_base(image) && !is_windows(image) && !image.container.starts_nothing()
}

/// Whether the plan wants its container watched: every planned service, and of the other images those that listen on a
/// port (or all of them, when the plan names no service).
#[must_use]
pub(in crate::rules) fn is_watched(image: &BuiltImage, plan: &Plan) -> bool {
    let listens = || image.container.ports().next().is_some();
    is_started(image) && (image.service.is_some() || plan.services.is_empty() || listens())
}

/// The RUNs that the history tells of, those of the bases included, oldest first.
pub(in crate::rules) fn past_runs(image: &BuiltImage) -> impl Iterator<Item = &PastRun> {
    image.history.iter().filter_map(|step| step.run.as_deref())
}

/// Whether a program is in an image.
#[derive(Debug)]
pub(in crate::rules) enum Presence {
    /// It is: a file, a Python package that brings it, or a link that leads to where no layer was searched.
    There,
    /// It surely is not.
    Missing,
    /// It cannot be told; why.
    Unknown(String),
}

/// Whether the program that a command names is in the layers: a name is looked for along `PATH`, a path is followed.
/// `asked`: paths that the plan names, which are read wherever they lie.
pub(in crate::rules) fn program(image: &BuiltImage, name: &str, asked: &[&str]) -> Presence {
    let files = match &image.files {
        Contents::Read(files) => files,
        Contents::Unread(why) => return Presence::Unknown(unread(why)),
    };
    let is_packaged = || files.python_packages.iter().any(|package| package.name == name);
    if files.program(name).is_some() || is_packaged() || leads_away(files, name) {
        return Presence::There;
    }
    let unread = match name.rsplit_once('/') {
        Some(_) if asked.contains(&name) => None,
        Some((folder, _)) => {
            Some(folder).filter(|folder| !PROGRAM_FOLDERS.contains(folder)).map(str::to_owned)
        }
        None => unread_folder(image),
    };
    match (&files.truncated, unread) {
        (Some(cap), _) => Presence::Unknown(cap.to_string()),
        (None, Some(folder)) => {
            Presence::Unknown(format!("the layers were not searched for what lies in `{folder}`"))
        }
        (None, None) => Presence::Missing,
    }
}

/// Why what the layers hold is not known, for messages.
#[must_use]
pub(in crate::rules) fn unread(why: &Unknown) -> String {
    match why {
        // Those of large images are not fetched unless somebody asks for it.
        Unknown::TooLarge => format!("{}; `--layers always` reads them", Unknown::Layers),
        _ => Unknown::Layers.to_string(),
    }
}

/// Whether the name is a link to where not every file is kept: `/etc/alternatives/nc`, `/opt/tini/tini`.
fn leads_away(files: &ImageFiles, name: &str) -> bool {
    let is_away = |path: &str| match files.files.get(path).map(|file| &file.kind) {
        Some(FileKind::Symlink(target)) => {
            let folder = target.rsplit_once('/').map_or("", |(folder, _)| folder);
            folder.starts_with('/') && !PROGRAM_FOLDERS.contains(&folder)
        }
        _ => false,
    };
    match name.starts_with('/') {
        true => is_away(name),
        false => PROGRAM_FOLDERS.iter().any(|folder| is_away(&format!("{folder}/{name}"))),
    }
}

/// A folder of `PATH` of which not every program is kept, and that may hold any. What CUDA and virtual environments put
/// there is known: nothing of the system.
fn unread_folder(image: &BuiltImage) -> Option<String> {
    let Fact::Known { value, .. } = image.container.env("PATH") else { return None };
    let known = |folder: &str| {
        PROGRAM_FOLDERS.contains(&folder.trim_end_matches('/'))
            || ["/nvidia/", "/cuda", "venv", "/.local/"].iter().any(|part| folder.contains(part))
    };
    value.text.split(':').find(|folder| folder.starts_with('/') && !known(folder)).map(str::to_owned)
}

/// The message of an open result about an image: `cannot tell the user: …`.
#[must_use]
pub(in crate::rules) fn cannot_tell(what: impl Display, why: impl Display) -> String {
    format!("cannot tell {what}: {why}")
}

#[cfg(test)]
mod tests;
