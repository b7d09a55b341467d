//! The walk over arguments and folders.

use std::collections::BTreeMap;
use std::fs::FileType;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::{Collected, Input, InputError, MAX_FILE, NameKind, Options, classify, describe, display};
use crate::lower::context::path;

/// Folders that are never fleets' own, also where no `.gitignore` says so.
const SKIPPED: [&str; 5] = ["node_modules", "target", "__pycache__", "site-packages", "venv"];

/// The one hidden folder that is looked into: `workflows` in it builds and pushes images.
const WORKFLOW_HOME: &str = ".github";

pub(super) struct Walk<'o> {
    options: &'o Options,
    out: Collected,
    /// Links to files with a Dockerfile's name: looked at when all roots are known.
    links: Vec<(String, PathBuf)>,
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
        for entry in walker(full).build() {
            match entry {
                Ok(entry) if entry.depth() == 0 => {
                    if classify(path::base_name(shown)) == NameKind::Dockerfile {
                        self.doubtful.push(shown.to_owned());
                    }
                }
                Ok(entry) => {
                    seen += 1;
                    self.entry(&entry, full, shown);
                }
                Err(error) => failed |= self.walk_error(&error, full, shown),
            }
        }
        if seen == 0 && !failed {
            self.problem(shown.to_owned(), "is an empty folder, or all in it is hidden or ignored");
        }
    }

    fn entry(&mut self, entry: &DirEntry, root: &Path, root_shown: &str) {
        let Some(file_type) = entry.file_type() else { return };
        let name = entry.file_name().to_string_lossy();
        let kind = classify(&name);
        if kind == NameKind::Other {
            return;
        }
        let shown = shown_below(entry.path(), root, root_shown);
        if kind != NameKind::Dockerfile {
            // Data of any size goes by JSON's name, and none of it is a manifest.
            let is_data = || entry.metadata().is_ok_and(|metadata| metadata.len() > MAX_FILE);
            if file_type.is_file() && !(kind == NameKind::Json && is_data()) {
                self.sort_in(kind, shown, entry.path().to_owned());
            }
            return;
        }
        self.dockerfile(file_type, shown, entry.path());
    }

    fn dockerfile(&mut self, file_type: FileType, shown: String, full: &Path) {
        if file_type.is_file() {
            self.out.dockerfiles.push(Input { display: shown, path: full.to_owned() });
        } else if file_type.is_symlink() {
            self.links.push((shown, full.to_owned()));
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
        out.others.templates.sort();
        out.others.templates.dedup();
        out.problems.sort();
        out.problems.dedup();
        out
    }

    /// A link stands for its target, unless that is read anyway or lies outside of what was given.
    fn follow_links(&mut self, found: &mut BTreeMap<String, PathBuf>) {
        if self.links.is_empty() {
            return;
        }
        let mut real: Vec<PathBuf> =
            found.values().filter_map(|path| std::fs::canonicalize(path).ok()).collect();
        self.links.sort();
        for (shown, link) in std::mem::take(&mut self.links) {
            match std::fs::canonicalize(&link) {
                Err(_) => self.problem(shown, "is a link that leads nowhere"),
                Ok(target) if !self.roots.iter().any(|root| target.starts_with(root)) => {
                    self.problem(shown, "is a link that leads out of the folders that are checked");
                }
                Ok(target) if target.is_dir() || real.contains(&target) => {}
                Ok(target) if target.is_file() => {
                    found.insert(shown, link);
                    real.push(target);
                }
                Ok(_) => self.problem(shown, "is no regular file"),
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
            let hidden = name.starts_with('.') && !(is_folder && name == WORKFLOW_HOME);
            entry.depth() == 0 || !(hidden || (is_folder && SKIPPED.contains(&name)))
        });
    builder
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
