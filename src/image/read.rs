//! From a name to images: opens the form, reads its layers, and lowers what was found.

use std::sync::Arc;

use super::error::ImageError;
use super::layers::{self, LayerFacts};
use super::options::{LayerChoice, ReadOptions};
use super::parts::{ImageParts, Store};
use super::{ImageName, forms, record};
use crate::lower::image::{ImageRequest, lower_image};
use crate::model::{BuiltImage, Contents, ImageForm, Unknown};

/// Reads the images that a name and the choice of platform select; never an empty list.
///
/// # Errors
/// When it is not there, cannot be reached, is damaged, or goes beyond a cap.
pub fn read(name: &ImageName, options: &ReadOptions<'_>) -> Result<Vec<BuiltImage>, ImageError> {
    let store = forms::open(name, options)?;
    let found = store.images(&options.platform)?;
    let several = found.len() > 1;
    found.into_iter().map(|parts| image(name, &*store, parts, several, options)).collect()
}

fn image(
    name: &ImageName,
    store: &dyn Store,
    parts: ImageParts,
    several: bool,
    options: &ReadOptions<'_>,
) -> Result<BuiltImage, ImageError> {
    let record::Record { source, tree, problems } = record::write(name.text(), &parts)?;
    let diff_ids = record::diff_ids(&tree);
    let files = contents(store, &parts, &diff_ids, options)?;
    let request = ImageRequest {
        name: name.text().into(),
        names_platform: several,
        form: parts.form,
        media: parts.media,
        given_reference: parts.reference,
        digest: parts.manifest.map(|manifest| manifest.digest),
        config_digest: parts.config_digest,
        platforms: parts.platforms,
        layers: parts.layers,
        files,
        problems,
    };
    Ok(lower_image(source, tree, request))
}

/// What the layers hold, as far as they are read.
fn contents(
    store: &dyn Store,
    parts: &ImageParts,
    diff_ids: &[smol_str::SmolStr],
    options: &ReadOptions<'_>,
) -> Result<Contents, ImageError> {
    let stored = parts.layers.iter().map(|layer| layer.size).fold(0, u64::saturating_add);
    let far = parts.form == ImageForm::Registry && stored > LayerChoice::AUTO_BYTES;
    match options.layers {
        LayerChoice::Never => return Ok(Contents::Unread(Unknown::File("the layers".into()))),
        LayerChoice::Auto if far => return Ok(Contents::Unread(Unknown::TooLarge)),
        _ => {}
    }
    let mut spare = layers::SPARE;
    let mut read: Vec<Arc<LayerFacts>> = Vec::with_capacity(parts.layers.len());
    for (at, layer) in parts.layers.iter().enumerate() {
        let diff_id = diff_ids.get(at).map(smol_str::SmolStr::as_str);
        if let Some(known) = store.facts(layer).or_else(|| options.memory.get(&layer.address)) {
            layers::verify(&known, layer, diff_id)?;
            read.push(known);
            continue;
        }
        let stored = store.layer(layer)?;
        let facts = Arc::new(layers::read_layer(stored, layer, diff_id, options.wanted, &mut spare)?);
        if layer.address.starts_with("sha256:") {
            options.memory.put(layer.address.clone(), Arc::clone(&facts));
        }
        read.push(facts);
    }
    Ok(Contents::Read(layers::merge(&read)))
}
