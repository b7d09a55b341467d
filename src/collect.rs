//! Inputs: paths of the command line go in, the files to read come out, by kind and in one order.
//!
//! This is the one place of `check` that looks at the file system; [`DiskFiles`] is the view of it that lowering gets.
//! Stands behind `lower` because it implements [`crate::lower::Files`]. Nothing here parses or knows a plan. Standard
//! input is the caller's.

mod disk_files;
mod name;
mod tracked;
mod walk;

pub use crate::lower::MemoryFiles;
pub use disk_files::DiskFiles;
pub use name::{NameKind, classify};

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::lower::context::path;
use crate::source::Source;

/// Files larger than this are not read, in bytes.
pub const MAX_FILE: u64 = 4 << 20;

/// How to collect.
#[derive(Debug, Clone)]
pub struct Options {
    /// The working directory: relative arguments start here, and reports name files relative to it. Absolute.
    pub base: PathBuf,
}

/// What a call looks at.
#[derive(Debug, Default)]
pub struct Collected {
    /// The Dockerfiles, by display path, without duplicates.
    pub dockerfiles: Vec<Input>,
    /// Compose files, in the same order.
    pub compose: Vec<Input>,
    /// Workflow files of GitHub (`.github/workflows`).
    pub workflows: Vec<Input>,
    /// Other YAML files and JSON files, which are Kubernetes manifests when they say so.
    pub yaml: Vec<Input>,
    /// YAML and JSON files that are named one by one, and whose names do not tell what they are.
    pub by_content: Vec<Input>,
    /// What was seen and is not checked.
    pub others: Others,
    /// What could not be read, by path.
    pub problems: Vec<InputError>,
}

/// Files of kinds that are seen and not checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Templates of Dockerfiles: display paths.
    pub templates: Vec<String>,
    /// Links named like a manifest that lead nowhere, or out of what is checked: display paths.
    pub links: Vec<String>,
    /// How many requirement files there are; they are read where a Dockerfile installs them.
    pub requirements: usize,
}

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The path as reports print it: relative to the working directory with `/`; as given when it lies outside.
    pub display: String,
    /// The path to open.
    pub path: PathBuf,
}

/// An input that could not be read: an error of the call and no finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputError {
    /// The path as reports print it.
    pub path: String,
    /// What is wrong, without a full stop.
    pub message: String,
}

impl InputError {
    fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

impl Input {
    /// Reads the file.
    ///
    /// # Errors
    /// It is gone, no regular file, not readable, or larger than [`MAX_FILE`].
    pub fn read(&self) -> Result<Arc<Source>, InputError> {
        match read_file(&self.path) {
            Ok(bytes) => Ok(Source::new(self.display.clone(), bytes)),
            Err(message) => Err(InputError::new(self.display.clone(), message)),
        }
    }
}

/// Reads a regular file of at most [`MAX_FILE`] bytes; what is wrong otherwise. Looks before it opens, whatever the walk
/// has seen: a pipe that took the file's place would wait for its writer.
fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| describe(&error))?;
    if metadata.is_dir() {
        return Err("is a folder and no file".to_owned());
    }
    if !metadata.is_file() {
        return Err("is no regular file".to_owned());
    }
    let too_large = || format!("is larger than {} MiB and was not read", MAX_FILE >> 20);
    if metadata.len() > MAX_FILE {
        return Err(too_large());
    }
    let file = File::open(path).map_err(|error| describe(&error))?;
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| describe(&error))?;
    if bytes.len() as u64 > MAX_FILE { Err(too_large()) } else { Ok(bytes) }
}

/// What an error of the system means, in words that are the same everywhere.
fn describe(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "cannot be read: permission denied".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// Finds what to check. A file that is named is taken as a Dockerfile unless its name says otherwise; a folder is walked
/// as git sees it: `.gitignore` and its like hide what git does not track, and nothing else; hidden files and the folders
/// of dependencies count as far as git tracks them; and no links but those that stand for a file inside. The result does not depend on the order of the arguments.
#[must_use]
pub fn collect(paths: &[PathBuf], options: &Options) -> Collected {
    let mut walk = walk::Walk::new(options);
    for argument in paths {
        walk.argument(argument);
    }
    walk.finish()
}

/// The path as reports print it.
fn display(base: &Path, path: &Path) -> String {
    if let Some(inside) = plainly_inside(base, path) {
        return path::clean(inside);
    }
    let inside = path.strip_prefix(base).unwrap_or(path);
    let text = inside.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    path::clean(&text)
}

/// What stands behind `base/`, when both are plain texts.
fn plainly_inside<'p>(base: &Path, path: &'p Path) -> Option<&'p str> {
    if cfg!(windows) {
        return None;
    }
    let inside = path.to_str()?.strip_prefix(base.to_str()?)?.strip_prefix('/')?;
    (!inside.starts_with('/')).then_some(inside)
}

#[cfg(test)]
mod tests;
