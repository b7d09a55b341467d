//! Layers: a stream of bytes goes in, the entries that rules ask for come out.
//!
//! A layer is read once and from beginning to end: digested as stored, unpacked, digested again if it was packed, its tar archive read
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

use super::bounded::{Bounds, phrase};
use super::error::ImageError;
use crate::model::LayerBlob;
use archive::Entries;
pub(crate) use facts::LayerFacts;
use keep::Keeper;
pub(crate) use merge::merge;
use stream::{Stored, Stream, Totals};

/// Unpacked bytes beyond what is plausible that all layers of one image may have together.
pub(crate) const SPARE: u64 = Bounds::USUAL.spare;

/// Reads one layer to its end and verifies it: its size and digest as stored, and unpacked against `diff_id`. What it
/// takes of the image's `spare` bytes (see [`SPARE`]) is taken off.
///
/// # Errors
/// When it is damaged, is not what its digests say, or goes beyond a cap.
pub(crate) fn read_layer(
    stored: impl Read,
    blob: &LayerBlob,
    diff_id: Option<&str>,
    wanted: &[SmolStr],
    spare: &mut u64,
) -> Result<LayerFacts, ImageError> {
    let named = |what: String| ImageError::new(format!("layer {}: {what}", blob.address));
    let mut keeper = Keeper::new(wanted);
    let mut stored = Stored::new(stored, blob.size);
    let read = read_entries(&mut stored, &mut keeper, *spare);
    let unpacked = read.map_err(|error| named(phrase(&error)))?;
    *spare = spare.saturating_sub(unpacked.spent);
    let (size, digest) = stored.totals();
    if size != blob.size {
        return Err(named(format!("it is {size} bytes, and its size says {}", blob.size)));
    }
    if blob.address.starts_with("sha256:") && *blob.address != digest {
        return Err(named(format!("its bytes have the digest {digest}")));
    }
    let facts = keeper.facts(unpacked.count, unpacked.digest.unwrap_or(digest).into());
    verify(&facts, blob, diff_id)?;
    Ok(facts)
}

/// Holds a layer that was read against what a config says of its unpacked bytes.
///
/// # Errors
/// When it is another one.
pub(crate) fn verify(facts: &LayerFacts, blob: &LayerBlob, diff_id: Option<&str>) -> Result<(), ImageError> {
    match diff_id.filter(|said| said.starts_with("sha256:") && *said != facts.diff_id) {
        None => Ok(()),
        Some(said) => Err(ImageError::new(format!(
            "layer {}: its unpacked bytes have the digest {}, not the diff_id {said}",
            blob.address, facts.diff_id
        ))),
    }
}

fn read_entries(stored: impl Read, keeper: &mut Keeper<'_>, spare: u64) -> std::io::Result<Totals> {
    let mut entries = Entries::new(Stream::new(stored, spare)?);
    while let Some(entry) = entries.next()? {
        keeper.take(&entry, &mut entries)?;
    }
    entries.finish()
}

#[cfg(test)]
mod tests;
