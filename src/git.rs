//! What git tells about the repository of a call: the commit where it left a revision, the lines that changed since, and
//! the files of that commit.
//!
//! The program `git` is asked, and only when the user names a revision. What lies in the files is not known here, but for
//! those that git keeps for itself.

mod changes;
mod files;
mod tree;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use changes::ChangedLines;
pub use files::GitFolder;

/// Why git gives no answer: one sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitError(pub String);

/// A repository with its files.
#[derive(Debug)]
pub struct Repository {
    root: PathBuf,
}

/// A commit of the repository, by its full id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit(String);

impl Repository {
    /// The repository around a folder.
    ///
    /// # Errors
    /// When there is none, or no git.
    pub fn around(folder: &Path) -> Result<Self, GitError> {
        let output = ask(folder, ["rev-parse", "--show-toplevel"])?;
        let text = String::from_utf8_lossy(&output);
        // A name may end in blanks.
        Ok(Self { root: PathBuf::from(text.strip_suffix('\n').unwrap_or(&text)) })
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit where what is checked out left a revision: their merge base, as a pull request is compared; the revision
    /// itself when they have none.
    ///
    /// # Errors
    /// When the repository has no such revision, as a clone without history may not.
    pub fn left(&self, revision: &str) -> Result<Commit, GitError> {
        let wanted = format!("{revision}^{{commit}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
        let named = ask(&self.root, arguments)
            .ok()
            .and_then(|output| id(&output))
            .ok_or_else(|| GitError(format!("the repository has no revision `{revision}`")))?;
        let base = ask(&self.root, ["merge-base", &named, "HEAD"]);
        Ok(Commit(base.ok().and_then(|output| id(&output)).unwrap_or(named)))
    }

    /// The text of a file of a commit, by its path from the root; `None` when the commit has no such file.
    #[must_use]
    pub fn file(&self, commit: &Commit, path: &Path) -> Option<Vec<u8>> {
        let path = path.to_str()?.replace('\\', "/");
        ask(&self.root, ["cat-file", "blob", &format!("{}:{path}", commit.0)]).ok()
    }

    /// Whether a file is tracked now, by its path from the root.
    #[must_use]
    pub fn tracks(&self, path: &Path) -> bool {
        let ask_for = [OsStr::new("ls-files"), "--error-unmatch".as_ref(), "--".as_ref(), path.as_os_str()];
        ask(&self.root, ask_for).is_ok()
    }

    /// Files that have another name now than in a commit: the old path and the new one, from the root.
    ///
    /// # Errors
    /// Those of git.
    pub fn renames(&self, commit: &Commit) -> Result<Vec<(String, String)>, GitError> {
        changes::renames(self, commit)
    }

    /// The lines of the files as they lie there that are not what they were in a commit.
    ///
    /// # Errors
    /// Those of git.
    pub fn changed_lines(&self, commit: &Commit) -> Result<ChangedLines, GitError> {
        changes::read(self, commit)
    }

    /// Writes the files of a commit into an empty folder: their names, and the text of those that a call would read. Links
    /// are links again.
    ///
    /// # Errors
    /// Those of git and of the disk.
    pub fn write_tree(&self, commit: &Commit, folder: &Path) -> Result<(), GitError> {
        tree::write(self, commit, folder)
    }
}

/// The id of a commit that git printed.
fn id(output: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(output).ok()?.trim();
    let is_id = text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| text.to_owned())
}

/// Git, told to start nothing else and to ask nobody.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.quotePath=true",
            "--no-pager",
            "--no-optional-locks",
        ])
        .current_dir(folder)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

/// What git prints.
fn ask<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Result<Vec<u8>, GitError> {
    let output = git(folder)
        .args(arguments)
        .output()
        .map_err(|error| GitError(format!("git cannot be started: {error}")))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ");
            Err(GitError(format!("git: {said}")))
        }
    }
}
