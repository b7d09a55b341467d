//! From a name to images: opens the form, reads its layers, and lowers what was found.

use std::sync::Arc;

use smol_str::SmolStr;

use super::error::ImageError;
use super::layers::{self, LayerFacts};
use super::options::{LayerChoice, ReadOptions};
use super::parts::{ImageParts, Store};
use super::{ImageName, forms, record};
use crate::lower::image::{ImageRequest, lower_image};
use crate::model::{BuiltImage, Contents, ImageForm, LayerBlob, Unknown};

/// Bytes of memory for what the layers of one image hold, about. Ten million files are 80 MB.
const MAX_KEPT: usize = 256 << 20;

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
    diff_ids: &[SmolStr],
    options: &ReadOptions<'_>,
) -> Result<Contents, ImageError> {
    let stored = parts.layers.iter().map(|layer| layer.size).fold(0, u64::saturating_add);
    let far = parts.form == ImageForm::Registry && stored > LayerChoice::AUTO_BYTES;
    match options.layers {
        LayerChoice::Never => return Ok(Contents::Unread(Unknown::Layers)),
        LayerChoice::Auto if far => return Ok(Contents::Unread(Unknown::TooLarge)),
        _ => {}
    }
    let (mut spare, mut kept) = (layers::SPARE, 0_usize);
    let mut read: Vec<Arc<LayerFacts>> = Vec::with_capacity(parts.layers.len());
    for (at, layer) in parts.layers.iter().enumerate() {
        let diff_id = diff_ids.get(at).map(SmolStr::as_str);
        let facts = layer_facts(store, layer, diff_id, options, &mut spare)?;
        kept = kept.saturating_add(facts.bytes());
        if kept > MAX_KEPT {
            return Err(ImageError::new("its layers hold more paths than are kept of one image"));
        }
        read.push(facts);
    }
    Ok(Contents::Read(layers::merge(&read)))
}

/// What one layer holds: read now, or known already. Then it is held against this image's config all the same.
fn layer_facts(
    store: &dyn Store,
    layer: &LayerBlob,
    diff_id: Option<&str>,
    options: &ReadOptions<'_>,
    spare: &mut u64,
) -> Result<Arc<LayerFacts>, ImageError> {
    if let Some(known) = store.facts(layer).or_else(|| options.memory.get(&layer.address)) {
        layers::verify(&known, layer, diff_id)?;
        return Ok(known);
    }
    let facts = Arc::new(layers::read_layer(store.layer(layer)?, layer, diff_id, options.wanted, spare)?);
    // Other addresses are names in one archive.
    if layer.address.starts_with("sha256:") {
        options.memory.put(layer.address.clone(), Arc::clone(&facts));
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::image::fixture::{file, sha256, tar};
    use crate::image::options::PlatformChoice;

    struct OneLayer(Vec<u8>);

    impl Store for OneLayer {
        fn images(&self, _: &PlatformChoice) -> Result<Vec<ImageParts>, ImageError> {
            Ok(Vec::new())
        }

        fn layer(&self, _: &LayerBlob) -> Result<Box<dyn Read + '_>, ImageError> {
            Ok(Box::new(&self.0[..]))
        }
    }

    #[test]
    fn a_layer_that_another_image_has_is_compared_with_each_config() {
        let bytes = tar(&[file("/a", "a")]);
        let (right, other) = (sha256(&bytes), sha256(b"the layer of a base"));
        let size = bytes.len() as u64;
        let layer = LayerBlob { address: right.as_str().into(), size, media_type: SmolStr::default() };
        let (store, options) = (OneLayer(bytes), ReadOptions::default());
        let read = |diff_id: &str| layer_facts(&store, &layer, Some(diff_id), &options, &mut 0);
        let first = read(&right).unwrap();
        assert!(Arc::ptr_eq(&first, &read(&right).unwrap()), "it is read once");
        let message = read(&other).unwrap_err().message;
        assert!(message.ends_with(&format!("not the diff_id {other}")), "{message}");
    }
}
