//! What archives and folders have in common: a name goes in, the size and the bytes of a regular file come out.

use std::io::Read;

use crate::image::bounded::phrase;
use crate::image::error::ImageError;

/// A file that is open.
pub(super) struct Opened<'a> {
    /// Bytes that it has, by what holds it.
    pub(super) size: u64,
    /// Its bytes.
    pub(super) bytes: Box<dyn Read + 'a>,
}

/// A set of files with relative names, `/` between their parts.
pub(super) trait Files {
    /// Opens a regular file; `None`: there is none of this name. Names are from documents whose syntax was checked.
    ///
    /// # Errors
    /// When it is no regular file, is reached through a link, or is there twice.
    fn open(&self, name: &str) -> Result<Option<Opened<'_>>, ImageError>;
}

/// Reads a whole file of at most `cap` bytes.
///
/// # Errors
/// When it is not there, too large (told before it is read), or cut off.
pub(super) fn read_whole(files: &dyn Files, name: &str, cap: u64) -> Result<Vec<u8>, ImageError> {
    let Some(opened) = files.open(name)? else {
        return Err(ImageError::new(format!("`{}` is not in it", shown(name))));
    };
    let size = opened.size;
    match size > cap {
        true => {
            Err(ImageError::new(format!("`{}` has {size} bytes, and at most {cap} are read", shown(name))))
        }
        false => all_of(name, opened),
    }
}

/// Reads a whole file whose size a descriptor says.
///
/// # Errors
/// When it is not there, has another size, or is cut off.
pub(super) fn read_said(files: &dyn Files, name: &str, said: u64) -> Result<Vec<u8>, ImageError> {
    let Some(opened) = files.open(name)? else {
        return Err(ImageError::new(format!("`{}` is not in it", shown(name))));
    };
    let size = opened.size;
    match size == said {
        true => all_of(name, opened),
        false => {
            Err(ImageError::new(format!("`{}` has {size} bytes, and {said} are said of it", shown(name))))
        }
    }
}

fn all_of(name: &str, opened: Opened<'_>) -> Result<Vec<u8>, ImageError> {
    let size = opened.size;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    let read = opened.bytes.take(size).read_to_end(&mut bytes);
    read.map_err(|error| ImageError::new(format!("`{}` cannot be read: {}", shown(name), phrase(&error))))?;
    match bytes.len() as u64 == size {
        true => Ok(bytes),
        false => Err(ImageError::new(format!("`{}` is cut off", shown(name)))),
    }
}

/// A text of input as errors show it: not longer than a line.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 150;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
