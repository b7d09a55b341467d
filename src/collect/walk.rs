//! The walk over arguments and folders.

use std::collections::{BTreeMap, HashSet};
use std::fs::FileType;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::{
    Collected, Input, InputError, MAX_FILE, NameKind, Options, classify, describe, display, tracked,
};
use crate::lower::context::path;

/// Folders that are mostly not a fleet's own, also where no `.gitignore` says so: not walked. What git tracks in them is
/// taken by its path.
const SKIPPED: [&str; 5] = ["node_modules", "target", "__pycache__", "site-packages", "venv"];

/// Where git keeps its own files.
const GIT_HOME: &str = ".git";

/// The one hidden folder that is walked: `workflows` in it builds and pushes images.
const WORKFLOW_HOME: &str = ".github";

pub(super) struct Walk<'o> {
    options: &'o Options,
    out: Collected,
    /// Links with the name of an input: looked at when all roots are known.
    links: Vec<(String, PathBuf, NameKind)>,
    /// Folders that are named like a Dockerfile: an error when none is in them.
    doubtful: Vec<String>,
    /// Real paths of the folders that were given, and of the working directory.
    roots: Vec<PathBuf>,
}

impl<'o> Walk<'o> {
    pub(super) fn new(options: &'o Options) -> Self {
        let mut walk = Self {
            options,
            out: Collected::default(),
            links: Vec::new(),
            doubtful: Vec::new(),
            roots: Vec::new(),
        };
        walk.add_root(&options.base);
        walk
    }

    fn add_root(&mut self, path: &Path) {
        self.roots.extend(std::fs::canonicalize(path));
    }

    fn problem(&mut self, path: String, message: impl Into<String>) {
        self.out.problems.push(InputError::new(path, message));
    }

    /// Takes one path of the command line.
    pub(super) fn argument(&mut self, argument: &Path) {
        let full = lexical(&self.options.base.join(argument));
        let shown = match full.starts_with(&self.options.base) {
            true => display(&self.options.base, &full),
            false => display(&self.options.base, argument),
        };
        match std::fs::metadata(&full) {
            Err(error) if full.is_symlink() && error.kind() == std::io::ErrorKind::NotFound => {
                self.problem(shown, "is a link that leads nowhere");
            }
            Err(error) => self.problem(shown, describe(&error)),
            Ok(metadata) if metadata.is_dir() => {
                self.add_root(&full);
                self.folder(&full, &shown);
            }
            Ok(metadata) if !metadata.is_file() => self.problem(shown, "is no regular file"),
            Ok(metadata) if metadata.len() > MAX_FILE => {
                self.problem(shown, format!("is larger than {} MiB and was not read", MAX_FILE >> 20));
            }
            Ok(_) => self.named(shown, full),
        }
    }

    /// A file that is named is a Dockerfile unless its name says something else. Of YAML and JSON the content tells.
    fn named(&mut self, shown: String, full: PathBuf) {
        match classify(path::base_name(&shown)) {
            NameKind::Json => self.out.by_content.push(Input { display: shown, path: full }),
            NameKind::Yaml if !is_workflow(&shown) => {
                self.out.by_content.push(Input { display: shown, path: full });
            }
            NameKind::Other => self.out.dockerfiles.push(Input { display: shown, path: full }),
            kind => self.sort_in(kind, shown, full),
        }
    }

    fn sort_in(&mut self, kind: NameKind, shown: String, full: PathBuf) {
        match kind {
            NameKind::Dockerfile => self.out.dockerfiles.push(Input { display: shown, path: full }),
            NameKind::Template => self.out.others.templates.push(shown),
            NameKind::Compose => self.out.compose.push(Input { display: shown, path: full }),
            NameKind::Yaml if is_workflow(&shown) => {
                self.out.workflows.push(Input { display: shown, path: full });
            }
            NameKind::Yaml | NameKind::Json => self.out.yaml.push(Input { display: shown, path: full }),
            NameKind::Requirements => self.out.others.requirements += 1,
            NameKind::Other => {}
        }
    }

