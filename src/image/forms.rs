//! The forms that images are stored in: a name goes in, an opened store comes out.

use std::path::Path;

use super::error::ImageError;
use super::name::{Location, Pick};
use super::parts::Store;
use super::{ImageName, ReadOptions};
use crate::model::ImageForm;
use archive::Archive;
use dir::Dir;
use docker_archive::DockerArchive;
use folder::Folder;
use layout::Layout;

mod archive;
#[cfg(feature = "registry")]
mod daemon;
mod dir;
mod docker_archive;
mod files;
mod folder;
mod layout;
pub(crate) mod manifest;
#[cfg(feature = "registry")]
mod registry;
mod scan;
pub(crate) mod select;
#[cfg(test)]
mod tests;

/// Opens the form that a name says.
///
/// # Errors
/// When it is not there, or is not what the name says.
pub(crate) fn open<'a>(
    name: &ImageName,
    options: &'a ReadOptions<'_>,
) -> Result<Box<dyn Store + 'a>, ImageError> {
    match name.location() {
        Location::OciLayout(path, pick) => Ok(layout(Folder::open(path)?, pick)),
        Location::OciArchive(path, pick) => Ok(oci_archive(Archive::open(path)?, pick)),
        Location::DockerArchive(path, pick) => Ok(docker_archive(Archive::open(path)?, pick)),
        Location::Dir(path) => Ok(Box::new(Dir { folder: Folder::open(path)? })),
        Location::Disk(path, pick) => on_disk(path, pick),
        Location::Daemon(reference) => daemon(reference, options),
        Location::Registry(reference) => registry(reference, options),
    }
}

#[cfg(feature = "registry")]
fn daemon<'a>(reference: &str, options: &'a ReadOptions<'_>) -> Result<Box<dyn Store + 'a>, ImageError> {
    Ok(Box::new(daemon::DaemonImage::open(reference, options)?))
}

#[cfg(feature = "registry")]
fn registry<'a>(reference: &str, options: &'a ReadOptions<'_>) -> Result<Box<dyn Store + 'a>, ImageError> {
    match options.registry {
        Some(client) => Ok(Box::new(registry::RegistryImage::open(client, reference)?)),
        None => Err(ImageError::new("registries are not asked in this call")),
    }
}

/// What a program without the feature `registry` says.
#[cfg(not(feature = "registry"))]
fn no_network(what: &str) -> ImageError {
    let help = "Save the image as a file, or install a build with the feature `registry`";
    ImageError::new(format!("this build of the program asks no {what}")).help(help)
}

#[cfg(not(feature = "registry"))]
fn daemon<'a>(_reference: &str, _options: &'a ReadOptions<'_>) -> Result<Box<dyn Store + 'a>, ImageError> {
    Err(no_network("Docker Engine"))
}

#[cfg(not(feature = "registry"))]
fn registry<'a>(_reference: &str, _options: &'a ReadOptions<'_>) -> Result<Box<dyn Store + 'a>, ImageError> {
    Err(no_network("registry"))
}

/// Opens what is there as what it holds. An archive of `docker save` that is an OCI layout as well is read as that: it has
/// the manifest, and with it the digests of its layers.
fn on_disk(path: &Path, pick: &Pick) -> Result<Box<dyn Store>, ImageError> {
    if !path.is_dir() {
        let archive = Archive::open(path)?;
        return match (archive.index().has("index.json"), archive.index().has("manifest.json")) {
            (true, _) => Ok(oci_archive(archive, pick)),
            (false, true) => Ok(docker_archive(archive, pick)),
            (false, false) => {
                Err(ImageError::new("no image is in it: it has neither `index.json` nor `manifest.json`"))
            }
        };
    }
    let folder = Folder::open(path)?;
    match folder.has("index.json") {
        true => Ok(layout(folder, pick)),
        false if *pick == Pick::Only => Ok(Box::new(Dir { folder })),
        false => Err(ImageError::new("a folder with manifest.json holds one image, which has no tag there")),
    }
}

fn layout(files: Folder, pick: &Pick) -> Box<dyn Store> {
    Box::new(Layout { files, form: ImageForm::OciLayout, pick: pick.clone() })
}

fn oci_archive(files: Archive, pick: &Pick) -> Box<dyn Store> {
    Box::new(Layout { files, form: ImageForm::OciArchive, pick: pick.clone() })
}

fn docker_archive(archive: Archive, pick: &Pick) -> Box<dyn Store> {
    Box::new(DockerArchive { archive, pick: pick.clone() })
}
