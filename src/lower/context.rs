//! Build contexts: which folder `docker build` is given, and what COPY finds in it.
//!
//! The path of a Dockerfile and its COPY sources go in, the context, what each source is, and the files of the image
//! come out. File access is the caller's ([`Files`]); nothing here knows a rule or a plan.

mod image_files;
pub use crate::path;
mod placed;
mod present;
mod source;

pub use image_files::{RunFiles, StageFiles};
pub use placed::placed;
pub use present::present;
pub use source::{ContextView, resolve_source};

use std::collections::HashSet;

use smol_str::SmolStr;

use super::{FileKind, Files};
use crate::model::{BuildContext, ContextChoice, Value};
use crate::syntax::ignore_file::{self, IgnoreFile};
use crate::syntax::wildcard::Wildcard;

/// Distinct sources that are looked for when a context is chosen; more say nothing new.
const MAX_SOURCES: usize = 256;
/// Folder entries that looking for the context may cost.
const MAX_ENTRIES: usize = 1 << 18;
/// Folders that are tried above a Dockerfile.
const MAX_FOLDERS: usize = 64;

/// A COPY or ADD source that says something about where the context is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourcePath(SmolStr);

impl SourcePath {
    /// The source, when it is a path of the context: `None` for a URL, an uncertain value, the whole context, and a
    /// pattern that starts in the context's own folder with a wildcard (it fits too many). The caller leaves out what
    /// comes from a stage, an image or a heredoc.
    #[must_use]
    pub fn new(value: &Value) -> Option<Self> {
        let text = value.certain()?;
        if is_url(text) {
            return None;
        }
        let path = path::rooted(text);
        let first = path.split('/').next().unwrap_or_default();
        (path != "." && !Wildcard::is_pattern(first)).then(|| Self(path.into()))
    }
}

/// Whether an ADD source is fetched and not copied (BuildKit: HTTP, and git by scheme or by `git@`).
#[must_use]
pub fn is_url(source: &str) -> bool {
    const SCHEMES: [&str; 5] = ["http://", "https://", "git://", "ssh://", "git@"];
    SCHEMES.iter().any(|scheme| source.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme)))
}

/// The build context of a Dockerfile.
///
/// `given` is a folder that somebody named. Otherwise it is the nearest folder from the Dockerfile's own upwards to
/// `root_limit` in which every source exists, or else the one that holds most; the nearest of equals, and the own
/// folder when none holds anything. All paths are display paths.
#[must_use]
pub fn choose(
    dockerfile: &str,
    sources: &[SourcePath],
    given: Option<&str>,
    root_limit: &str,
    files: &dyn Files,
) -> BuildContext {
    let dockerfile = path::clean(dockerfile);
    let own = path::parent(&dockerfile).unwrap_or(".").to_owned();
    let (folder, chosen) = match given {
        Some(folder) => (path::clean(folder), ContextChoice::Given),
        None if files.kind(&own) != Some(FileKind::Folder) => (own, ContextChoice::None),
        None => search(own, sources, root_limit, files),
    };
    let beside = format!("{dockerfile}.dockerignore");
    let ignore_file = match chosen {
        ContextChoice::None => None,
        // BuildKit: a file named after the Dockerfile replaces that of the context.
        _ => files.read(&beside).or_else(|| files.read(&path::join(&folder, ".dockerignore"))),
    };
    BuildContext { folder, chosen, ignore_file, ignore: None, present: std::sync::Arc::default() }
}

/// The patterns of the ignore file in force.
#[must_use]
pub fn ignore_of(context: &BuildContext) -> Option<IgnoreFile> {
    context.ignore_file.as_ref().map(|source| ignore_file::parse(source.bytes()))
}

fn search(
    own: String,
    sources: &[SourcePath],
    root_limit: &str,
    files: &dyn Files,
) -> (String, ContextChoice) {
    let mut seen = HashSet::new();
    let wanted: Vec<&str> = sources
        .iter()
        .filter(|source| seen.len() < MAX_SOURCES && seen.insert(&source.0))
        .map(|source| source.0.as_str())
        .collect();
    if wanted.is_empty() {
        return (own, ContextChoice::Own);
    }
    let mut entries = MAX_ENTRIES;
    let mut best = (0, own.clone());
    for folder in upwards(&own, root_limit) {
        let held =
            wanted.iter().filter(|source| source::exists(&folder, source, files, &mut entries)).count();
        if held == wanted.len() {
            return (folder, ContextChoice::AllSourcesExist);
        }
        if held > best.0 {
            best = (held, folder);
        }
    }
    let chosen = if best.0 == 0 { ContextChoice::NoSourceExists } else { ContextChoice::MostSourcesExist };
    (best.1, chosen)
}

/// The folder and those above it, up to `root_limit`; the folder alone when it does not lie below that. The limit may lie
/// above the working directory (`..`).
fn upwards(folder: &str, root_limit: &str) -> Vec<String> {
    let mut found = vec![folder.to_owned()];
    if folder == root_limit {
        return found;
    }
    let limit = path::clean(root_limit);
    if !lies_below(folder, &limit) {
        return found;
    }
    while let Some(folder) = found.last().filter(|folder| **folder != limit && found.len() < MAX_FOLDERS) {
        let next = match (path::parent(folder), folder.as_str()) {
            (Some(parent), _) => parent.to_owned(),
            (None, ".") => "..".to_owned(),
            (None, "/") => break,
            (None, folder) => format!("../{folder}"),
        };
        found.push(next);
    }
    found
}

/// Whether a folder lies in another one, as far as their texts tell; `../..` holds all that climbs less.
fn lies_below(folder: &str, limit: &str) -> bool {
    let climbs = |path: &str| path.split('/').take_while(|part| *part == "..").count();
    let only_climbs = !limit.is_empty() && limit.split('/').all(|part| part == "..");
    path::below(folder, limit).is_some()
        || (only_climbs && !folder.starts_with('/') && climbs(folder) < climbs(limit))
}

#[cfg(test)]
pub(crate) mod tests;
