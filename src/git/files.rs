//! The files of git around a working tree, read without running anything: those of the tree itself, and those that all
//! linked worktrees of a repository share.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of one file that are read.
const MAX_BYTES: u64 = 1 << 20;

/// The folder that `.git` is or names.
#[derive(Debug, Clone)]
pub struct GitFolder {
    own: PathBuf,
    common: PathBuf,
}

impl GitFolder {
    /// The folder of a `.git`: itself, or what it names after `gitdir:`, as in a linked worktree or a submodule; `None`
    /// when it is neither (gitrepository-layout of git).
    #[must_use]
    pub fn of(git: &Path) -> Option<Self> {
        let own = match git.is_dir() {
            true => git.to_owned(),
            false => git.parent()?.join(read(git)?.trim().strip_prefix("gitdir: ")?),
        };
        let common = read(&own.join("commondir")).map(|path| own.join(path.trim()));
        Some(Self { common: common.unwrap_or_else(|| own.clone()), own })
    }

    /// The text of a file of this working tree: `HEAD`.
    #[must_use]
    pub fn own(&self, name: &str) -> Option<String> {
        read(&self.own.join(name))
    }

    /// The text of a file that the repository's working trees share: `config`, most of `refs`.
    #[must_use]
    pub fn shared(&self, name: &str) -> Option<String> {
        read(&self.common.join(name))
    }
}

/// A text file of usual size. What is no file is not opened: a pipe would never end.
fn read(path: &Path) -> Option<String> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mut text = String::new();
    fs::File::open(path).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linked_worktree_shares_all_but_its_head() {
        let folder = std::env::temp_dir().join(format!("plimsoll-git-files-{}", std::process::id()));
        let (git, linked) = (folder.join("clone/.git"), folder.join("linked"));
        fs::create_dir_all(git.join("worktrees/linked")).unwrap();
        fs::create_dir_all(&linked).unwrap();
        fs::write(git.join("config"), "shared").unwrap();
        fs::write(git.join("HEAD"), "clone").unwrap();
        fs::write(git.join("worktrees/linked/HEAD"), "linked").unwrap();
        fs::write(git.join("worktrees/linked/commondir"), "../..\n").unwrap();
        let of = |git: &Path| GitFolder::of(git).map(|found| (found.own("HEAD"), found.shared("config")));
        let expected = |head: &str| Some((Some(head.to_owned()), Some("shared".to_owned())));
        assert_eq!(of(&git), expected("clone"));
        for pointer in ["gitdir: ../clone/.git/worktrees/linked\n".to_owned(), {
            format!("gitdir: {}\n", git.join("worktrees/linked").display())
        }] {
            fs::write(linked.join(".git"), pointer).unwrap();
            assert_eq!(of(&linked.join(".git")), expected("linked"));
        }
        for text in [b"".as_slice(), b"gitdir", b"\xff\xfe", b"gitdir: \0"] {
            fs::write(linked.join(".git"), text).unwrap();
            let found = of(&linked.join(".git"));
            assert!(found.is_none_or(|found| found == (None, None)), "{text:?}");
        }
        assert!(of(&folder.join("nowhere/.git")).is_none());
        fs::remove_dir_all(&folder).unwrap();
    }
}
