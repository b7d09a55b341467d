//! The file system as lowering sees it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::read_file;
use crate::lower::context::path;
use crate::lower::{FileKind, Files};
use crate::source::Source;

/// Folder listings kept; when there are more, all are forgotten.
const MAX_FOLDERS: usize = 4096;
/// Entries kept over all listings.
const MAX_ENTRIES: usize = 1 << 18;
/// Bytes of file content kept.
const MAX_BYTES: usize = 16 << 20;
/// Folders with more entries are not listed; names in them are asked for one by one.
const MAX_LISTED: usize = 100_000;

/// Files below the working directory and the other folders of the call.
///
/// A path is looked up part by part in listings of its folders, so that each folder is read once, names are compared
/// with their case, and every link on the way is seen. A link is followed when it leads to a place inside the roots.
#[derive(Debug)]
pub struct DiskFiles {
    base: PathBuf,
    /// Real paths that links may lead to.
    roots: Vec<PathBuf>,
    /// The working directory, then the roots outside of it.
    shown: Vec<Shown>,
    folders: Mutex<Kept<Arc<Folder>>>,
    texts: Mutex<Kept<Option<Arc<Source>>>>,
}

/// A root as display paths name it.
#[derive(Debug)]
struct Shown {
    path: String,
    is_folder: bool,
}

/// What is kept, and its weight: entries of folders, bytes of texts.
#[derive(Debug)]
struct Kept<T> {
    by_path: HashMap<String, T>,
    weight: usize,
}

impl<T: Clone> Kept<T> {
    fn new() -> Mutex<Self> {
        Mutex::new(Self { by_path: HashMap::new(), weight: 0 })
    }

    fn keep(&mut self, path: &str, value: T, weight: usize, limit: usize) {
        if self.weight + weight > limit || self.by_path.len() >= MAX_FOLDERS {
            self.by_path.clear();
            self.weight = 0;
        }
        self.weight += weight;
        self.by_path.insert(path.to_owned(), value);
    }
}

#[derive(Debug, Default)]
struct Folder {
    entries: Arc<Vec<(String, FileKind)>>,
    /// Whether it holds too many entries to list.
    is_huge: bool,
}

impl Folder {
    fn kind(&self, name: &str) -> Option<FileKind> {
        let at = self.entries.binary_search_by(|(entry, _)| entry.as_str().cmp(name)).ok()?;
        Some(self.entries[at].1)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DiskFiles {
    /// The files below `base`, the working directory (absolute), and below `arguments`, the paths of the call.
    #[must_use]
    pub fn new(base: &Path, arguments: &[PathBuf]) -> Self {
        let mut roots: Vec<PathBuf> = std::fs::canonicalize(base).into_iter().collect();
        let mut shown_roots = vec![Shown { path: ".".to_owned(), is_folder: base.is_dir() }];
        for argument in arguments {
            let full = base.join(argument);
            let folder = if full.is_dir() { Some(full.as_path()) } else { full.parent() };
            let Some(folder) = folder else { continue };
            let shown = super::display(base, argument);
            let shown = if full.is_dir() { shown } else { path::parent(&shown).unwrap_or(".").to_owned() };
            if path::below(&shown, ".").is_none() {
                shown_roots.push(Shown { path: shown, is_folder: folder.is_dir() });
                roots.extend(std::fs::canonicalize(folder));
            }
        }
        Self { base: base.to_owned(), roots, shown: shown_roots, folders: Kept::new(), texts: Kept::new() }
    }

    /// The root that holds a clean display path, and the way from there; `None` when it lies in none.
    fn root_of<'a>(&'a self, path: &'a str) -> Option<(&'a Shown, &'a str)> {
        self.shown.iter().find_map(|root| Some((root, path::below(path, &root.path)?)))
    }

    /// What is at a clean path.
    fn look(&self, wanted: &str) -> Option<FileKind> {
        let (root, rest) = self.root_of(wanted)?;
        if rest == "." {
            return root.is_folder.then_some(FileKind::Folder);
        }
        let mut folder = root.path.as_str();
        let mut end = wanted.len() - rest.len();
        loop {
            let part = wanted[end..].split('/').next().unwrap_or_default();
            end += part.len();
            let listing = self.folder(folder);
            let path = &wanted[..end];
            let kind = if listing.is_huge { self.ask(&self.base.join(path)) } else { listing.kind(part) }?;
            if end == wanted.len() {
                return Some(kind);
            }
            if kind != FileKind::Folder {
                return None;
            }
            folder = path;
            end += 1;
        }
    }

    /// The listing of a folder that is known to be one.
    fn folder(&self, shown: &str) -> Arc<Folder> {
        if let Some(folder) = lock(&self.folders).by_path.get(shown) {
            return Arc::clone(folder);
        }
        let folder = Arc::new(self.read_folder(&self.base.join(shown)));
        lock(&self.folders).keep(shown, Arc::clone(&folder), folder.entries.len(), MAX_ENTRIES);
        folder
    }

    fn read_folder(&self, path: &Path) -> Folder {
        let Ok(entries) = std::fs::read_dir(path) else { return Folder::default() };
        let mut list: Vec<(String, FileKind)> = entries
            .take(MAX_LISTED + 1)
            .flatten()
            .filter_map(|entry| {
                let file_type = entry.file_type().ok()?;
                let kind =
                    if file_type.is_symlink() { self.follow(&entry.path()) } else { kind_of(file_type) };
                Some((entry.file_name().to_string_lossy().into_owned(), kind))
            })
            .collect();
        // The first entries of a folder are not the same on every system, so some of them are worse than none.
        if list.len() > MAX_LISTED {
            return Folder { entries: Arc::default(), is_huge: true };
        }
        list.sort_by(|one, other| one.0.cmp(&other.0));
        Folder { entries: Arc::new(list), is_huge: false }
    }

    /// What a path is, from the system.
    fn ask(&self, path: &Path) -> Option<FileKind> {
        let file_type = std::fs::symlink_metadata(path).ok()?.file_type();
        Some(if file_type.is_symlink() { self.follow(path) } else { kind_of(file_type) })
    }

    fn follow(&self, link: &Path) -> FileKind {
        let target = std::fs::canonicalize(link).ok();
        let inside = target.filter(|target| self.roots.iter().any(|root| target.starts_with(root)));
        let metadata = inside.and_then(|target| std::fs::metadata(target).ok());
        metadata.map_or(FileKind::Other, |metadata| kind_of(metadata.file_type()))
    }
}

fn kind_of(file_type: std::fs::FileType) -> FileKind {
    if file_type.is_file() {
        FileKind::File
    } else if file_type.is_dir() {
        FileKind::Folder
    } else {
        FileKind::Other
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Option<Arc<Source>> {
        let path = path::cleaned(path);
        if self.look(&path)? != FileKind::File {
            return None;
        }
        if let Some(text) = lock(&self.texts).by_path.get(&*path) {
            return text.clone();
        }
        let text = read_file(&self.base.join(&*path)).ok().map(|bytes| Source::new(&*path, bytes));
        let weight = text.as_ref().map_or(0, |text| text.bytes().len());
        lock(&self.texts).keep(&path, text.clone(), weight, MAX_BYTES);
        text
    }

    fn kind(&self, path: &str) -> Option<FileKind> {
        self.look(&path::cleaned(path))
    }

    fn list(&self, folder: &str) -> Arc<Vec<(String, FileKind)>> {
        let folder = path::cleaned(folder);
        match self.look(&folder) {
            Some(FileKind::Folder) => Arc::clone(&self.folder(&folder).entries),
            _ => Arc::default(),
        }
    }
}
