//! Names of images, as the command line takes them.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::ImageError;

/// The name of an image: where it is, in which form, and which of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName {
    text: String,
    location: Location,
}

/// Where an image is, and in which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// A folder in OCI layout.
    OciLayout(PathBuf, Pick),
    /// The same as an archive.
    OciArchive(PathBuf, Pick),
    /// What `docker save` writes.
    DockerArchive(PathBuf, Pick),
    /// A folder with `manifest.json` and blobs.
    Dir(PathBuf),
    /// A file or a folder without a prefix: what is in it tells its form.
    Disk(PathBuf, Pick),
    /// A reference for the local Docker Engine.
    Daemon(String),
    /// A reference for a registry.
    Registry(String),
}

/// Which image of several in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    /// The only one.
    Only,
    /// The one of this name.
    Tag(String),
    /// The one at this place, from 0 on (`@0`).
    At(usize),
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => f.write_str("the only one"),
            Self::Tag(tag) => write!(f, "named `{tag}`"),
            Self::At(at) => write!(f, "at @{at}"),
        }
    }
}

/// Prefixes that other tools know, and that nothing here can read.
const FOREIGN: [&str; 10] = [
    "containers-storage",
    "ostree",
    "sif",
    "tarball",
    "atomic",
    "podman",
    "nix",
    "http",
    "https",
    "docker-image",
];
const KNOWN: &str = "Known are oci:DIR, oci-archive:FILE, docker-archive:FILE, dir:DIR, docker-daemon:REF and \
                     docker://REF";
/// Endings of archives: a name that has one means a file, there or not.
const ENDINGS: [&str; 7] = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".oci", ".tar.xz", ".tar.bz2"];

impl ImageName {
    /// Reads `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:TAG]`, `dir:DIR`, `docker-daemon:REF`,
    /// `docker://REF` or a bare reference. A tag may be `@N`, the image at place N. A bare name of a file, or of a folder
    /// that holds an image, is opened as what it holds.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        let location = match text.split_once(':') {
            Some(("oci", rest)) => {
                let (path, pick) = split(rest, last_colon)?;
                Location::OciLayout(path, pick)
            }
            Some(("oci-archive", rest)) => {
                let (path, pick) = split(rest, first_colon)?;
                Location::OciArchive(path, pick)
            }
            Some(("docker-archive", rest)) => {
                let (path, pick) = split(rest, first_colon)?;
                Location::DockerArchive(path, pick)
            }
            Some(("dir", "")) => return Err(ImageError::new("no folder is named")),
            Some(("dir", rest)) => Location::Dir(rest.into()),
            Some(("docker-daemon", rest)) => Location::Daemon(reference(rest)?),
            Some(("docker", rest)) if rest.starts_with("//") => Location::Registry(reference(&rest[2..])?),
            Some((prefix, rest)) if FOREIGN.contains(&prefix) || rest.starts_with("//") => {
                return Err(ImageError::new(format!("images are not read from `{prefix}:`")).help(KNOWN));
            }
            _ => bare(text)?,
        };
        Ok(Self { text: text.to_owned(), location })
    }

    /// The name of the file or folder that holds the image, without what follows its first dot; `None` for references.
    /// What a form without names of its own can go by: `web` of `dir:build/web`.
    #[must_use]
    pub fn stem(&self) -> Option<&str> {
        let path = match &self.location {
            Location::OciLayout(path, _)
            | Location::OciArchive(path, _)
            | Location::DockerArchive(path, _)
            | Location::Dir(path)
            | Location::Disk(path, _) => path,
            Location::Daemon(_) | Location::Registry(_) => return None,
        };
        let name = path.file_name()?.to_str()?;
        name.split('.').next().filter(|stem| !stem.is_empty())
    }

    /// What names the registry: the first part of the reference. `None`: it is none of a registry.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match &self.location {
            Location::Registry(reference) => reference.split('/').next(),
            _ => None,
        }
    }

    /// The name as given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it is.
    pub(crate) fn location(&self) -> &Location {
        &self.location
    }
}

/// A name without a prefix: a file or a folder that is there, else a reference.
fn bare(text: &str) -> Result<Location, ImageError> {
    for (path, tag) in splits(text) {
        let path = Path::new(path);
        let is_image =
            path.is_dir() && ["index.json", "manifest.json"].iter().any(|name| path.join(name).exists());
        if path.is_file() || is_image {
            return Ok(Location::Disk(path.to_owned(), tag.map_or(Ok(Pick::Only), pick)?));
        }
    }
    let is_path =
        text.starts_with(['.', '/', '~', '\\']) || ENDINGS.iter().any(|ending| text.ends_with(ending));
    if is_path && Path::new(text).is_dir() {
        return Err(ImageError::new(
            "the folder holds no image: it has neither `index.json` nor `manifest.json`",
        ));
    }
    match is_path {
        true => Err(ImageError::new("there is no such file or folder").help(KNOWN)),
        false => reference(text).map(Location::Registry),
    }
}

/// Whether a reference can be one: who resolves it looks closer.
fn reference(text: &str) -> Result<String, ImageError> {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || "._-/:@+[]".contains(c);
    match text.chars().find(|c| !is_usual(*c)) {
        _ if text.is_empty() => Err(ImageError::new("no image is named")),
        Some(wrong) => {
            let message = format!("a reference has no `{}`", wrong.escape_default());
            Err(ImageError::new(message).help("It is written as REGISTRY/REPOSITORY:TAG"))
        }
        None => Ok(text.to_owned()),
    }
}

/// Splits a path from the tag behind it: the longest path that is there is meant; else `fallback` says where.
fn split(text: &str, fallback: impl Fn(&str) -> Option<usize>) -> Result<(PathBuf, Pick), ImageError> {
    let there = splits(text).find(|(path, _)| Path::new(path).exists());
    let (path, tag) = there.unwrap_or_else(|| match fallback(text) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    });
    match path {
        "" => Err(ImageError::new("no file or folder is named")),
        path => Ok((path.into(), tag.map_or(Ok(Pick::Only), pick)?)),
    }
}

/// Ways to read a text as a path and a tag, the longest path first.
fn splits(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let whole = std::iter::once((text, None));
    whole.chain(text.rmatch_indices(':').filter(|(at, _)| !is_drive(text, *at)).map(|(at, _)| {
        let (path, tag) = text.split_at(at);
        (path, Some(&tag[1..]))
    }))
}

/// Whether a colon is that of a drive: `C:\web.tar`.
fn is_drive(text: &str, at: usize) -> bool {
    at == 1 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text[2..].starts_with(['\\', '/'])
}

fn first_colon(text: &str) -> Option<usize> {
    text.match_indices(':').map(|(at, _)| at).find(|at| !is_drive(text, *at))
}

fn last_colon(text: &str) -> Option<usize> {
    text.rfind(':').filter(|at| !is_drive(text, *at) && !text[*at..].contains('/'))
}

fn pick(tag: &str) -> Result<Pick, ImageError> {
    match tag.strip_prefix('@') {
        _ if tag.is_empty() => Err(ImageError::new("the tag behind the last colon is empty")),
        Some(number) => number.parse().map(Pick::At).map_err(|_| {
            ImageError::new(format!("`{tag}` is no number of an image")).help("The first one is @0")
        }),
        None => Ok(Pick::Tag(tag.to_owned())),
    }
}

#[cfg(test)]
mod tests;
