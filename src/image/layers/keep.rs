//! Entries of one layer go in, what of them is kept comes out: by path, by mode bits, or by their first bytes.

use std::collections::HashMap;
use std::io::{Read, Result};

use smol_str::SmolStr;
use tar::EntryType;

use super::archive::{Entries, Entry};
use super::facts::{Kept, LayerFacts, Role, hash};
use super::interest::{self, is_leftover, is_near_root, is_program, leads_to, name};
use super::{accounts, secrets};
use crate::model::{FileKind, Interest};
use crate::path::absolute;

/// Entries that are kept of one layer.
const MAX_KEPT: usize = 50_000;
/// Bytes of their paths and of what links among them lead to.
const MAX_KEPT_NAMES: usize = 8 << 20;
/// Paths that are remembered as hashes.
const MAX_HASHES: usize = 1_000_000;
/// Bytes of all files of accounts.
const MAX_ACCOUNT_BYTES: usize = 4 << 20;
/// Folders above an entry that is kept.
const MAX_DEPTH: usize = 128;
/// Set-uid and set-gid.
const SET_ID: u32 = 0o6000;

/// Chooses among the entries of one layer.
pub(super) struct Keeper<'w> {
    wanted: &'w [SmolStr],
    facts: LayerFacts,
    /// Where in `facts.kept` a path is: the later one of two entries of one path counts.
    known: HashMap<u64, usize>,
    names: usize,
    account_bytes: usize,
}

impl<'w> Keeper<'w> {
    pub(super) fn new(wanted: &'w [SmolStr]) -> Self {
        let facts = LayerFacts::default();
        Self { wanted, facts, known: HashMap::new(), names: 0, account_bytes: 0 }
    }

    /// Everything that was kept.
    pub(super) fn facts(mut self, unpacked: u64, diff_id: SmolStr) -> LayerFacts {
        (self.facts.unpacked, self.facts.diff_id) = (unpacked, diff_id);
        // Entries that a later one of the same path replaced have no path any more.
        self.facts.kept.retain(|kept| !kept.path.is_empty());
        self.facts.kept.shrink_to_fit();
        for hashes in
            [&mut self.facts.files, &mut self.facts.folders, &mut self.facts.gone, &mut self.facts.opaque]
        {
            hashes.sort_unstable();
            hashes.dedup();
            hashes.shrink_to_fit();
        }
        self.facts
    }

    /// Looks at the next entry, and into its content if it has to.
    pub(super) fn take<R: Read>(&mut self, entry: &Entry, entries: &mut Entries<R>) -> Result<()> {
        let path = absolute(&String::from_utf8_lossy(&entry.path));
        let Some(kind) = kind_of(entry) else { return Ok(()) };
        let name = name(&path);
        if let Some(hidden) = name.strip_prefix(".wh.") {
            self.whiteout(&path[..path.len() - name.len()], hidden);
            return Ok(());
        }
        let hashed = hash(&path);
        let is_folder = kind == FileKind::Folder;
        let list = if is_folder { &mut self.facts.folders } else { &mut self.facts.files };
        let is_noted = note(list, hashed);
        if !is_noted {
            self.truncate("paths");
        }
        if let Some(before) = self.known.remove(&hashed) {
            self.facts.kept[before].path = SmolStr::default();
        }
        if is_folder || path == "/" {
            return Ok(());
        }
        let mut text = Box::default();
        if let Some(role) = self.role(&path, &kind, entry, entries, &mut text)? {
            self.keep(Kept {
                path: path.into(),
                kind,
                mode: entry.mode,
                uid: entry.uid,
                gid: entry.gid,
                size: entry.size,
                role,
                text,
            });
        }
        Ok(())
    }

    /// `.wh.NAME` takes a file or folder away, `.wh..wh..opq` all that lower layers have in its folder; other names that
    /// begin so are what aufs leaves behind.
    fn whiteout(&mut self, folder: &str, hidden: &str) {
        let is_noted = match hidden {
            ".wh..opq" => note(&mut self.facts.opaque, hash(folder.trim_end_matches('/'))),
            hidden if hidden.is_empty() || hidden.starts_with(".wh.") => true,
            hidden => note(&mut self.facts.gone, hash(&format!("{folder}{hidden}"))),
        };
        if !is_noted {
            self.truncate("whiteouts");
        }
    }

    fn truncate(&mut self, what: &str) {
        let why = || format!("a layer has more {what} than are kept").into();
        self.facts.truncated.get_or_insert_with(why);
    }

