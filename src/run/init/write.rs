//! Files that were not there before: whole or not at all, never over another one and never through a link.

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
    let draft = place.join(format!(".{}-{}.new", last.trim_start_matches('.'), std::process::id()));
    let filled = OpenOptions::new().write(true).create_new(true).open(&draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let put = filled.and_then(|()| put(&draft, &place.join(last)));
    // A draft that stays does no harm, and what went wrong is worth more.
    let _ = fs::remove_file(&draft);
    match put {
        Ok(()) => Ok(Written::New),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Written::Exists),
        Err(error) => Err(error),
    }
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
