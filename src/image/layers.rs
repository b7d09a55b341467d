//! Layers: a stream of bytes goes in, the entries that rules ask for come out.

use std::io::Read;
use std::sync::Arc;

use smol_str::SmolStr;

use super::error::ImageError;
use crate::model::{ImageFiles, LayerBlob};

/// What one layer brings and takes away.
#[derive(Debug, Default)]
pub(crate) struct LayerFacts {}

/// Reads one layer to its end and verifies it: its size and digest as stored, and unpacked against `diff_id`.
///
/// # Errors
/// When it is damaged, is not what its digests say, or goes beyond a cap.
pub(crate) fn read_layer(
    _stored: impl Read,
    _blob: &LayerBlob,
    _diff_id: Option<&str>,
    _wanted: &[SmolStr],
) -> Result<LayerFacts, ImageError> {
    Ok(LayerFacts::default())
}

/// Lays layers over each other, lowest first, whiteouts honoured.
pub(crate) fn merge(_layers: &[Arc<LayerFacts>]) -> ImageFiles {
    ImageFiles::default()
}