    /// Why an entry is kept, if it is. The first reason counts.
    fn role<R: Read>(
        &mut self,
        path: &str,
        kind: &FileKind,
        entry: &Entry,
        entries: &mut Entries<R>,
        text: &mut Box<[u8]>,
    ) -> Result<Option<Role>> {
        let single = |interest| Ok(Some(Role::Single(interest)));
        if self.is_set_id(kind, entry) {
            return single(Interest::SetId);
        }
        let is_wanted = self.wanted.iter().any(|wanted| wanted == path);
        if let Some((end, interest)) = interest::whole(path)
            && !is_wanted
        {
            let counts = *kind == FileKind::Regular && !is_leftover(path, entry.size);
            return Ok(counts.then_some(Role::Part(interest, end)));
        }
        if *kind == FileKind::Regular
            && let Some(look) = secrets::look(path)
            && secrets::holds(look, &entries.read(secrets::HEAD)?)
        {
            return single(Interest::Secret);
        }
        if interest::is_account_file(path) {
            if *kind == FileKind::Regular {
                *text = self.account_text(entries)?;
            }
            return if is_link(kind) || !text.is_empty() || path.starts_with("/etc/") {
                single(Interest::Account)
            } else {
                Ok(None)
            };
        }
        if *kind == FileKind::Regular && interest::is_build_file(path) {
            return single(Interest::BuildFile);
        }
        if *kind == FileKind::Regular && is_python_record(path) {
            return Ok(Some(Role::Python));
        }
        if is_wanted {
            return single(Interest::Wanted);
        }
        let leads =
            matches!(kind, FileKind::Symlink(_)) && (is_near_root(path) || leads_to(path, self.wanted));
        if is_program(path) || leads { single(Interest::Program) } else { Ok(None) }
    }

    /// Whether it is a regular file that runs as its owner or group, or another name of one.
    fn is_set_id(&self, kind: &FileKind, entry: &Entry) -> bool {
        match kind {
            FileKind::Regular => entry.mode & SET_ID != 0,
            FileKind::Hardlink(target) => {
                entry.mode & SET_ID != 0
                    || self.known.get(&hash(target)).is_some_and(|at| {
                        let kept = &self.facts.kept[*at];
                        kept.path == *target && kept.role == Role::Single(Interest::SetId)
                    })
            }
            _ => false,
        }
    }

    /// The rows of a file that may hold accounts; empty when they are none, or when there were too many already.
    fn account_text<R: Read>(&mut self, entries: &mut Entries<R>) -> Result<Box<[u8]>> {
        if self.account_bytes > MAX_ACCOUNT_BYTES {
            self.truncate("files of accounts");
            return Ok(Box::default());
        }
        let text = entries.read(accounts::MAX_FILE)?;
        let first = text.iter().find(|byte| matches!(byte, b':' | b'\n' | 0));
        if first != Some(&b':') && !text.starts_with(b"#") {
            return Ok(Box::default());
        }
        self.account_bytes += text.len();
        Ok(text.into())
    }

    fn keep(&mut self, kept: Kept) {
        self.names += kept.path.len() + kept.target_len();
        let depth = kept.path.matches('/').count();
        if self.facts.kept.len() >= MAX_KEPT || self.names > MAX_KEPT_NAMES || depth > MAX_DEPTH {
            self.truncate("entries of interest");
            return;
        }
        self.known.insert(hash(&kept.path), self.facts.kept.len());
        self.facts.kept.push(kept);
    }
}

/// Remembers a path. `false`: there are too many.
fn note(hashes: &mut Vec<u64>, hash: u64) -> bool {
    let fits = hashes.len() < MAX_HASHES;
    if fits {
        hashes.push(hash);
    }
    fits
}

fn is_link(kind: &FileKind) -> bool {
    matches!(kind, FileKind::Symlink(_) | FileKind::Hardlink(_))
}

/// What an entry is; `None`: something that is in no file system (a volume label).
fn kind_of(entry: &Entry) -> Option<FileKind> {
    let link = || SmolStr::from(String::from_utf8_lossy(&entry.link));
    Some(match entry.kind {
        // Archives from before POSIX tell a folder by its name.
        EntryType::Regular if entry.path.ends_with(b"/") => FileKind::Folder,
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => FileKind::Regular,
        EntryType::Directory => FileKind::Folder,
        EntryType::Symlink => FileKind::Symlink(link()),
        EntryType::Link => FileKind::Hardlink(absolute(&link()).into()),
        EntryType::Char | EntryType::Block | EntryType::Fifo => FileKind::Special,
        _ => return None,
    })
}

/// Whether it is the `METADATA` of an installed distribution; what packages carry inside themselves is not installed.
fn is_python_record(path: &str) -> bool {
    path.strip_suffix(".dist-info/METADATA").is_some_and(|folder| !folder.contains("/_vendor/"))
}
