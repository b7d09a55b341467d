//! What a FROM leads to, as lowering asks for it.

use smol_str::SmolStr;

use crate::model::{ChainEnd, Container, KnownBase, Unknown};
use crate::source::Place;

/// Longest chain of layers that is followed. Docker itself stops at 127 file system layers.
pub(crate) const MAX_LAYERS: usize = 128;

/// Looks up images that other Dockerfiles of the fleet build.
pub trait Bases {
    /// What the fleet knows of an image reference that a Dockerfile at `from_path` names.
    fn find(&self, reference: &str, from_path: &str) -> BaseAnswer;
}

/// The answer of [`Bases::find`].
#[derive(Debug, Clone)]
pub enum BaseAnswer {
    /// A Dockerfile of the fleet builds it.
    Fleet {
        /// Its display path.
        path: SmolStr,
        /// The name it was found by.
        name: SmolStr,
        /// Its effective config, or why there is none (it has no stage, or the chain comes back to itself).
        container: Result<Container, Unknown>,
    },
    /// No Dockerfile of the fleet builds it.
    Elsewhere,
}

/// A fleet of one file: nothing else is known.
#[derive(Debug, Clone, Copy)]
pub struct NoBases;

impl Bases for NoBases {
    fn find(&self, _: &str, _: &str) -> BaseAnswer {
        BaseAnswer::Elsewhere
    }
}

/// The end of a chain at an image that no file of the fleet builds.
pub(crate) fn chain_end(known: Option<&'static KnownBase>, reference: &str, place: &Place) -> ChainEnd {
    match known {
        Some(base) => ChainEnd::WellKnown { base, reference: reference.into(), place: place.clone() },
        None => ChainEnd::Unknown { why: Unknown::Base(reference.into()), place: place.clone() },
    }
}
