//! Manifests and indexes: bytes go in, what they point to comes out, each digest's syntax checked.

use oci_spec::image::{Descriptor, ImageIndex, ImageManifest, MediaType};
use serde::Deserialize;
use serde::de::IgnoredAny;
use smol_str::SmolStr;

use super::files::shown;
use crate::image::error::ImageError;
use crate::image::parts::caps;
use crate::model::{LayerBlob, MediaKind, Platform};
use crate::syntax::digest::Digest;

/// Docker's media type of a manifest of one platform (distribution specification, "Image Manifest V 2, Schema 2").
pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker's media type of an index.
pub(crate) const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Docker's media type of a config.
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// Annotation of BuildKit on what is about another manifest of the same index (BuildKit, attestation-storage.md).
const ATTESTATION: &str = "vnd.docker.reference.type";
/// Annotation with a tag or a whole reference (OCI image specification, annotations.md).
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// Annotation of containerd with the whole reference.
const IMAGE_NAME: &str = "io.containerd.image.name";

/// What a document that is named like a manifest is.
#[derive(Debug)]
pub(crate) enum Document {
    /// An index, or a manifest list.
    Index(Vec<Entry>),
    /// A manifest of one platform.
    Manifest(Manifest),
}

/// An entry of an index.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// What it points to.
    pub(crate) digest: Digest,
    /// Size of that in bytes.
    pub(crate) size: u64,
    /// Media type of that as the entry says.
    pub(crate) media_type: SmolStr,
    /// Platform, where the entry says one.
    pub(crate) platform: Option<Platform>,
    /// A tag or a whole reference (`org.opencontainers.image.ref.name`).
    pub(crate) ref_name: Option<SmolStr>,
    /// The whole reference (`io.containerd.image.name`).
    pub(crate) image_name: Option<SmolStr>,
    /// Whether it is about another image: an attestation, a signature.
    pub(crate) is_attestation: bool,
}

/// A manifest of one platform.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    /// Its family of media types.
    pub(crate) media: MediaKind,
    /// Its media type: its own word, else the word of what named it, else the OCI's.
    pub(crate) media_type: SmolStr,
    /// The config.
    pub(crate) config: Digest,
    /// Size of the config in bytes.
    pub(crate) config_size: u64,
    /// The layers, lowest first; each address is a digest.
    pub(crate) layers: Vec<LayerBlob>,
}

/// The keys that tell what a document is; anything written twice is an error.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    schema_version: Option<u64>,
    media_type: Option<String>,
    manifests: Option<IgnoredAny>,
    layers: Option<IgnoredAny>,
    fs_layers: Option<IgnoredAny>,
}

/// Whether a media type is that of an index; `None`: it tells nothing.
pub(super) fn is_index(media_type: &str) -> Option<bool> {
    match MediaType::from(media_type) {
        MediaType::ImageIndex => Some(true),
        MediaType::ImageManifest => Some(false),
        _ if media_type == DOCKER_INDEX => Some(true),
        _ if media_type == DOCKER_MANIFEST => Some(false),
        _ => None,
    }
}

/// Reads a manifest or an index; what it is its keys tell, since media types may be missing or unknown. `said` is the
/// media type that whoever names it gives; `what` names it in errors.
///
/// # Errors
/// When it is neither, is both, is of Docker's schema 1, or goes beyond a cap.
pub(crate) fn parse(bytes: &[u8], said: &str, what: &str) -> Result<Document, ImageError> {
    let shape: Shape = json(bytes, what)?;
    if shape.fs_layers.is_some() || shape.schema_version == Some(1) {
        return Err(ImageError::new(format!("{what} is of Docker's schema 1, which has no config"))
            .help("Push or save the image again with a current tool"));
    }
    match (shape.manifests.is_some(), shape.layers.is_some()) {
        (true, true) => Err(ImageError::new(format!("{what} has both `manifests` and `layers`"))),
        (true, false) => index(bytes, what).map(Document::Index),
        (false, true) => {
            let own = shape.media_type.filter(|own| !own.is_empty());
            let media_type = own.unwrap_or_else(|| match said {
                "" => MediaType::ImageManifest.to_string(),
                said => said.to_owned(),
            });
            manifest(bytes, &media_type, what).map(Document::Manifest)
        }
        (false, false) => {
            Err(ImageError::new(format!("{what} has neither `manifests` nor `layers`: it is no manifest")))
        }
    }
}

