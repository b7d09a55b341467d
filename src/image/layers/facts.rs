//! What one layer brings and takes away, as it is shared between images.

use std::hash::{DefaultHasher, Hasher};

use smol_str::SmolStr;

use crate::model::{FileKind, Interest};

/// What one layer brings and takes away.
///
/// Every path of a layer may replace one below it, but only a few are kept: the others are here as 64-bit hashes.
#[derive(Debug, Default)]
pub(crate) struct LayerFacts {
    /// Entries of interest.
    pub(super) kept: Vec<Kept>,
    /// Paths of everything that is no folder, hashed and sorted.
    pub(super) files: Vec<u64>,
    /// Paths of folders, hashed and sorted.
    pub(super) folders: Vec<u64>,
    /// Paths that whiteouts take away.
    pub(super) gone: Vec<u64>,
    /// Folders whose content below is taken away.
    pub(super) opaque: Vec<u64>,
    /// Bytes, unpacked.
    pub(super) unpacked: u64,
    /// Digest of these bytes, `sha256:…`.
    pub(super) diff_id: SmolStr,
    /// A cap that was reached, as a phrase.
    pub(super) truncated: Option<SmolStr>,
}

impl LayerFacts {
    /// A layer of so many files.
    #[cfg(test)]
    pub(crate) fn of_files(count: u64) -> Self {
        Self { files: (0..count).collect(), ..Self::default() }
    }

    /// Memory that it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let hashes = [&self.files, &self.folders, &self.gone, &self.opaque];
        let kept = |kept: &Kept| size_of::<Kept>() + kept.path.len() + kept.target_len() + kept.text.len();
        hashes.iter().map(|list| list.len() * size_of::<u64>()).sum::<usize>()
            + self.kept.iter().map(kept).sum::<usize>()
    }
}

/// An entry of interest.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) path: SmolStr,
    pub(super) kind: FileKind,
    pub(super) mode: u32,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) size: u64,
    pub(super) role: Role,
    /// The content, of files of accounts.
    pub(super) text: Box<[u8]>,
}

impl Kept {
    /// Bytes of what a link leads to.
    pub(super) fn target_len(&self) -> usize {
        match &self.kind {
            FileKind::Symlink(target) | FileKind::Hardlink(target) => target.len(),
            _ => 0,
        }
    }
}

/// Why an entry is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// For itself.
    Single(Interest),
    /// As a part of the folder whose path ends at this byte.
    Part(Interest, usize),
    /// As the record of a Python package.
    Python,
}

/// A path's hash. The same in every run, so that equal images give equal answers.
pub(super) fn hash(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(path.as_bytes());
    hasher.finish()
}

/// Hashes of the folders above a path, in one pass.
pub(super) fn folders_above(path: &str) -> Vec<u64> {
    let mut hasher = DefaultHasher::new();
    let mut found = Vec::new();
    for part in path.split_inclusive('/') {
        // The slash belongs to what follows.
        let (name, slash) = part.strip_suffix('/').map_or((part, ""), |name| (name, "/"));
        hasher.write(name.as_bytes());
        if slash.is_empty() {
            break;
        }
        found.push(hasher.clone().finish());
        hasher.write(slash.as_bytes());
    }
    found
}
