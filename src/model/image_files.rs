//! What of an image's files rules ask for: the file system of all layers, laid over each other as a container sees it,
//! and what a layer ships although a later one takes it away.
//!
//! Only entries of interest are kept ([`Interest`]); a path that is not here may still be in the image, unless its
//! interest is one of which all are kept.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::path;

/// The files of interest of an image.
#[derive(Debug, Clone, Default)]
pub struct ImageFiles {
    /// What a container sees, by absolute path.
    pub files: BTreeMap<SmolStr, ImageFile>,
    /// What a layer ships and a later one takes away or replaces.
    pub hidden: Vec<ImageFile>,
    /// Rows of `/etc/passwd`; `None`: there is no such file.
    pub users: Option<Vec<UserRow>>,
    /// Rows of `/etc/group`; `None`: there is no such file.
    pub groups: Option<Vec<GroupRow>>,
    /// Accounts of `/etc/shadow` whose password is empty, so that anybody may log in.
    pub empty_passwords: Vec<SmolStr>,
    /// Python packages by their `dist-info` folders, as a container sees them.
    pub python_packages: Vec<PythonPackage>,
    /// Bytes of all layers, unpacked.
    pub unpacked_size: u64,
    /// A cap that was reached, so that absence proves nothing; as a phrase.
    pub truncated: Option<SmolStr>,
}

/// An entry of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFile {
    /// Absolute path.
    pub path: SmolStr,
    /// What it is.
    pub kind: FileKind,
    /// Permission bits, set-id bits included.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Bytes; of a folder that is kept as a whole (a cache, `.git`) those of everything below it in this layer.
    pub size: u64,
    /// Files below such a folder; 1 for a file.
    pub count: usize,
    /// The layer that brings it, lowest is 0.
    pub layer: usize,
    /// Why it is kept.
    pub interest: Interest,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A folder.
    Folder,
    /// A symbolic link, with its target as written.
    Symlink(SmolStr),
    /// Another name of a file, with its absolute path.
    Hardlink(SmolStr),
    /// A device, pipe or socket.
    Special,
}

/// Why an entry is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interest {
    /// It lies in a folder of programs (`/bin`, `/usr/local/bin`, …), or is a link near the root that leads to one. All
    /// of these are kept.
    Program,
    /// A regular file with a set-uid or set-gid bit, wherever it lies.
    SetId,
    /// A package manager's cache or list: the folder as a whole.
    PackageCache,
    /// A `.git`, `.svn` or `.hg` folder as a whole.
    VersionControl,
    /// A file that is a credential by its name or its first bytes.
    Secret,
    /// A file that only the build needed: a Dockerfile, a compose file.
    BuildFile,
    /// A file that was asked for by path.
    Wanted,
    /// `/etc/passwd`, `/etc/group`, `/etc/shadow` and links on the way to them.
    Account,
}

/// A row of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// The name.
    pub name: SmolStr,
    /// The number.
    pub uid: u32,
    /// The primary group's number.
    pub gid: u32,
    /// Whether the password field is empty (not `x`), so that no password is needed.
    pub empty_password: bool,
}

/// A row of `/etc/group`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// The name.
    pub name: SmolStr,
    /// The number.
    pub gid: u32,
}

/// An installed Python package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonPackage {
    /// Its name, normalised (PEP 503).
    pub name: SmolStr,
    /// Its version, local part included.
    pub version: SmolStr,
    /// The `dist-info` folder.
    pub path: SmolStr,
    /// The layer that brings it, lowest is 0.
    pub layer: usize,
}

/// Links that are followed at most, as the kernel does (`MAXSYMLINKS`).
const MAX_LINKS: usize = 40;

