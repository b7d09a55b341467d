//! An image's record becomes facts: manifest and config field by field, so that one bad field is one problem.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::model::{BuiltImage, Contents, ImageForm, LayerBlob, MediaKind, Platform};
use crate::source::Source;
use crate::syntax::yaml::Node;

/// What is known of an image beside its record.
#[derive(Debug)]
pub struct ImageRequest {
    /// As the user gave it.
    pub name: SmolStr,
    /// Whether the subject names the platform, because several of one index are judged.
    pub names_platform: bool,
    /// How it is stored.
    pub form: ImageForm,
    /// The family of its media types.
    pub media: MediaKind,
    /// The reference that it goes by.
    pub given_reference: Option<SmolStr>,
    /// Digest of its manifest.
    pub digest: Option<SmolStr>,
    /// Digest of its config.
    pub config_digest: SmolStr,
    /// Platforms of its index.
    pub platforms: Option<Vec<Platform>>,
    /// Its layers.
    pub layers: Vec<LayerBlob>,
    /// What they hold.
    pub files: Contents,
}

/// Lowers a record.
#[must_use]
pub fn lower_image(source: Arc<Source>, tree: Node, request: ImageRequest) -> BuiltImage {
    let place = tree.place.clone();
    BuiltImage {
        subject: request.name.clone(),
        name: request.name,
        form: request.form,
        source,
        place,
        reference: None,
        digest: request.digest,
        config_digest: request.config_digest,
        media: request.media,
        platform: Platform::default(),
        platforms: request.platforms,
        container: crate::model::Container {
            layers: vec![Arc::default()],
            end: crate::model::ChainEnd::Scratch,
        },
        diff_ids: Vec::new(),
        history: Vec::new(),
        annotations: Vec::new(),
        layers: request.layers,
        files: request.files,
        problems: Vec::new(),
        tree,
        service: None,
        hierarchy: None,
        is_candidate: false,
    }
}
