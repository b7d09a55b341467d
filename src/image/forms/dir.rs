//! skopeo's `dir:`: a folder with `manifest.json` and blobs by the hexadecimal part of their digests.

use std::io::Read;

use super::files::{Files, read_said, read_whole};
use super::folder::Folder;
use super::layout::open_layer;
use super::select::{self, Documents, Root};
use crate::image::error::ImageError;
use crate::image::options::PlatformChoice;
use crate::image::parts::{ImageParts, Store, caps};
use crate::model::{ImageForm, LayerBlob};
use crate::syntax::digest::Digest;

/// A folder of this form.
pub(super) struct Dir {
    pub(super) folder: Folder,
}

impl Documents for Dir {
    fn manifest(&self, digest: &Digest, size: u64) -> Result<Vec<u8>, ImageError> {
        read_said(&self.folder, &format!("{}.manifest.json", digest.hex()), size)
    }

    fn config(&self, digest: &Digest, size: u64) -> Result<Vec<u8>, ImageError> {
        read_said(&self.folder, digest.hex(), size)
    }
}

impl Store for Dir {
    fn images(&self, platform: &PlatformChoice) -> Result<Vec<ImageParts>, ImageError> {
        if self.folder.open("manifest.json")?.is_none() {
            return Err(ImageError::new("it is no folder of an image: `manifest.json` is not in it")
                .help("A folder with index.json and blobs is named oci:DIR"));
        }
        // Nothing names the digest of this file, so there is none to compare with.
        let bytes = read_whole(&self.folder, "manifest.json", caps::MANIFEST)?;
        let root = Root::Document { digest: Digest::of(&bytes), bytes, media_type: "".into() };
        select::images(self, root, ImageForm::Dir, None, platform)
    }

    fn layer(&self, layer: &LayerBlob) -> Result<Box<dyn Read + '_>, ImageError> {
        let digest = Digest::parse(&layer.address)?;
        open_layer(&self.folder, digest.hex(), layer)
    }
}
