//! `--since`: what is new since a revision.
//!
//! A finding is new when a line that it shows changed, or when the files of the revision do not give it: a line that was
//! taken out leaves no line to point at.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{CheckRequest, Outcome, PlanChoice, RunError, inputs, plan, weaker};
use crate::collect::{Options, collect};
use crate::finding::Finding;
use crate::git::{ChangedLines, Commit, GitError, Repository};
use crate::path::clean;
use crate::plan::Plan;
use crate::settle::{Baseline, as_is, joined, protected};
use crate::source::Place;

/// Leaves the findings of an outcome that are new since a revision; says how many are older.
///
/// Whoever changes files may change the plan with them. What the plan of the revision protects (`suppressible = false`) is
/// therefore judged by that plan too, and what is weaker than it was is told.
///
/// # Errors
/// When there is no repository, no such revision, or its files cannot be written down.
pub(super) fn keep_new(
    outcome: &mut Outcome,
    request: &CheckRequest,
    plan: &Plan,
    revision: &str,
) -> Result<(), RunError> {
    let base = inputs::base(request)?;
    let (repository, commit) = at(&base, revision)?;
    let changed = repository.changed_lines(&commit).map_err(failed)?;
    let prefix = below(repository.root(), &base)?;
    let folder = Scratch::new()?;
    repository.write_tree(&commit, &folder.0).map_err(failed)?;
    let moved = |path: &PathBuf| moved(path, &base, repository.root(), &folder.0);
    let then = CheckRequest {
        base: Some(folder.0.join(&prefix)),
        paths: request.paths.iter().map(moved).collect(),
        plan: PlanChoice { file: request.plan.file.as_ref().map(moved), pack: request.plan.pack.clone() },
        since: None,
        baseline: None,
        images: Vec::new(),
        ..request.clone()
    };
    let old_plan = plan::load_in(&inputs::base(&then)?, &then.plan, &then.paths);
    // What the revision cannot be judged by is new.
    let old = old_plan.as_ref().ok().and_then(|old| super::check_files(&then, old).ok());
    let old = old.map(|outcome| outcome.settled.findings).unwrap_or_default();
    let held = match &old_plan {
        Ok(old) => {
            outcome.checked.notices.extend(weaker::told(old, plan, revision));
            hold(outcome, request, plan, old)
        }
        // The plan that the call names came since.
        Err(_) if is_gone(&then) => Ok(()),
        Err(error) => Err(why(error)),
    };
    if let Err(why) = held {
        let notice = format!(
            "the plan of `{revision}` cannot be used: {why}, so nothing is held to the rules that it protects"
        );
        outcome.checked.notices.push(notice);
    }
    let renames = repository.renames(&commit).map_err(failed)?;
    outcome.checked.notices.extend(unwatched(request, &then, &renames, &prefix)?);
    let findings = std::mem::take(&mut outcome.settled.findings);
    let count = findings.len();
    let shows = Shown { changed: &changed, prefix: &slashed(&prefix) };
    let is_on_change: Vec<bool> = findings.iter().map(|finding| shows.change(finding)).collect();
    let is_known = Baseline::of(&old, as_is).knows(&findings);
    let kept = findings.into_iter().zip(is_on_change.iter().zip(is_known));
    outcome.settled.findings =
        kept.filter(|(_, (changed, known))| **changed || !known).map(|(finding, _)| finding).collect();
    outcome.settled.older = Some(count - outcome.settled.findings.len());
    Ok(())
}

/// The baseline of a call as it is in a revision, so that what is checked cannot add to it: its text; an empty one when it
/// came since; `None` when the repository knows nothing of the file.
///
/// # Errors
/// When there is no repository, or no such revision.
pub fn baseline_before(revision: &str, path: &Path) -> Result<Option<Vec<u8>>, RunError> {
    let base = inputs::working_directory()?;
    let (repository, commit) = at(&base, revision)?;
    let full = base.join(path);
    let folder = full.parent().and_then(|folder| fs::canonicalize(folder).ok());
    let (Some(folder), Some(name)) = (folder, full.file_name()) else { return Ok(None) };
    let Ok(folder) = below(repository.root(), &folder) else { return Ok(None) };
    let inside = folder.join(name);
    let came_since = || repository.tracks(&inside).then(|| Baseline::default().text().into_bytes());
    Ok(repository.file(&commit, &inside).or_else(came_since))
}

