//! Images in registries: the client fetches and verifies, the choice of platform is that of every form.

use std::io::Read;

use smol_str::SmolStr;

use super::select::{self, Documents, Root};
use crate::image::error::ImageError;
use crate::image::options::PlatformChoice;
use crate::image::parts::{ImageParts, Store};
use crate::model::{ImageForm, LayerBlob};
use crate::registry::{Client, ImageAddress, RegistryError};
use crate::syntax::digest::Digest;

/// An image of a registry.
pub(super) struct RegistryImage<'a> {
    client: &'a Client,
    address: ImageAddress,
    /// As it was given.
    reference: SmolStr,
}

impl<'a> RegistryImage<'a> {
    /// Nothing is asked yet.
    pub(super) fn open(client: &'a Client, reference: &str) -> Result<Self, ImageError> {
        let address = ImageAddress::parse(reference)?;
        Ok(Self { client, address, reference: reference.into() })
    }
}

impl From<RegistryError> for ImageError {
    fn from(error: RegistryError) -> Self {
        Self { message: error.message, help: error.help }
    }
}

impl Documents for RegistryImage<'_> {
    fn manifest(&self, digest: &Digest, _size: u64) -> Result<Vec<u8>, ImageError> {
        Ok(self.client.manifest(&self.address.repository, digest.text())?.bytes)
    }

    fn config(&self, digest: &Digest, size: u64) -> Result<Vec<u8>, ImageError> {
        Ok(self.client.config(&self.address.repository, digest.text(), size)?)
    }
}

impl Store for RegistryImage<'_> {
    fn images(&self, platform: &PlatformChoice) -> Result<Vec<ImageParts>, ImageError> {
        let found = self.client.manifest(&self.address.repository, self.address.wanted())?;
        let root = Root::Document {
            bytes: found.bytes,
            digest: Digest::parse(&found.digest)?,
            media_type: found.media_type.into(),
        };
        select::images(self, root, ImageForm::Registry, Some(&self.reference), platform)
    }

    fn layer(&self, layer: &LayerBlob) -> Result<Box<dyn Read + '_>, ImageError> {
        let blob = self.client.blob(&self.address.repository, &layer.address, layer.size)?;
        Ok(Box::new(blob))
    }
}
