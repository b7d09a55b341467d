//! Configs that were read before, by digest, in a folder of the user's choice. What is found there is verified, so that
//! nobody has to trust the folder; that it cannot be read or written is no error, only slower.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::syntax::digest::{is_sha256, sha256};

/// Tells temporary files of one call apart.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// What is kept under a digest, if it is as long and what it says.
pub(super) fn get(folder: &Path, digest: &str, size: u64) -> Option<Vec<u8>> {
    let path = path_of(folder, digest)?;
    let known = fs::metadata(&path).ok()?;
    if !known.is_file() || known.len() != size {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(size + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == size && sha256(&bytes) == digest).then_some(bytes)
}

/// Keeps what was verified. Others never see half of it.
pub(super) fn put(folder: &Path, digest: &str, bytes: &[u8]) {
    if let Some(path) = path_of(folder, digest) {
        // A cache that cannot be written makes nothing wrong.
        let _ = write(folder, &path, bytes);
    }
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".{}-{number}.tmp", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    let written = file.write_all(bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // What could not be written is not left behind.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn path_of(folder: &Path, digest: &str) -> Option<PathBuf> {
    is_sha256(digest).then(|| folder.join(format!("{}.json", digest.replace(':', "-"))))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{get, put, sha256};

    #[test]
    fn what_is_kept_is_verified() {
        let folder = std::env::temp_dir().join(format!("plimsoll-cache-{}", std::process::id()));
        let digest = sha256(b"{}");
        assert_eq!(get(&folder, &digest, 2), None);
        put(&folder, &digest, b"{}");
        assert_eq!(get(&folder, &digest, 2).as_deref(), Some(&b"{}"[..]));
        assert_eq!(get(&folder, &digest, 3), None);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no temporary file is left");
        let file = folder.join(format!("{}.json", digest.replace(':', "-")));
        fs::write(&file, "[]").unwrap();
        assert_eq!(get(&folder, &digest, 2), None);
        put(&folder, "sha256:../../x", b"{}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        // A folder that cannot be made is no error.
        put(&file.join("below"), &digest, b"{}");
        assert_eq!(get(&file.join("below"), &digest, 2), None);
        fs::remove_dir_all(&folder).unwrap();
    }
}
