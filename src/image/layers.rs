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
mod zstd;

use std::io::Read;

use smol_str::SmolStr;

use super::error::ImageError;
use crate::model::LayerBlob;
use archive::Entries;
pub(crate) use facts::LayerFacts;
use keep::Keeper;
pub(crate) use merge::merge;
use stream::{Totals, Unpacked};

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
    let mut keeper = Keeper::new(wanted);
    let totals = read_entries(stored, blob, &mut keeper)
        .map_err(|error| ImageError::new(format!("layer {}: {error}", blob.address)))?;
    verify(&totals, blob, diff_id)?;
    Ok(keeper.facts(totals.unpacked))
}

fn read_entries(stored: impl Read, blob: &LayerBlob, keeper: &mut Keeper<'_>) -> std::io::Result<Totals> {
    let mut entries = Entries::new(Unpacked::new(stored, blob.size)?);
    while let Some(entry) = entries.next()? {
        keeper.take(&entry, &mut entries)?;
    }
    entries.finish()
}

fn verify(totals: &Totals, blob: &LayerBlob, diff_id: Option<&str>) -> Result<(), ImageError> {
    let address = &blob.address;
    if totals.stored != blob.size {
        return Err(ImageError::new(format!(
            "layer {address}: it is {} bytes, and its size says {}",
            totals.stored, blob.size
        )));
    }
    if address.starts_with("sha256:") && *address != totals.stored_digest {
        return Err(ImageError::new(format!(
            "layer {address}: its bytes have the digest {}",
            totals.stored_digest
        )));
    }
    match diff_id {
        Some(diff_id) if diff_id.starts_with("sha256:") && diff_id != totals.unpacked_digest => {
            Err(ImageError::new(format!(
                "layer {address}: unpacked it has the digest {}, and the config's diff_id is {diff_id}",
                totals.unpacked_digest
            )))
        }
        _ => Ok(()),
    }
}
