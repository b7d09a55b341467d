//! What a COPY source is in the build context.

use smol_str::SmolStr;

use super::{is_url, path, upwards};
use crate::lower::{FileKind, Files};
use crate::model::{BuildContext, ContextChoice, Found, Unknown, Value};
use crate::source::Place;
use crate::syntax::ignore_file::{IgnoreFile, Pattern};
use crate::syntax::wildcard::{Budget, Wildcard};

/// Paths that a pattern lists at most.
const MAX_FOUND: usize = 16;
/// Folder entries that one source may cost.
const MAX_ENTRIES: usize = 8192;
/// Other places that are named for a missing source.
const MAX_ELSEWHERE: usize = 3;

/// A name in a folder, and what it is.
type Entry = (String, FileKind);

/// What COPY sources of one Dockerfile are looked up in.
#[derive(Clone, Copy)]
pub struct ContextView<'a> {
    /// The build context.
    pub context: &'a BuildContext,
    /// Its ignore file, read; see [`super::ignore_of`].
    pub ignore: Option<&'a IgnoreFile>,
    /// Display path of the Dockerfile: where a missing source is looked for next.
    pub dockerfile: &'a str,
    /// The folder above which nothing is looked for: the working directory or the plan's folder.
    pub root_limit: &'a str,
    /// The files.
    pub files: &'a dyn Files,
}

impl ContextView<'_> {
    /// The display path of a path in the context.
    #[must_use]
    pub fn display(&self, inside: &str) -> String {
        path::join(&self.context.folder, inside)
    }

    /// What is at a path in the context, ignored or not.
    #[must_use]
    pub fn kind(&self, inside: &str) -> Option<FileKind> {
        self.files.kind(&self.display(inside))
    }

    fn place(&self, pattern: &Pattern) -> Option<Place> {
        Some(Place::new(self.context.ignore_file.as_ref()?, pattern.span))
    }

    /// The pattern that leaves the path out: of a folder, only when nothing in it stays.
    fn ignored(&self, inside: &str, entries: &mut usize) -> Option<&Pattern> {
        let ignore = self.ignore?;
        let pattern = (inside != ".").then(|| ignore.ignored(inside)).flatten();
        let certain = pattern.is_some() && !ignore.has_exceptions();
        if certain || self.kind(inside) != Some(FileKind::Folder) {
            return pattern;
        }
        let mut first = pattern;
        let mut folders = vec![inside.to_owned()];
        while let Some(folder) = folders.pop() {
            for (name, kind) in self.files.list(&self.display(&folder)).iter() {
                *entries = entries.checked_sub(1)?;
                let child = path::join(&folder, name);
                match ignore.ignored(&child) {
                    None if *kind != FileKind::Folder => return None,
                    decided => first = first.or(decided),
                }
                if *kind == FileKind::Folder {
                    folders.push(child);
                }
            }
        }
        // An empty folder, or one of folders only, is copied unless a pattern names it.
        first
    }
}

/// What a source is. Never says that something is missing when it cannot know: patterns that match nothing copy nothing
/// (BuildKit allows them) and give no files.
#[must_use]
pub fn resolve_source(source: &Value, view: &ContextView<'_>) -> Found {
    let text = match (source.certain(), &source.unknown) {
        (Some(text), _) => text,
        (None, why) => return Found::Unknown(why.clone().unwrap_or(Unknown::Dynamic(source.text.clone()))),
    };
    if is_url(text) {
        return Found::Outside;
    }
    if view.files.kind(&view.context.folder) != Some(FileKind::Folder) {
        return Found::Unknown(Unknown::File(view.context.folder.as_str().into()));
    }
    let inside = path::rooted(text);
    let mut entries = MAX_ENTRIES;
    if view.kind(&inside).is_some() {
        return match view.ignored(&inside, &mut entries).and_then(|pattern| view.place(pattern)) {
            Some(place) => Found::Ignored(place),
            None => Found::Files(vec![inside.into()]),
        };
    }
    if Wildcard::is_pattern(&inside) {
        // In a folder that is no more than a guess, a pattern that fits nearly anything says nothing.
        if view.context.chosen == ContextChoice::NoSourceExists && inside.starts_with(['*', '?', '[']) {
            return Found::Unknown(Unknown::File(view.context.folder.as_str().into()));
        }
        return resolve_pattern(&inside, view, &mut entries);
    }
    Found::Missing { elsewhere: elsewhere(&inside, view) }
}

fn resolve_pattern(pattern: &str, view: &ContextView<'_>, entries: &mut usize) -> Found {
    // One more than are listed; with an ignore file any number of them may be left out.
    let limit = if view.ignore.is_some() { usize::MAX } else { MAX_FOUND + 1 };
    let Some(matches) = expand(&view.context.folder, pattern, limit, view.files, entries) else {
        return Found::Unknown(Unknown::Dynamic(pattern.into()));
    };
    let mut left_out = None;
    let mut found = Vec::new();
    for path in matches {
        match view.ignored(&path, entries) {
            Some(pattern) => left_out = left_out.or(Some(pattern)),
            None if found.len() < MAX_FOUND => found.push(SmolStr::from(path)),
            None => break,
        }
    }
    match left_out.and_then(|pattern| view.place(pattern)) {
        Some(place) if found.is_empty() => Found::Ignored(place),
        _ => Found::Files(found),
    }
}