    fn folder(&mut self, full: &Path, shown: &str) {
        let mut seen = 0_usize;
        let mut failed = false;
        let mut met = HashSet::new();
        for entry in walker(full).build() {
            match entry {
                Ok(entry) if entry.depth() == 0 => {
                    if classify(path::base_name(shown)) == NameKind::Dockerfile {
                        self.doubtful.push(shown.to_owned());
                    }
                }
                Ok(entry) => {
                    seen += 1;
                    let Some(file_type) = entry.file_type() else { continue };
                    if self.entry(file_type, entry.path(), full, shown) {
                        met.insert(entry.into_path());
                    }
                }
                Err(error) => failed |= self.walk_error(&error, full, shown),
            }
        }
        seen += self.tracked(full, shown, &met);
        if seen == 0 && !failed {
            self.problem(shown.to_owned(), "is an empty folder, or all in it is hidden or ignored");
        }
    }

    /// Takes what the walk came to, when it has the name of an input; says whether it has.
    fn entry(&mut self, file_type: FileType, full: &Path, root: &Path, root_shown: &str) -> bool {
        let name = full.file_name().unwrap_or_default().to_string_lossy();
        let kind = classify(&name);
        if kind == NameKind::Other {
            return false;
        }
        let shown = shown_below(full, root, root_shown);
        match kind {
            NameKind::Dockerfile => self.dockerfile(file_type, shown, full),
            NameKind::Compose | NameKind::Yaml | NameKind::Json if file_type.is_symlink() => {
                self.links.push((shown, full.to_owned(), kind));
            }
            NameKind::Compose if !file_type.is_file() && !file_type.is_dir() => {
                self.problem(shown, "is no regular file");
            }
            // Data of any size goes by JSON's name, and none of it is a manifest.
            NameKind::Json if full.metadata().is_ok_and(|metadata| metadata.len() > MAX_FILE) => {}
            _ if file_type.is_file() => self.sort_in(kind, shown, full.to_owned()),
            _ => {}
        }
        true
    }

    /// Takes what git tracks and the walk did not come to, because of an ignore file or of the folder that it lies in: who
    /// chooses a name must not take a file of the repository out of the check. Says how many there are.
    fn tracked(&mut self, root: &Path, root_shown: &str, met: &HashSet<PathBuf>) -> usize {
        let mut taken = 0;
        let Ok(real) = std::fs::canonicalize(root) else { return taken };
        for path in tracked::below(root).into_iter().filter(|path| !met.contains(path)) {
            let Ok(inside) = path.strip_prefix(root) else { continue };
            if inside.components().any(|part| part.as_os_str().eq_ignore_ascii_case(GIT_HOME)) {
                continue;
            }
            // A folder on the way may have become a link since git saw it.
            let parent = path.parent().and_then(|parent| std::fs::canonicalize(parent).ok());
            let is_inside = parent.is_some_and(|parent| Some(parent.as_path()) == real.join(inside).parent());
            let Ok(metadata) = std::fs::symlink_metadata(&path) else { continue };
            if is_inside && !metadata.is_dir() {
                taken += usize::from(self.entry(metadata.file_type(), &path, root, root_shown));
            }
        }
        taken
    }

    fn dockerfile(&mut self, file_type: FileType, shown: String, full: &Path) {
        if file_type.is_file() {
            self.out.dockerfiles.push(Input { display: shown, path: full.to_owned() });
        } else if file_type.is_symlink() {
            self.links.push((shown, full.to_owned(), NameKind::Dockerfile));
        } else if file_type.is_dir() {
            self.doubtful.push(shown);
        } else {
            self.problem(shown, "is no regular file");
        }
    }