/// The repository around a folder, and the commit where it left a revision.
fn at(base: &Path, revision: &str) -> Result<(Repository, Commit), RunError> {
    let repository = Repository::around(base).map_err(failed)?;
    let commit = repository.left(revision).map_err(|error| RunError {
        help: Some(
            "a clone needs its history: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout"
                .to_owned(),
        ),
        ..failed(error)
    })?;
    Ok((repository, commit))
}

/// Adds what the rules that the old plan protects find by it; else says why it cannot be applied to the files of now.
fn hold(outcome: &mut Outcome, request: &CheckRequest, plan: &Plan, old: &Plan) -> Result<(), String> {
    let firm = protected(old);
    if firm.is_empty() || !weaker::differ(old, plan) {
        return Ok(());
    }
    let again = CheckRequest { since: None, baseline: None, images: Vec::new(), ..request.clone() };
    let by_old = super::check_files(&again, old).map_err(|error| why(&error))?;
    let mut held: Vec<Finding> = by_old.settled.findings;
    held.retain(|finding| firm.contains(finding.rule));
    let findings = std::mem::take(&mut outcome.settled.findings);
    outcome.settled.findings = joined(findings, held);
    Ok(())
}

/// Whether the plan that a call names is not there.
fn is_gone(request: &CheckRequest) -> bool {
    let named = request.plan.file.as_ref().zip(request.base.as_ref());
    named.is_some_and(|(file, base)| fs::symlink_metadata(base.join(file)).is_err())
}

/// An error in a few words: its first fault, with the line that makes it.
fn why(error: &RunError) -> String {
    match error.faults.first() {
        Some((Some(place), message)) => format!("line {}: {message}", place.start().line),
        Some((None, message)) => message.clone(),
        None => error.message.clone(),
    }
}

/// Files that the revision has and that are not checked now: moved to a name that says nothing, or gone.
fn unwatched(
    request: &CheckRequest,
    then: &CheckRequest,
    renames: &[(String, String)],
    prefix: &Path,
) -> Result<Vec<String>, RunError> {
    const SHOWN: usize = 20;
    let prefix = slashed(prefix);
    let (now, before) = (read_by(request, &prefix)?, read_by(then, &prefix)?);
    let told = before.difference(&now).filter_map(|old| {
        let moved = renames.iter().find(|(from, _)| from == old).map(|(_, to)| to);
        match moved {
            Some(new) if now.contains(new) => None,
            Some(new) => Some(format!("`{old}` is `{new}` now, which is not checked")),
            None => Some(format!("`{old}` is not there any more, or not checked")),
        }
    });
    Ok(told.take(SHOWN).collect())
}

/// The files that a call knows by their names, from the root of the repository. Other YAML is mostly not the fleet's.
fn read_by(request: &CheckRequest, prefix: &str) -> Result<BTreeSet<String>, RunError> {
    let collected = collect(&request.paths, &Options { base: inputs::base(request)? });
    let lists = [&collected.dockerfiles, &collected.compose, &collected.workflows];
    let shown = lists.into_iter().flatten().map(|input| match prefix.is_empty() {
        true => input.display.clone(),
        false => clean(&format!("{prefix}/{}", input.display)),
    });
    Ok(shown.collect())
}

/// A path with `/` between its parts.
fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
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
        let path = clean(&format!("{}/{}", self.prefix, place.source.path()));
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

/// An argument as it is for a call in the written tree: seen from the working directory, or the tree's own place for an
/// absolute path of the repository.
fn moved(path: &Path, base: &Path, root: &Path, tree: &Path) -> PathBuf {
    if let Ok(inside) = path.strip_prefix(base) {
        return inside.to_owned();
    }
    path.strip_prefix(root).map_or_else(|_| path.to_owned(), |inside| tree.join(inside))
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
