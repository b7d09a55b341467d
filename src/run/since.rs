//! `--since`: what is new since a revision.
//!
//! A finding is new when a line that it shows changed, or when the files of the revision do not give it: a line that was
//! taken out leaves no line to point at.

use std::fs;
use std::path::{Path, PathBuf};

use super::{CheckRequest, Outcome, RunError, inputs};
use crate::finding::Finding;
use crate::git::{ChangedLines, GitError, Repository};
use crate::settle::Baseline;
use crate::source::Place;

/// Leaves the findings of an outcome that are new since a revision; says how many are older.
///
/// # Errors
/// When there is no repository, no such revision, or its files cannot be written down.
pub(super) fn keep_new(
    outcome: &mut Outcome,
    request: &CheckRequest,
    revision: &str,
) -> Result<(), RunError> {
    let base = inputs::base(request)?;
    let repository = Repository::around(&base).map_err(failed)?;
    let commit = repository.left(revision).map_err(|error| RunError {
        help: Some(
            "a clone needs its history: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout"
                .to_owned(),
        ),
        ..failed(error)
    })?;
    let changed = repository.changed_lines(&commit).map_err(failed)?;
    let prefix = below(repository.root(), &base)?;
    let folder = Scratch::new()?;
    repository.write_tree(&commit, &folder.0).map_err(failed)?;
    let then = CheckRequest {
        base: Some(folder.0.join(&prefix)),
        paths: request.paths.iter().map(|path| relative(path, &base)).collect(),
        since: None,
        baseline: None,
        images: Vec::new(),
        ..request.clone()
    };
    // What the revision cannot be judged by is new.
    let old = super::check_files(&then).map(|outcome| outcome.settled.findings).unwrap_or_default();
    let findings = std::mem::take(&mut outcome.settled.findings);
    let count = findings.len();
    let shows = Shown { changed: &changed, prefix: &prefix.to_string_lossy().replace('\\', "/") };
    let is_on_change: Vec<bool> = findings.iter().map(|finding| shows.change(finding)).collect();
    let is_known = Baseline::of(&old).knows(&findings);
    let kept = findings.into_iter().zip(is_on_change.iter().zip(is_known));
    outcome.settled.findings =
        kept.filter(|(_, (changed, known))| **changed || !known).map(|(finding, _)| finding).collect();
    outcome.settled.older = Some(count - outcome.settled.findings.len());
    Ok(())
}

fn failed(error: GitError) -> RunError {
    RunError::new(format!("--since: {}", error.0))
}

/// Which lines a finding shows.
struct Shown<'a> {
    changed: &'a ChangedLines,
    /// The working directory as seen from the repository.
    prefix: &'a str,
}

impl Shown<'_> {
    /// Whether a line that changed is among them.
    fn change(&self, finding: &Finding) -> bool {
        let steps = finding.origin.iter().chain(&finding.plan).map(|step| &step.place);
        std::iter::once(&finding.place).chain(steps).any(|place| self.is_changed(place))
    }

    fn is_changed(&self, place: &Place) -> bool {
        let path = crate::path::clean(&format!("{}/{}", self.prefix, place.source.path()));
        let path = if self.prefix.is_empty() { place.source.path() } else { &path };
        self.changed.touch(path, place.start().line, place.end().line)
    }
}

/// A folder as seen from another that holds it.
fn below(root: &Path, folder: &Path) -> Result<PathBuf, RunError> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (root, folder) = (real(root), real(folder));
    let inside = folder.strip_prefix(&root).map(Path::to_owned);
    inside.map_err(|_| RunError::new("--since: the working directory is not in the repository"))
}

/// An argument as seen from the working directory.
fn relative(path: &Path, base: &Path) -> PathBuf {
    path.strip_prefix(base).map_or_else(|_| path.to_owned(), Path::to_owned)
}

/// A folder of this call alone, gone when it ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, RunError> {
        let name = |at: u32| format!("plimsoll-since-{}-{at}", std::process::id());
        let made = (0..100).map(|at| std::env::temp_dir().join(name(at))).find(|path| make(path).is_ok());
        let folder = made.ok_or_else(|| RunError::new("--since: no temporary folder can be made"))?;
        Ok(Self(fs::canonicalize(&folder).unwrap_or(folder)))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be taken away is the system's to clean.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes a folder that nobody else may read and that was not there.
fn make(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
