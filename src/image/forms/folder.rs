//! A folder on disk as a set of files; links inside it are not followed.

use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};

use super::files::{Files, Opened, shown};
use crate::image::bounded::phrase;
use crate::image::error::ImageError;

/// A folder. It may be a link itself: the user named it.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// # Errors
    /// When it is not there, or no folder.
    pub(super) fn open(path: &Path) -> Result<Self, ImageError> {
        let found = fs::metadata(path);
        let found = found.map_err(|error| {
            ImageError::new(format!("the folder `{}` cannot be opened: {}", path.display(), phrase(&error)))
        })?;
        match found.is_dir() {
            true => Ok(Self { path: path.to_owned() }),
            false => Err(ImageError::new(format!("`{}` is no folder", path.display()))
                .help("Archives are named docker-archive:FILE or oci-archive:FILE")),
        }
    }

    /// Whether there is something of this name, whatever it is.
    pub(super) fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.path.join(name)).is_ok()
    }
}

impl Files for Folder {
    fn open(&self, name: &str) -> Result<Option<Opened<'_>>, ImageError> {
        let mut path = self.path.clone();
        let mut parts = name.split('/').peekable();
        while let Some(part) = parts.next() {
            if matches!(part, "" | "." | "..") || part.contains(['\\', ':']) {
                return Err(ImageError::new(format!("`{}` is no name of a file in it", shown(name))));
            }
            path.push(part);
            let Ok(found) = fs::symlink_metadata(&path) else {
                return Ok(None);
            };
            if found.is_symlink() {
                let message = format!("`{}` is reached through a link, which is not followed", shown(name));
                return Err(ImageError::new(message));
            }
            let is_last = parts.peek().is_none();
            if is_last && !found.is_file() {
                return Err(ImageError::new(format!("`{}` is no regular file", shown(name))));
            }
            if is_last {
                return opened(name, &path, &found).map(Some);
            }
        }
        Ok(None)
    }
}

fn opened(name: &str, path: &Path, seen: &Metadata) -> Result<Opened<'static>, ImageError> {
    let wrong = |why: &str| ImageError::new(format!("`{}` cannot be opened: {why}", shown(name)));
    let file = File::open(path).map_err(|error| wrong(&phrase(&error)))?;
    let now = file.metadata().map_err(|error| wrong(&phrase(&error)))?;
    // Between the look and the opening somebody may have put a link in its place.
    match is_same(seen, &now) {
        true => Ok(Opened { size: now.len(), bytes: Box::new(std::io::BufReader::new(file)) }),
        false => Err(wrong("it was replaced while it was opened")),
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_one: &Metadata, other: &Metadata) -> bool {
    other.is_file()
}
