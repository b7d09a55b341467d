//! What git tracks, read from its index: an ignore file hides nothing that is part of the repository, whoever wrote it.
//!
//! A folder goes in, the tracked files below it that are named like inputs come out. Nothing is started for that. What
//! cannot be read as an index tracks nothing.
//!
//! Source: "gitformat-index" of git's documentation, versions 2 to 4, with split indexes.

use std::fs;
use std::path::{Path, PathBuf};

use super::{NameKind, classify};

/// A larger index is not read, in bytes: that of a million files has about 100 MB.
const MAX_INDEX: u64 = 256 << 20;
/// A larger file `.git` names no folder, in bytes.
const MAX_GITDIR: u64 = 64 << 10;
/// No system opens a longer path, in bytes. Paths of version 4 grow by what stands before them, so that a small index may
/// spell out large ones.
const MAX_PATH: usize = 4096;
/// Bytes of paths that are kept.
const MAX_KEPT: usize = 64 << 20;
/// Bytes of an object's id: SHA-1, and SHA-256.
const IDS: [usize; 2] = [20, 32];
/// What stands before the entries.
const HEADER: usize = 12;
/// The times, numbers and sizes of an entry, which stand before its id.
const FIXED: usize = 40;
/// Where the mode stands in an entry.
const MODE: usize = 24;
/// The length of a path in its flags; longer ones have this.
const LONG: u16 = 0xFFF;
/// The flag of an entry with two more bytes of flags.
const EXTENDED: u16 = 0x4000;

/// The tracked files below a folder, which is absolute, whose names are those of inputs. Empty outside of a repository.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(real) = fs::canonicalize(folder) else { return Vec::new() };
    let Some((root, git)) = repository(&real) else { return Vec::new() };
    let Ok(inside) = real.strip_prefix(&root) else { return Vec::new() };
    let entries = read(&git, "index").map(|index| index.paths(&git)).unwrap_or_default();
    let named = entries.into_iter().filter_map(|path| path_of(&path));
    named.filter_map(|path| Some(folder.join(path.strip_prefix(inside).ok()?))).collect()
}

/// The nearest folder above that is a working tree, and the folder that holds its index.
fn repository(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let root = folder.ancestors().find(|folder| folder.join(".git").exists())?;
    let git = root.join(".git");
    if git.is_dir() {
        return Some((root.to_owned(), git));
    }
    // A linked working tree or a submodule: `gitdir: PATH`.
    let is_fit = fs::symlink_metadata(&git).is_ok_and(|it| it.is_file() && it.len() <= MAX_GITDIR);
    let text = is_fit.then(|| fs::read_to_string(&git).ok())??;
    let named = text.strip_prefix("gitdir:")?.trim();
    Some((root.to_owned(), root.join(named)))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

/// What an index says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Index {
    /// Files and links that are named like inputs.
    paths: Vec<Vec<u8>>,
    /// The index that this one adds to, by its id.
    shared: Option<String>,
}

impl Index {
    /// Its paths with those of the index that it adds to. What this one takes out of that is no file any more, or is one.
    fn paths(mut self, git: &Path) -> Vec<Vec<u8>> {
        if let Some(shared) = self.shared.and_then(|id| read(git, &format!("sharedindex.{id}"))) {
            self.paths.extend(shared.paths);
        }
        self.paths
    }
}

fn read(git: &Path, name: &str) -> Option<Index> {
    let path = git.join(name);
    let is_fit = fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= MAX_INDEX);
    let bytes = is_fit.then(|| fs::read(&path).ok())??;
    IDS.iter().find_map(|id| parse(&bytes, *id))
}

/// Reads an index whose ids have this length; `None` when it is none.
fn parse(bytes: &[u8], id: usize) -> Option<Index> {
    let version = number(bytes, 4)?;
    if !bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) {
        return None;
    }
    let mut index = Index::default();
    let mut at = HEADER;
    let mut path = Vec::new();
    let mut kept = 0;
    for _ in 0..number(bytes, 8)? {
        let start = at;
        let mode = number(bytes, start + MODE)?;
        let flags = bytes.get(start + FIXED + id..start + FIXED + id + 2)?;
        let flags = u16::from_be_bytes([flags[0], flags[1]]);
        at = start + FIXED + id + 2 + if version > 2 && flags & EXTENDED != 0 { 2 } else { 0 };
        if version == 4 {
            let (strip, next) = offset(bytes, at)?;
            path.truncate(path.len().checked_sub(strip)?);
            at = next;
        } else {
            path.clear();
        }
        let rest = bytes.get(at..)?;
        let length = memchr::memchr(0, rest)?;
        if path.len() + length > MAX_PATH {
            return None;
        }
        path.extend_from_slice(&rest[..length]);
        at += length;
        // Up to eight zeros, to a multiple of eight.
        at = if version == 4 { at + 1 } else { start + ((at - start + 8) & !7) };
        if flags & LONG != LONG && usize::from(flags & LONG) != path.len() {
            return None;
        }
        // Regular files and links; no submodules, and no folders of a sparse index.
        if matches!(mode >> 12, 0o10 | 0o12) && is_input(&path) {
            kept += path.len();
            if kept > MAX_KEPT {
                return None;
            }
            index.paths.push(path.clone());
        }
    }
    index.shared = shared(bytes, at, id);
    Some(index)
}

fn is_input(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    classify(&String::from_utf8_lossy(name)) != NameKind::Other
}

