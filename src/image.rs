//! Built images: the name of one goes in, what it is and what its layers hold come out.
//!
//! Every form an image is stored in is a `Store`; what a store finds (`ImageParts`) is written into the image's record
//! and lowered to facts. Blobs are streamed: nothing is unpacked to disk, no link of an archive or a folder is followed,
//! and every size is capped. What a fact means is not known here.

mod bounded;
mod error;
mod forms;
mod layers;
mod name;
mod options;
mod parts;
#[cfg(feature = "registry")]
mod presence;
mod read;
mod record;

pub use error::ImageError;
pub use name::ImageName;
pub use options::{LayerChoice, LayerMemory, PlatformChoice, ReadOptions};
#[cfg(feature = "registry")]
pub use presence::{Wanted, look_up};
pub use read::read;

#[cfg(test)]
#[path = "../tests/it/support/image_fixture.rs"]
pub(crate) mod fixture;