impl ImageFiles {
    /// The entry that a path leads to, links in the image followed: never out of it. `None`: not kept, or not there.
    #[must_use]
    pub fn resolve(&self, path: &str) -> Option<&ImageFile> {
        let mut wanted = path::absolute(path);
        for _ in 0..MAX_LINKS {
            match self.step(&wanted) {
                Step::Found(file) => return Some(file),
                Step::Goes(next) => wanted = next,
                Step::Lost => return None,
            }
        }
        None
    }

    /// The path that a link leads to when nothing is kept there, links on the way followed.
    #[must_use]
    pub fn lost_target(&self, link: &str) -> Option<SmolStr> {
        let mut wanted = path::absolute(link);
        for _ in 0..MAX_LINKS {
            match self.step(&wanted) {
                Step::Found(_) => return None,
                Step::Goes(next) => wanted = next,
                Step::Lost => return Some(wanted.into()),
            }
        }
        None
    }

    fn step(&self, wanted: &str) -> Step<'_> {
        if let Some(file) = self.files.get(wanted) {
            return match &file.kind {
                FileKind::Symlink(target) => Step::Goes(path::linked(parent(wanted), target)),
                FileKind::Hardlink(target)
                    if target != wanted && self.files.contains_key(target.as_str()) =>
                {
                    Step::Goes(target.to_string())
                }
                _ => Step::Found(file),
            };
        }
        // A folder on the way may be a link: `/bin` leads to `/usr/bin`.
        let mut folder = parent(wanted);
        while folder.len() > 1 {
            if let Some(ImageFile { kind: FileKind::Symlink(target), .. }) = self.files.get(folder) {
                return Step::Goes(path::linked(
                    &path::linked(parent(folder), target),
                    &wanted[folder.len() + 1..],
                ));
            }
            folder = parent(folder);
        }
        Step::Lost
    }

    /// Whether a program of this name lies in one of the folders that `PATH` usually names, or at this absolute path.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<&ImageFile> {
        if name.starts_with('/') {
            return self.resolve(name);
        }
        PROGRAM_FOLDERS.iter().find_map(|folder| self.resolve(&format!("{folder}/{name}")))
    }
}

/// Folders of programs, in the order of Docker's default `PATH` (moby `system.DefaultPathEnv`).
pub const PROGRAM_FOLDERS: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

enum Step<'f> {
    Found(&'f ImageFile),
    Goes(String),
    Lost,
}

/// The folder of an absolute path; of `/` and of what lies in it `/`.
fn parent(path: &str) -> &str {
    path::parent(path).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, kind: FileKind) -> (SmolStr, ImageFile) {
        let file = ImageFile {
            path: path.into(),
            kind,
            mode: 0o755,
            uid: 0,
            gid: 0,
            size: 1,
            count: 1,
            layer: 0,
            interest: Interest::Program,
        };
        (path.into(), file)
    }

    #[test]
    fn links_are_followed_inside_the_image() {
        let link = |target: &str| FileKind::Symlink(target.into());
        let files = ImageFiles {
            files: [
                file("/bin", link("usr/bin")),
                file("/usr/bin/tini", link("/usr/bin/tini-static")),
                file("/usr/bin/tini-static", FileKind::Regular),
                file("/usr/bin/loop", link("loop")),
                file("/usr/bin/out", link("../../../../../usr/bin/tini-static")),
                file("/usr/bin/hard", FileKind::Hardlink("/usr/bin/tini-static".into())),
            ]
            .into(),
            ..ImageFiles::default()
        };
        let found = |path: &str| files.resolve(path).map(|file| file.path.as_str());
        for path in ["/bin/tini", "/usr/bin/./tini", "/usr/bin/out", "/bin/hard", "/usr/bin/tini-static"] {
            assert_eq!(found(path), Some("/usr/bin/tini-static"), "{path}");
        }
        assert_eq!(found("/usr/bin/loop"), None);
        assert_eq!(found("/nowhere/tini"), None);
        assert_eq!(files.program("tini").map(|file| file.path.as_str()), Some("/usr/bin/tini-static"));
        assert!(files.program("curl").is_none());
    }
}
