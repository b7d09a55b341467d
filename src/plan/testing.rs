//! Plans from memory, for tests of the plan and of rules about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Plan, PlanError, PlanRequest, load};
use crate::lower::{FileKind, Files};
use crate::source::Source;

/// Files in memory.
pub(crate) struct MapFiles(pub(crate) BTreeMap<String, Vec<u8>>);

impl MapFiles {
    /// Files of these paths and texts.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
    }
}

impl Files for MapFiles {
    fn read(&self, path: &str) -> Option<Arc<Source>> {
        self.0.get(path).map(|bytes| Source::new(path, bytes.clone()))
    }
    fn kind(&self, path: &str) -> Option<FileKind> {
        self.0.contains_key(path).then_some(FileKind::File)
    }
    fn list(&self, _folder: &str) -> Arc<Vec<(String, FileKind)>> {
        Arc::default()
    }
}

/// Rules that tests may name.
pub(crate) fn known_rule(id: &str) -> Result<&'static str, Option<&'static str>> {
    match id {
        "apt-pinned" | "DL3008" => Ok("apt-pinned"),
        "runtime-user" => Ok("runtime-user"),
        "pip-hashes" => Ok("pip-hashes"),
        _ => Err(None),
    }
}

/// The plan at a path of these files.
pub(crate) fn load_files(path: &str, files: &[(&str, &str)]) -> Result<Plan, Vec<PlanError>> {
    load(&PlanRequest { path: Some(path), packs: &[], known_rule: &known_rule }, &MapFiles::new(files))
}

/// A plan of one text, without any pack.
pub(crate) fn load_text(text: &str) -> Result<Plan, Vec<PlanError>> {
    let text = format!("extends = []\n{text}");
    load_files("plimsoll.toml", &[("plimsoll.toml", &text)])
}
