//! The containers of an engine, as they are: nothing is started in them.

use std::fmt::Write;
use std::io::Read;

use serde_json::Value;
use tar::EntryType;

use super::{Engine, EngineError, MAX_ANSWER};

/// Longest answer about one container, in bytes: a config, and a log of five health checks with 4 KiB each.
const MAX_CONTAINER: u64 = 2 << 20;
/// Longest text that is read of a file, in bytes.
const MAX_TEXT: u64 = 64 << 10;
/// Longest part of an archive that holds one such file: headers, long names and the end.
const MAX_ARCHIVE: u64 = MAX_TEXT + (64 << 10);
/// The columns that tell who a process is. Docker finds its processes by the column `PID`.
const COLUMNS: &str = "-eo pid,ppid,uid,gid,comm";

/// What stands at a path of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContainerFile {
    /// A file, with its text.
    Text(String),
    /// A symbolic link, with its target as it is written.
    Link(String),
    /// Nothing.
    Absent,
    /// Something that has no text to read; what, as a phrase: `it is a folder`.
    Other(String),
}

impl Engine {
    /// What `docker ps --all` lists.
    ///
    /// # Errors
    /// When the engine cannot be asked, or what answers is none.
    pub fn containers(&self) -> Result<Vec<Value>, EngineError> {
        match self.json("/containers/json?all=true", MAX_ANSWER)? {
            Some(Value::Array(list)) => Ok(list),
            _ => Err(self.odd()),
        }
    }

    /// What `docker inspect` prints of a container; `None`: it is gone.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    pub fn container(&self, id: &str) -> Result<Option<Value>, EngineError> {
        match self.json(&of_container(id, "json")?, MAX_CONTAINER)? {
            Some(answer) if !answer.is_object() => Err(self.odd()),
            answer => Ok(answer),
        }
    }

    /// What `docker top` prints of a container's processes, as `Titles` and `Processes`: number, parent, effective user and
    /// group as the host counts, and name. The engine runs `ps` on its host, and nothing in the container.
    ///
    /// # Errors
    /// When the engine cannot be asked, or the container does not run.
    pub fn top(&self, id: &str) -> Result<Value, EngineError> {
        let path = of_container(id, &format!("top?ps_args={}", escaped(COLUMNS)))?;
        let gone = || EngineError::new("the container is gone");
        self.json(&path, MAX_CONTAINER)?.ok_or_else(gone)
    }

    /// What stands at an absolute path of a container, which may have ended. Links on the way are followed inside the
    /// container, a link at the end is not.
    ///
    /// # Errors
    /// When the engine cannot be asked, or what comes is no archive.
    pub fn file(&self, id: &str, path: &str) -> Result<ContainerFile, EngineError> {
        let answer = self.ask(&of_container(id, &format!("archive?path={}", escaped(path)))?, false)?;
        match answer.status().as_u16() {
            200 => {
                let body = answer.into_body().into_reader().take(MAX_ARCHIVE);
                member(body).map_err(|error| {
                    self.unreachable(&format!("the archive of `{path}` cannot be read: {error}"))
                })
            }
            404 => match self.message(answer) {
                // The other reason for this status: nothing is said about the file.
                said if said.to_ascii_lowercase().contains("no such container") => {
                    Err(EngineError::new("the container is gone"))
                }
                _ => Ok(ContainerFile::Absent),
            },
            status => Err(self.refused(status, answer)),
        }
    }
}

/// The first member of an archive; an archive of a file has one.
fn member(archive: impl Read) -> std::io::Result<ContainerFile> {
    let mut archive = tar::Archive::new(archive);
    let Some(entry) = archive.entries()?.next() else {
        return Ok(ContainerFile::Other("its archive is empty".to_owned()));
    };
    let entry = entry?;
    Ok(match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous => text(entry)?,
        EntryType::Symlink => {
            let target = entry.link_name_bytes().unwrap_or_default();
            ContainerFile::Link(String::from_utf8_lossy(&target).into_owned())
        }
        EntryType::Directory => ContainerFile::Other("it is a folder".to_owned()),
        _ => ContainerFile::Other("it is no file".to_owned()),
    })
}

fn text(entry: tar::Entry<'_, impl Read>) -> std::io::Result<ContainerFile> {
    let size = entry.size();
    let mut bytes = Vec::new();
    entry.take(MAX_TEXT + 1).read_to_end(&mut bytes)?;
    if size > MAX_TEXT {
        return Ok(ContainerFile::Other(format!("it has more than {MAX_TEXT} bytes")));
    }
    if bytes.len() as u64 != size {
        return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "it ends before its end"));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => ContainerFile::Text(text),
        Err(_) => ContainerFile::Other("it is no text in UTF-8".to_owned()),
    })
}

/// A path about a container. Ids come from the engine, and may be anything.
pub(super) fn of_container(id: &str, what: &str) -> Result<String, EngineError> {
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    match !id.is_empty() && id.bytes().all(is_usual) && !id.starts_with('.') {
        true => Ok(format!("/containers/{id}/{what}")),
        false => Err(EngineError::new("the engine names a container with an id that is none")),
    }
}

/// A value of a query.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            true => out.push(byte.into()),
            false => {
                // Writing to a text cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_queries_stay_what_they_are() {
        assert_eq!(of_container("ab12", "json").unwrap(), "/containers/ab12/json");
        for bad in ["", "..", "a/b", "a?b", "a b", "a%2f", "\u{e9}", "a\r\nb"] {
            assert!(of_container(bad, "json").is_err(), "{bad}");
        }
        assert_eq!(escaped("-eo pid,ppid"), "-eo%20pid%2Cppid");
        assert_eq!(escaped("/a b/\u{e9}&x=#"), "/a%20b/%C3%A9%26x%3D%23");
    }

    fn tar(kind: EntryType, link: &str, bytes: &[u8]) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        let mut builder = tar::Builder::new(Vec::new());
        match link {
            "" => builder.append_data(&mut header, "a", bytes).unwrap(),
            link => builder.append_link(&mut header, "a", link).unwrap(),
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn one_member_is_read() {
        let long = format!("../{}/version.json", "x".repeat(200));
        let other = |why: &str| ContainerFile::Other(why.into());
        for (archive, expected) in [
            (tar(EntryType::Regular, "", b"hello"), ContainerFile::Text("hello".into())),
            (tar(EntryType::Regular, "", b""), ContainerFile::Text(String::new())),
            (tar(EntryType::Regular, "", b"\xFF"), other("it is no text in UTF-8")),
            (tar(EntryType::Regular, "", &vec![b'x'; 70_000]), other("it has more than 65536 bytes")),
            (tar(EntryType::Regular, "", &vec![b'x'; 700_000]), other("it has more than 65536 bytes")),
            (tar(EntryType::Symlink, "b/c", b""), ContainerFile::Link("b/c".into())),
            (tar(EntryType::Symlink, &long, b""), ContainerFile::Link(long.clone())),
            (tar(EntryType::Directory, "", b""), other("it is a folder")),
            (tar(EntryType::Fifo, "", b""), other("it is no file")),
            (Vec::new(), other("its archive is empty")),
        ] {
            assert_eq!(member((&archive[..]).take(MAX_ARCHIVE)).unwrap(), expected);
        }
        for bad in [&[b'x'; 2_000][..], &tar(EntryType::Regular, "", &[b'x'; 3_000])[..700]] {
            assert!(member(bad).is_err(), "{bad:?}");
        }
    }
}
