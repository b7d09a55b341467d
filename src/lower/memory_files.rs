//! A view of files that are only in memory: for pages of rules, tests, and input without a file system.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::path;
use super::{FileKind, Files};
use crate::source::Source;

/// Files by display path. Folders are what their paths say; without any file there is no folder at all.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles {
    files: BTreeMap<String, Arc<Source>>,
}

impl MemoryFiles {
    /// The files of a map from path to content.
    #[must_use]
    pub fn new(files: BTreeMap<String, Vec<u8>>) -> Self {
        let source = |(name, bytes): (String, Vec<u8>)| {
            let name = path::clean(&name);
            (name.clone(), Source::new(name, bytes))
        };
        Self { files: files.into_iter().map(source).collect() }
    }

    /// The paths and contents below a folder, as far as they are known from the order of the map.
    fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        let start = prefix.clone();
        self.files
            .range(start..)
            .take_while(move |(name, _)| name.starts_with(&prefix))
            .filter_map(move |(name, _)| path::below(name, folder))
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Option<Arc<Source>> {
        self.files.get(&path::clean(path)).cloned()
    }

    fn kind(&self, path: &str) -> Option<FileKind> {
        let path = path::clean(path);
        if self.files.contains_key(&path) {
            return Some(FileKind::File);
        }
        self.below(&path).next().map(|_| FileKind::Folder)
    }

    fn list(&self, folder: &str) -> Arc<Vec<(String, FileKind)>> {
        let folder = path::clean(folder);
        let entry = |rest: &str| match rest.split_once('/') {
            Some((name, _)) => (name.to_owned(), FileKind::Folder),
            None => (rest.to_owned(), FileKind::File),
        };
        let mut names: Vec<(String, FileKind)> = self.below(&folder).map(entry).collect();
        names.sort_by(|one, other| one.0.cmp(&other.0));
        names.dedup_by(|one, other| one.0 == other.0);
        Arc::new(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_what_paths_say() {
        let names = ["a/b/c", "a/d", "a.b", "./e"];
        let files = MemoryFiles::new(names.iter().map(|name| ((*name).to_owned(), vec![1])).collect());
        assert_eq!(files.kind("."), Some(FileKind::Folder));
        assert_eq!(files.kind("a/b"), Some(FileKind::Folder));
        assert_eq!(files.kind("a/b/c"), Some(FileKind::File));
        assert_eq!(files.kind("e"), Some(FileKind::File));
        assert_eq!(files.kind("a/x"), None);
        let list = |folder| files.list(folder).iter().map(|it| it.0.clone()).collect::<Vec<_>>();
        assert_eq!(list("."), ["a", "a.b", "e"]);
        assert_eq!(list("./a/"), ["b", "d"]);
        assert_eq!(files.read("a/../e").unwrap().bytes(), [1]);
        assert_eq!(MemoryFiles::default().kind("."), None);
    }
}