/// Whether the source, a path or a pattern, is something below the folder. `entries` is what looking may still cost.
pub(super) fn exists(folder: &str, source: &str, files: &dyn Files, entries: &mut usize) -> bool {
    if files.kind(&path::join(folder, source)).is_some() {
        return true;
    }
    Wildcard::is_pattern(source)
        && expand(folder, source, 1, files, entries).is_some_and(|matches| !matches.is_empty())
}

/// What a pattern matches below a folder, part by part as Go's `filepath.Match` does; `**` is any depth. `None`: the
/// pattern is malformed, or looking would cost too much. No more than `limit` matches of the last part are listed.
fn expand(
    folder: &str,
    pattern: &str,
    limit: usize,
    files: &dyn Files,
    entries: &mut usize,
) -> Option<Vec<String>> {
    let mut found = vec![".".to_owned()];
    let mut parts = pattern.split('/').peekable();
    while let Some(part) = parts.next() {
        let limit = if parts.peek().is_some() { usize::MAX } else { limit };
        if part == "**" {
            found = with_folders_below(folder, found, files, entries)?;
            continue;
        }
        if !Wildcard::is_pattern(part) {
            let children = found.iter().map(|inside| path::join(inside, part));
            found = children.filter(|path| files.kind(&path::join(folder, path)).is_some()).collect();
            continue;
        }
        let wildcard = Wildcard::new(part)?;
        let mut next = Vec::new();
        for inside in &found {
            let list = files.list(&path::join(folder, inside));
            *entries = entries.checked_sub(list.len())?;
            let mut budget = Budget::new(MAX_ENTRIES * 64);
            let hits = beginning_with(&list, wildcard.prefix());
            let hits = hits.filter(|(name, _)| wildcard.matches(name, &mut budget));
            next.extend(hits.take(limit - next.len()).map(|(name, _)| path::join(inside, name)));
        }
        found = next;
    }
    Some(found)
}

/// The entries of a sorted listing whose names begin with a text.
fn beginning_with<'l>(list: &'l [Entry], prefix: &str) -> impl Iterator<Item = &'l Entry> {
    let from = list.partition_point(|(name, _)| name.as_str() < prefix);
    list[from..].iter().take_while(move |(name, _)| name.starts_with(prefix))
}

/// The first entry of a sorted listing that has a name in any letter case. Looks only at entries that begin with its first
/// two letters in one case or the other.
fn in_any_case<'l>(list: &'l [Entry], wanted: &str) -> Option<&'l Entry> {
    let is_it = |entry: &&Entry| entry.0.eq_ignore_ascii_case(wanted);
    let [first, second, ..] = wanted.as_bytes() else { return list.iter().find(is_it) };
    if !first.is_ascii() || !second.is_ascii() {
        return list.iter().find(is_it);
    }
    let cases = |letter: &u8| [letter.to_ascii_uppercase(), letter.to_ascii_lowercase()].map(char::from);
    let pairs = cases(first).into_iter().flat_map(|one| cases(second).map(|two| [one, two]));
    let prefixes = pairs.map(|pair| pair.into_iter().collect::<SmolStr>());
    prefixes.into_iter().find_map(|prefix| beginning_with(list, &prefix).find(is_it))
}

fn with_folders_below(
    folder: &str,
    from: Vec<String>,
    files: &dyn Files,
    entries: &mut usize,
) -> Option<Vec<String>> {
    let mut open = from;
    let mut found = Vec::new();
    while let Some(inside) = open.pop() {
        let list = files.list(&path::join(folder, &inside));
        *entries = entries.checked_sub(list.len())?;
        let folders = list.iter().filter(|(_, kind)| *kind == FileKind::Folder);
        open.extend(folders.map(|(name, _)| path::join(&inside, name)));
        found.push(inside);
    }
    found.sort();
    Some(found)
}

/// Where else the path is: below the folders between the Dockerfile's own (or the context) and the root limit, or beside
/// where it should be under a name in other letter case.
fn elsewhere(inside: &str, view: &ContextView<'_>) -> Vec<SmolStr> {
    let dockerfile = path::clean(view.dockerfile);
    let own = path::parent(&dockerfile).unwrap_or(".");
    let above_context = upwards(&view.context.folder, view.root_limit).into_iter().skip(1);
    let folders = upwards(own, view.root_limit).into_iter().filter(|folder| *folder != view.context.folder);
    let mut found: Vec<SmolStr> = Vec::new();
    for folder in folders.chain(above_context) {
        let path = SmolStr::from(path::join(&folder, inside));
        if found.len() < MAX_ELSEWHERE && !found.contains(&path) && view.files.kind(&path).is_some() {
            found.push(path);
        }
    }
    let wanted = view.display(inside);
    let (folder, name) = (path::parent(&wanted).unwrap_or("."), path::base_name(&wanted));
    if found.len() < MAX_ELSEWHERE {
        let list = view.files.list(folder);
        let same = in_any_case(&list, name);
        found.extend(same.map(|(name, _)| SmolStr::from(path::join(folder, name))));
    }
    found
}
