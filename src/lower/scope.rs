//! What lowering is given to look things up with.

use std::sync::Arc;

use crate::model::{Run, Unknown, Value};
use crate::source::Source;

/// A read-only view of the files of the call. Paths are display paths: relative to the working directory, with `/`.
///
/// `collect` implements it over the file system and over memory. Implementations cap what they read, follow no link out
/// of the tree that was given to the tool, and answer the same question always alike.
pub trait Files: Sync {
    /// The file's text; `None` when it is not there, is no regular file, or cannot be read.
    fn read(&self, path: &str) -> Option<Arc<Source>>;
    /// What is at the path; `None` when nothing is.
    fn kind(&self, path: &str) -> Option<FileKind>;
    /// Names in a folder, sorted; empty when it is no folder.
    fn list(&self, folder: &str) -> Arc<Vec<(String, FileKind)>>;
}

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Anything else, dangling links included.
    Other,
}

/// Values of build variables (ARG and ENV) at one point of a stage.
pub trait Variables {
    /// The value of a name. `None`: nobody declares it. A declared ARG without a value gives an unknown [`Value`].
    fn value(&self, name: &str) -> Option<Value>;
}

/// Files as the image has them at one point of a stage, found back in the build context through COPY and mounts.
pub trait ImageFiles {
    /// The text behind an absolute path of the image.
    ///
    /// # Errors
    /// Why it cannot be told: nothing copies it, it comes from another image, its name is a variable.
    fn open(&self, path: &str) -> Result<Arc<Source>, Unknown>;
}

/// One RUN with all that its meaning depends on.
#[derive(Clone, Copy)]
pub struct RunScope<'a> {
    /// The RUN, its texts already split.
    pub run: &'a Run,
    /// Its index in the stage's list of RUNs.
    pub index: usize,
    /// ARG and ENV in force.
    pub variables: &'a dyn Variables,
    /// Files that earlier instructions put in.
    pub files: &'a dyn ImageFiles,
}
