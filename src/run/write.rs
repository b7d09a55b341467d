//! Files that the program writes into a repository: whole or not at all, and never through a link.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    New,
    /// Something of this name is there and was left alone.
    Exists,
    /// A folder on the way is a link or no folder, which is not followed: its name.
    NoFolder(String),
}

/// Writes a file below a folder unless something of its name is there. `name` is relative, with `/`; folders on the way
/// are made.
///
/// The text goes into a file beside it first, which becomes the file in one step, so that whoever interrupts that leaves
/// no half file.
///
/// # Errors
/// When it cannot be written.
pub fn write_new(folder: &Path, name: &str, text: &str) -> io::Result<Written> {
    let mut place = folder.to_owned();
    let parts: Vec<&str> = name.split('/').collect();
    let (last, above) = parts.split_last().map_or((name, [].as_slice()), |(last, above)| (*last, above));
    // Nothing is made before it is known that nothing stands in the way.
    if fs::symlink_metadata(folder.join(name)).is_ok() {
        return Ok(if above.is_empty() || is_inside(folder, above) {
            Written::Exists
        } else {
            no_folder(folder, above)
        });
    }
    for part in above {
        place.push(part);
        match fs::symlink_metadata(&place) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Ok(no_folder(folder, above)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(&place)?,
            Err(error) => return Err(error),
        }
    }
    match drafted(&place, last, text, put) {
        Ok(()) => Ok(Written::New),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Written::Exists),
        Err(error) => Err(error),
    }
}

/// Writes a file, also over another one, which keeps its permissions.
///
/// # Errors
/// When something else than a file has its name (a link is not followed), or it cannot be written.
pub fn replace(file: &Path, text: &str) -> io::Result<()> {
    let old = match fs::symlink_metadata(file) {
        Ok(found) if found.is_file() => Some(found.permissions()),
        Ok(_) => {
            return Err(io::Error::other("something of this name is no file, and links are not followed"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let name =
        file.file_name().ok_or_else(|| io::Error::other("this is no name of a file"))?.to_string_lossy();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    drafted(folder, &name, text, |draft, _| {
        if let Some(permissions) = old {
            fs::set_permissions(draft, permissions)?;
        }
        fs::rename(draft, file)
    })
}

/// Writes a draft beside a file, and gives it the file's name by `put`.
fn drafted(
    folder: &Path,
    name: &str,
    text: &str,
    put: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    let draft = folder.join(format!(".{}-{}.new", name.trim_start_matches('.'), std::process::id()));
    let filled = OpenOptions::new().write(true).create_new(true).open(&draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let result = filled.and_then(|()| put(&draft, &folder.join(name)));
    // A draft that stays does no harm, and what went wrong is worth more.
    let _ = fs::remove_file(&draft);
    result
}

/// Gives a whole file its name, unless something has it.
fn put(draft: &Path, file: &Path) -> io::Result<()> {
    match fs::hard_link(draft, file) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without links: nothing of the name was there a moment ago.
        Err(_) if fs::symlink_metadata(file).is_err() => fs::rename(draft, file),
        Err(error) => Err(error),
    }
}

fn is_inside(folder: &Path, above: &[&str]) -> bool {
    let mut place = folder.to_owned();
    above.iter().all(|part| {
        place.push(part);
        fs::symlink_metadata(&place).is_ok_and(|found| found.is_dir())
    })
}

/// The first folder on the way that is none.
fn no_folder(folder: &Path, above: &[&str]) -> Written {
    let upto = (1..=above.len()).find(|upto| !is_inside(folder, &above[..*upto]));
    Written::NoFolder(above[..upto.unwrap_or(above.len())].join("/"))
}