/// The id in the extension `link`.
fn shared(bytes: &[u8], mut at: usize, id: usize) -> Option<String> {
    let end = bytes.len().checked_sub(id)?;
    while at + 8 <= end {
        let size = number(bytes, at + 4)? as usize;
        if bytes.get(at..at + 4)? == b"link" {
            let base = bytes.get(at + 8..at + 8 + id)?;
            return Some(base.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        at = at.checked_add(8)?.checked_add(size)?;
    }
    None
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

/// A number of variable length as `OFS_DELTA` has them, and where it ends.
fn offset(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 0x7F);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)? + usize::from(byte & 0x7F);
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index as git writes it.
    fn index(version: u32, id: usize, paths: &[(&str, u32)]) -> Vec<u8> {
        let mut out =
            [b"DIRC".as_slice(), &version.to_be_bytes(), &(paths.len() as u32).to_be_bytes()].concat();
        let mut before = "";
        for (path, mode) in paths {
            let start = out.len();
            out.extend([0; MODE]);
            out.extend(mode.to_be_bytes());
            out.extend(vec![0xAB; FIXED - MODE - 4 + id]);
            let extended = version == 3;
            let flags = path.len() as u16 | if extended { EXTENDED } else { 0 };
            out.extend(flags.to_be_bytes());
            out.extend(vec![0; if extended { 2 } else { 0 }]);
            if version == 4 {
                let same = path.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
                out.push((before.len() - same) as u8);
                out.extend(&path.as_bytes()[same..]);
                out.push(0);
                before = path;
            } else {
                out.extend(path.as_bytes());
                let length = out.len() - start;
                out.extend(vec![0; 8 - length % 8]);
            }
        }
        out
    }

    const FILES: [(&str, u32); 5] = [
        ("Dockerfile", 0o100_644),
        ("a/Dockerfile", 0o120_000),
        ("a/README", 0o100_644),
        ("a/compose.yaml", 0o100_755),
        ("b/Dockerfile", 0o160_000),
    ];

    #[test]
    fn every_version_is_read() {
        for (version, id) in [(2, 20), (3, 20), (4, 20), (2, 32), (4, 32)] {
            let mut bytes = index(version, id, &FILES);
            bytes.extend(vec![0; id]);
            let found = IDS.iter().find_map(|id| parse(&bytes, *id)).unwrap();
            let expected =
                ["Dockerfile", "a/Dockerfile", "a/compose.yaml"].map(|path| path.as_bytes().to_vec());
            assert_eq!((found.paths, found.shared), (expected.to_vec(), None), "{version} {id}");
        }
    }

    #[test]
    fn an_index_may_add_to_another() {
        let mut bytes = index(2, 20, &FILES[..1]);
        bytes.extend(
            [b"TREE".as_slice(), &3_u32.to_be_bytes(), b"abc", b"link", &20_u32.to_be_bytes()].concat(),
        );
        bytes.extend([0x1F; 20]);
        bytes.extend([0; 20]);
        assert_eq!(parse(&bytes, 20).unwrap().shared, Some("1f".repeat(20)));
    }

    #[test]
    fn paths_that_grow_are_given_up() {
        let long = |length: usize| format!("{}/Dockerfile", "x".repeat(length - "/Dockerfile".len()));
        for (length, is_read) in [(MAX_PATH, true), (MAX_PATH + 1, false)] {
            let path = long(length);
            for version in [2, 4] {
                let mut bytes = index(version, 20, &[(&path, 0o100_644)]);
                // The flags have no longer length.
                bytes[HEADER + FIXED + 20..HEADER + FIXED + 22].copy_from_slice(&LONG.to_be_bytes());
                bytes.extend([0; 20]);
                assert_eq!(parse(&bytes, 20).is_some(), is_read, "{version} {length}");
            }
        }
        // Each path is that before it: 64 bytes of the index spell out 4096.
        let mut bytes = index(4, 20, &[(&long(MAX_PATH), 0o100_644)]);
        bytes[HEADER + FIXED + 20..HEADER + FIXED + 22].copy_from_slice(&LONG.to_be_bytes());
        let same = [&bytes[HEADER..HEADER + FIXED + 22], &[0, 0]].concat();
        let most = MAX_KEPT / MAX_PATH;
        bytes.extend(same.repeat(most));
        bytes.extend([0; 20]);
        assert!(bytes.len() < 2 << 20, "{}", bytes.len());
        for (count, is_read) in [(most, true), (most + 1, false)] {
            bytes[8..HEADER].copy_from_slice(&(count as u32).to_be_bytes());
            assert_eq!(parse(&bytes, 20).is_some(), is_read, "{count}");
        }
    }

    #[test]
    fn what_is_no_index_tracks_nothing() {
        let whole = index(4, 20, &FILES);
        for end in 0..whole.len() {
            assert!(parse(&whole[..end], 20).is_none(), "{end}");
        }
        for bytes in [&b"DIRC\0\0\0\x09\0\0\0\0"[..], b"DIRC\0\0\0\x02\xFF\xFF\xFF\xFF", b"gitdir: x"] {
            assert_eq!(parse(bytes, 20), None);
        }
        let mut strips = index(4, 20, &FILES[..1]);
        strips[HEADER + FIXED + 22] = 9;
        assert_eq!(parse(&strips, 20), None, "it takes more from a path than there is");
    }
}
