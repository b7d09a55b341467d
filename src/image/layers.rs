//! Layers: a stream of bytes goes in, the entries that rules ask for come out.
//!
//! A layer is read once and from beginning to end: digested as stored, unpacked, digested unpacked, its tar archive read
//! entry by entry. Nothing touches the disk, and what a layer may cost is capped: bytes by the ratio they unpack with, entries,
//! names, extended headers, and what is kept. Which of several layers' entries a container sees is worked out afterwards
//! ([`merge`]), because layers are shared between images.

mod accounts;
mod archive;
mod facts;
mod interest;
mod keep;
mod merge;
mod secrets;
mod stream;

use std::io::Read;

use smol_str::SmolStr;

use super::bounded::phrase;
use super::error::ImageError;
use crate::model::LayerBlob;
use archive::Entries;
pub(crate) use facts::LayerFacts;
use keep::Keeper;
pub(crate) use merge::merge;
use stream::{Stored, Stream};

/// Reads one layer to its end and verifies it: its size and digest as stored, and unpacked against `diff_id`.
///
/// # Errors
/// When it is damaged, is not what its digests say, or goes beyond a cap.
pub(crate) fn read_layer(
    stored: impl Read,
    blob: &LayerBlob,
    diff_id: Option<&str>,
    wanted: &[SmolStr],
) -> Result<LayerFacts, ImageError> {
    let named = |what: String| ImageError::new(format!("layer {}: {what}", blob.address));
    let mut keeper = Keeper::new(wanted);
    let mut stored = Stored::new(stored, blob.size);
    let read = read_entries(&mut stored, &mut keeper);
    let (unpacked, unpacked_digest) = read.map_err(|error| named(phrase(&error)))?;
    let (size, digest) = stored.totals();
    if size != blob.size {
        return Err(named(format!("it is {size} bytes, and its size says {}", blob.size)));
    }
    if blob.address.starts_with("sha256:") && *blob.address != digest {
        return Err(named(format!("its bytes have the digest {digest}")));
    }
    let facts = keeper.facts(unpacked, unpacked_digest);
    check_diff_id(&facts, blob, diff_id)?;
    Ok(facts)
}

/// Whether a layer unpacks to what the config of an image says of it. A layer that was read for another image is not
/// read again, but each config says its own.
///
/// # Errors
/// When it does not.
pub(crate) fn check_diff_id(
    facts: &LayerFacts,
    blob: &LayerBlob,
    diff_id: Option<&str>,
) -> Result<(), ImageError> {
    let digest = &facts.unpacked_digest;
    match diff_id.filter(|said| said.starts_with("sha256:") && said != digest) {
        Some(said) => Err(ImageError::new(format!(
            "layer {}: its unpacked bytes have the digest {digest}, not the diff_id {said}",
            blob.address
        ))),
        None => Ok(()),
    }
}

fn read_entries(stored: impl Read, keeper: &mut Keeper<'_>) -> std::io::Result<(u64, String)> {
    let mut entries = Entries::new(Stream::new(stored)?);
    while let Some(entry) = entries.next()? {
        keeper.take(&entry, &mut entries)?;
    }
    entries.finish()
}

#[cfg(test)]
mod tests;
