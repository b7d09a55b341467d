//! What a form of storage says of one image, before anything is made of it.

use std::io::Read;
use std::sync::Arc;

use smol_str::SmolStr;

use super::error::ImageError;
use super::layers::LayerFacts;
use super::options::PlatformChoice;
use crate::model::{ImageForm, LayerBlob, MediaKind, Platform};

/// The pieces of one image of one platform.
#[derive(Debug, Clone)]
pub(crate) struct ImageParts {
    /// How it is stored.
    pub(crate) form: ImageForm,
    /// Registry, repository and tag that it goes by, where the form says so.
    pub(crate) reference: Option<SmolStr>,
    /// The manifest's bytes as stored, verified; `None`: the form has none.
    pub(crate) manifest: Option<ManifestBytes>,
    /// The family of the manifest's media type.
    pub(crate) media: MediaKind,
    /// The platforms of the index it was chosen from, attestations left out, in order.
    pub(crate) platforms: Option<Vec<Platform>>,
    /// The config's bytes as stored, verified.
    pub(crate) config: Vec<u8>,
    /// Digest of the config, `sha256:…`.
    pub(crate) config_digest: SmolStr,
    /// The layers, lowest first.
    pub(crate) layers: Vec<LayerBlob>,
}

/// A manifest as stored.
#[derive(Debug, Clone)]
pub(crate) struct ManifestBytes {
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
    /// Digest of the bytes, `sha256:…`.
    pub(crate) digest: SmolStr,
    /// Media type.
    pub(crate) media_type: SmolStr,
}

/// A form of storage, opened.
pub(crate) trait Store {
    /// The images that the choice of platform selects, each verified by its digests. Never empty.
    ///
    /// # Errors
    /// Whatever is wrong with index, manifest or config.
    fn images(&self, platform: &PlatformChoice) -> Result<Vec<ImageParts>, ImageError>;

    /// A layer's bytes as stored, not verified: who reads them to the end does that.
    ///
    /// # Errors
    /// When it is not there.
    fn layer(&self, layer: &LayerBlob) -> Result<Box<dyn Read + '_>, ImageError>;

    /// What a layer holds, where finding the images read it already: its digest as stored is verified.
    fn facts(&self, _layer: &LayerBlob) -> Option<Arc<LayerFacts>> {
        None
    }
}

/// Caps on what is read of one image (distribution specification: registries refuse manifests above 4 MiB).
pub(crate) mod caps {
    /// Bytes of a manifest or an index.
    pub(crate) const MANIFEST: u64 = 4 << 20;
    /// Bytes of a config.
    pub(crate) const CONFIG: u64 = 8 << 20;
    /// Entries of an index.
    pub(crate) const INDEX_ENTRIES: usize = 256;
    /// Indexes inside each other.
    pub(crate) const INDEX_DEPTH: usize = 2;
    /// Members of an archive of images.
    pub(crate) const ARCHIVE_ENTRIES: usize = 100_000;
    /// Entries of `history`.
    pub(crate) const HISTORY: usize = 10_000;
    /// Layers of a manifest. Docker and containerd stop at 127.
    pub(crate) const LAYERS: usize = 1_000;
}