/// Reads JSON as what it should be.
pub(super) fn json<'a, T: Deserialize<'a>>(bytes: &'a [u8], what: &str) -> Result<T, ImageError> {
    serde_json::from_slice(bytes)
        .map_err(|error| ImageError::new(format!("{what} cannot be read: {}", shown(&error.to_string()))))
}

fn index(bytes: &[u8], what: &str) -> Result<Vec<Entry>, ImageError> {
    let index: ImageIndex = json(bytes, what)?;
    let count = index.manifests().len();
    if count > caps::INDEX_ENTRIES {
        let most = caps::INDEX_ENTRIES;
        return Err(ImageError::new(format!("{what} has {count} entries, and at most {most} are read")));
    }
    index.manifests().iter().map(|entry| entry_of(entry, what)).collect()
}

fn entry_of(said: &Descriptor, what: &str) -> Result<Entry, ImageError> {
    let platform = said.platform().as_ref().map(|platform| Platform {
        os: platform.os().to_string().into(),
        architecture: platform.architecture().to_string().into(),
        variant: platform.variant().as_deref().unwrap_or_default().into(),
    });
    let annotation = |key: &str| said.annotations().as_ref().and_then(|all| all.get(key)).map(SmolStr::new);
    let is_unknown = |platform: &Platform| platform.os == "unknown" && platform.architecture == "unknown";
    Ok(Entry {
        digest: digest_of(said, what)?,
        size: said.size(),
        media_type: said.media_type().to_string().into(),
        is_attestation: platform.as_ref().is_some_and(is_unknown) || annotation(ATTESTATION).is_some(),
        platform,
        ref_name: annotation(REF_NAME).filter(|name| !name.is_empty()),
        image_name: annotation(IMAGE_NAME).filter(|name| !name.is_empty()),
    })
}

fn manifest(bytes: &[u8], media_type: &str, what: &str) -> Result<Manifest, ImageError> {
    let manifest: ImageManifest = json(bytes, what)?;
    let count = manifest.layers().len();
    if count > caps::LAYERS {
        let most = caps::LAYERS;
        return Err(ImageError::new(format!("{what} has {count} layers, and at most {most} are read")));
    }
    let config = manifest.config();
    let config_type = config.media_type().to_string();
    let is_image =
        [MediaType::ImageConfig.to_string().as_str(), DOCKER_CONFIG, "application/octet-stream", ""]
            .contains(&config_type.as_str());
    if !is_image {
        let message = format!("{what} is an artifact with a config of `{}`, no image", shown(&config_type));
        return Err(ImageError::new(message));
    }
    let layer = |layer: &Descriptor| {
        Ok(LayerBlob {
            address: digest_of(layer, what)?.text().clone(),
            size: layer.size(),
            media_type: layer.media_type().to_string().into(),
        })
    };
    Ok(Manifest {
        media: if media_type.contains("vnd.docker.") { MediaKind::Docker } else { MediaKind::Oci },
        media_type: media_type.into(),
        config: digest_of(config, what)?,
        config_size: config.size(),
        layers: manifest.layers().iter().map(layer).collect::<Result<_, ImageError>>()?,
    })
}

fn digest_of(said: &Descriptor, what: &str) -> Result<Digest, ImageError> {
    Digest::parse(said.digest().as_ref())
        .map_err(|error| ImageError::new(format!("{what} names a blob whose {}", error.message)))
}
