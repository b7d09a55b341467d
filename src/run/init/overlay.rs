//! The files of the disk with a plan that is not written yet.

use std::sync::Arc;

use crate::lower::{FileKind, Files};
use crate::source::Source;

/// The name of a plan file.
pub(super) const PLAN: &str = "plimsoll.toml";

/// What lies on the disk, and the plan's text in the place of its file.
pub(super) struct Overlay<'a> {
    files: &'a dyn Files,
    plan: Arc<Source>,
}

impl<'a> Overlay<'a> {
    /// A plan over files.
    pub(super) fn new(files: &'a dyn Files, plan: &str) -> Self {
        Self { files, plan: Source::new(PLAN, plan.as_bytes().to_vec()) }
    }
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Option<Arc<Source>> {
        if path == PLAN { Some(Arc::clone(&self.plan)) } else { self.files.read(path) }
    }

    fn kind(&self, path: &str) -> Option<FileKind> {
        if path == PLAN { Some(FileKind::File) } else { self.files.kind(path) }
    }

    fn list(&self, folder: &str) -> Arc<Vec<(String, FileKind)>> {
        self.files.list(folder)
    }
}