    /// Reports what the walk could not enter; says whether it was reported. Faults in `.gitignore` files are not ours.
    fn walk_error(&mut self, error: &ignore::Error, root: &Path, root_shown: &str) -> bool {
        let Some(io) = error.io_error() else { return false };
        let mut inner = error;
        let mut shown = root_shown.to_owned();
        loop {
            match inner {
                ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                    inner = err
                }
                ignore::Error::WithPath { path, err } => {
                    shown = shown_below(path, root, root_shown);
                    inner = err;
                }
                _ => break,
            }
        }
        self.problem(shown, describe(io));
        true
    }

    /// Looks at links and doubtful folders, and puts all in order.
    pub(super) fn finish(mut self) -> Collected {
        let mut found: BTreeMap<String, PathBuf> =
            std::mem::take(&mut self.out.dockerfiles).into_iter().map(|it| (it.display, it.path)).collect();
        self.follow_links(&mut found);
        for folder in std::mem::take(&mut self.doubtful) {
            let prefix = format!("{folder}/");
            let inside =
                found.range(prefix.clone()..).next().is_some_and(|(name, _)| name.starts_with(&prefix));
            if !inside {
                self.problem(folder, "is a folder and no file");
            }
        }
        let mut out = self.out;
        out.dockerfiles = found.into_iter().map(|(display, path)| Input { display, path }).collect();
        for list in [&mut out.compose, &mut out.workflows, &mut out.yaml, &mut out.by_content] {
            list.sort_by(|one, other| one.display.cmp(&other.display));
            list.dedup_by(|one, other| one.display == other.display);
        }
        out.others.links.sort();
        out.others.templates.sort();
        out.others.templates.dedup();
        out.problems.sort();
        out.problems.dedup();
        out
    }

    /// A link stands for its target, unless that is read anyway or lies outside of what was given. A Dockerfile or compose
    /// file that is such a link is a problem; of other names, which may be anything, it is told.
    fn follow_links(&mut self, found: &mut BTreeMap<String, PathBuf>) {
        if self.links.is_empty() {
            return;
        }
        let others = [&self.out.compose, &self.out.workflows, &self.out.yaml, &self.out.by_content];
        let others = others.into_iter().flatten().map(|input| &input.path);
        let read = found.values().chain(others);
        let mut real: HashSet<PathBuf> = read.filter_map(|path| std::fs::canonicalize(path).ok()).collect();
        self.links.sort_by(|one, other| one.0.cmp(&other.0));
        for (shown, link, kind) in std::mem::take(&mut self.links) {
            let target = match std::fs::canonicalize(&link) {
                Err(_) => Err("is a link that leads nowhere"),
                Ok(target) if !self.roots.iter().any(|root| target.starts_with(root)) => {
                    Err("is a link that leads out of the folders that are checked")
                }
                Ok(target) if target.is_dir() || real.contains(&target) => continue,
                Ok(target) if target.is_file() => Ok(target),
                Ok(_) => Err("is no regular file"),
            };
            match (target, kind) {
                (Ok(target), NameKind::Dockerfile) => {
                    found.insert(shown, link);
                    real.insert(target);
                }
                (Ok(target), kind) => {
                    self.sort_in(kind, shown, link);
                    real.insert(target);
                }
                (Err(why), NameKind::Dockerfile | NameKind::Compose) => self.problem(shown, why),
                (Err(_), NameKind::Yaml) => self.out.others.links.push(shown),
                (Err(_), _) => {}
            }
        }
    }
}

/// One thread: the walk of a usual tree takes less time than starting others.
fn walker(root: &Path) -> WalkBuilder {
    // Inside a repository its ignore files count up to its root; anywhere else those of the folder, and never one that
    // happens to lie in a home folder above it.
    let in_repository = root.ancestors().any(|folder| folder.join(".git").exists());
    let mut builder = WalkBuilder::new(root);
    builder
        .standard_filters(true)
        .require_git(in_repository)
        .parents(in_repository)
        // A user's own settings must not change the result.
        .git_global(false)
        .follow_links(false)
        // Hidden names are left out below, all but the folder of workflows.
        .hidden(false)
        .filter_entry(|entry| {
            let is_folder = entry.file_type().is_some_and(|it| it.is_dir());
            let name = entry.file_name().to_str().unwrap_or_default();
            entry.depth() == 0 || !is_skipped(name, is_folder)
        });
    builder
}

/// Whether a file or folder of this name is passed over.
fn is_skipped(name: &str, is_folder: bool) -> bool {
    let hidden = name.starts_with('.') && !(is_folder && name == WORKFLOW_HOME);
    hidden || (is_folder && SKIPPED.contains(&name))
}

/// Whether the path is that of a workflow of GitHub Actions.
fn is_workflow(shown: &str) -> bool {
    let mut parts = shown.rsplit('/').skip(1);
    parts.next() == Some("workflows") && parts.next() == Some(WORKFLOW_HOME)
}

fn shown_below(path: &Path, root: &Path, root_shown: &str) -> String {
    path::join(root_shown, &display(root, path))
}

/// The path without `.` and `..`, as far as its text tells.
fn lexical(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            component => out.push(component),
        }
    }
    out
}
