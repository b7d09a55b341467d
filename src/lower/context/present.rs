//! What of certain names is really in a build context, and not left out by its ignore file.
//!
//! A context and names as ignore files write them come in; for each name that is there, where and how much. File access
//! is the caller's ([`Files`]).

use smol_str::SmolStr;

use super::super::{FileKind, Files};
use crate::model::{BuildContext, ContextChoice, Present};
use crate::path;
use crate::syntax::ignore_file::{self, Coverage, IgnoreFile};

/// Entries of one context that are looked at.
const MAX_ENTRIES: usize = 1 << 16;

/// What the context holds of each name: folders (`models/`), files or both (`.env`), with wildcards. Names that the ignore
/// file leaves out wherever they are cost nothing. A context that is no more than a guess holds nothing.
#[must_use]
pub fn present(context: &BuildContext, names: &[SmolStr], files: &dyn Files) -> Vec<Present> {
    if matches!(context.chosen, ContextChoice::None | ContextChoice::NoSourceExists) {
        return Vec::new();
    }
    let ignore = context.ignore.as_deref();
    let is_out = |name: &SmolStr| {
        ignore.is_some_and(|it| !it.has_exceptions() && matches!(it.covers(name), Coverage::Everywhere))
    };
    let names: Vec<&SmolStr> = names.iter().filter(|name| !is_out(name)).collect();
    if names.is_empty() {
        return Vec::new();
    }
    // Each name is a pattern of its own line, so that the last one that fits tells which.
    let text: String = names.iter().map(|name| format!("{}\n", everywhere(name))).collect();
    let wanted = ignore_file::parse(text.as_bytes());
    let mut survey = Survey { folder: &context.folder, ignore, files, left: MAX_ENTRIES };
    let mut found: Vec<Option<Present>> = vec![None; names.len()];
    let mut open = vec![String::new()];
    let mut next = 0;
    while let Some(folder) = open.get(next).cloned() {
        next += 1;
        for (path, kind) in survey.list(&folder) {
            let hit = wanted.ignored(&path).map(|pattern| pattern.line as usize - 1);
            let hit = hit
                .filter(|at| kind == FileKind::Folder || names.get(*at).is_some_and(|it| !it.ends_with('/')));
            match hit.and_then(|at| Some((names.get(at)?, found.get_mut(at)?))) {
                Some((name, slot)) => {
                    let files = survey.sent(&path, kind);
                    if files > 0 {
                        let one = Present { name: (*name).clone(), path: path.into(), places: 0, files: 0 };
                        let slot = slot.get_or_insert(one);
                        slot.places += 1;
                        slot.files += files;
                    }
                }
                // What git keeps is of git's own names.
                None if path.ends_with(".git") => {}
                None if kind == FileKind::Folder && !survey.is_left_out(&path) => open.push(path),
                None => {}
            }
        }
    }
    found.into_iter().flatten().collect()
}

/// A name as a pattern that holds in every folder.
fn everywhere(name: &str) -> String {
    format!("**/{}", name.trim_start_matches("**/").trim_matches('/'))
}

struct Survey<'a> {
    folder: &'a str,
    ignore: Option<&'a IgnoreFile>,
    files: &'a dyn Files,
    /// Entries that may still be looked at.
    left: usize,
}

impl Survey<'_> {
    /// The entries of a folder, as paths from the context's root.
    fn list(&mut self, folder: &str) -> Vec<(String, FileKind)> {
        let all = self.files.list(&path::join(self.folder, if folder.is_empty() { "." } else { folder }));
        let taken = all.len().min(self.left);
        self.left -= taken;
        let entry = |(name, kind): &(String, FileKind)| match folder {
            "" => (name.clone(), *kind),
            folder => (format!("{folder}/{name}"), *kind),
        };
        all.iter().take(taken).map(entry).collect()
    }

    /// Whether a folder is left out with all that it holds.
    fn is_left_out(&self, path: &str) -> bool {
        self.ignore.is_some_and(|ignore| !ignore.has_exceptions() && ignore.ignored(path).is_some())
    }

    /// How many files below a path are not left out.
    fn sent(&mut self, path: &str, kind: FileKind) -> usize {
        let mut open = vec![(path.to_owned(), kind)];
        let mut sent = 0;
        while let Some((path, kind)) = open.pop() {
            match kind {
                FileKind::Folder if !self.is_left_out(&path) => open.extend(self.list(&path)),
                FileKind::Folder => {}
                _ => sent += usize::from(self.ignore.is_none_or(|ignore| ignore.ignored(&path).is_none())),
            }
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::lower::MemoryFiles;

    fn found(ignore: Option<&str>, names: &[&str], paths: &[&str]) -> Vec<(String, String, usize, usize)> {
        let map: BTreeMap<String, Vec<u8>> =
            paths.iter().map(|path| (format!("ctx/{path}"), b"x".to_vec())).collect();
        let context = BuildContext {
            folder: "ctx".into(),
            chosen: ContextChoice::AllSourcesExist,
            ignore_file: None,
            ignore: ignore.map(|text| Arc::new(ignore_file::parse(text.as_bytes()))),
            present: Arc::default(),
        };
        let names: Vec<SmolStr> = names.iter().map(SmolStr::new).collect();
        let found = present(&context, &names, &MemoryFiles::new(map));
        found.into_iter().map(|it| (it.name.to_string(), it.path.to_string(), it.places, it.files)).collect()
    }

    #[test]
    fn names_are_found_where_they_would_be_sent() {
        let one =
            |name: &str, path: &str, places, files| vec![(name.to_owned(), path.to_owned(), places, files)];
        for (ignore, name, paths, wanted) in [
            (
                None,
                "models/",
                &["a.py", "models/x", "web/models/y/z", "web/models/w"][..],
                one("models/", "models", 2, 3),
            ),
            (Some("models/"), "models/", &["models/x", "web/models/y"], one("models/", "web/models", 1, 1)),
            (Some("**/models/"), "models/", &["models/x", "web/models/y"], vec![]),
            (Some("web"), "models/", &["web/models/y"], vec![]),
            (
                Some("**/models\n!web/models/y"),
                "models/",
                &["web/models/y", "web/models/z"],
                one("models/", "web/models", 1, 1),
            ),
            (None, "logs/", &["logs"], vec![]),
            (None, ".env", &["web/.env"], one(".env", "web/.env", 1, 1)),
            (None, "*.egg-info/", &["src/a.egg-info/PKG"], one("*.egg-info/", "src/a.egg-info", 1, 1)),
            (None, "data/raw", &["raw/x", "data/raw/x"], one("data/raw", "data/raw", 1, 1)),
        ] {
            assert_eq!(found(ignore, &[name], paths), wanted, "{ignore:?} {name}");
        }
    }

    #[test]
    fn large_contexts_are_cut() {
        let paths: Vec<String> = (0..70_000).map(|at| format!("d{}/f{at}", at % 100)).collect();
        let mut paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        paths.push("models/x");
        assert_eq!(found(None, &["models/"], &paths), [("models/".to_owned(), "models".to_owned(), 1, 1)]);
    }
}
