//! What the images of workloads are, as lowering of deployment files asks for it.

use std::sync::Arc;

use smol_str::SmolStr;

use super::bases::chain_end;
use super::known_bases::known_base;
pub use crate::model::MissingSources;
use crate::model::{ChainEnd, Container, Unknown};
use crate::source::Place;

/// Looks up the images that workloads run.
pub trait Images {
    /// What a build makes.
    ///
    /// # Errors
    /// Why it cannot be told: the Dockerfile is not there, it has no such stage, its bases come back to themselves.
    fn built(&self, question: &BuildQuestion<'_>) -> Result<Image, Unknown>;

    /// What an image reference names, as far as a Dockerfile of the fleet builds it.
    fn named(&self, reference: &str) -> Option<Image>;
}

/// A build that a deployment file asks for.
#[derive(Debug, Clone, Copy)]
pub struct BuildQuestion<'a> {
    /// Display path of the Dockerfile.
    pub dockerfile: &'a str,
    /// Display path of the build context.
    pub context: &'a str,
    /// The stage that is built; `None`: the last one.
    pub target: Option<&'a str>,
    /// Build arguments that are certain.
    pub args: &'a [(SmolStr, SmolStr)],
}

/// An image that a Dockerfile of the fleet builds.
#[derive(Debug, Clone)]
pub struct Image {
    /// How notes name it: the image's name in the hierarchy, its folder.
    pub name: SmolStr,
    /// Display path of its Dockerfile.
    pub dockerfile: SmolStr,
    /// Its effective config.
    pub container: Container,
    /// COPY sources that the build context lacks, though another folder holds them: the words' places, and that folder.
    pub missing: Option<Arc<MissingSources>>,
}

/// A fleet without Dockerfiles.
#[derive(Debug, Clone, Copy)]
pub struct NoImages;

impl Images for NoImages {
    fn built(&self, question: &BuildQuestion<'_>) -> Result<Image, Unknown> {
        Err(Unknown::File(question.dockerfile.into()))
    }

    fn named(&self, _: &str) -> Option<Image> {
        None
    }
}

/// The end of a chain at an image that no file of the fleet builds: a well-known one, or unknown.
#[must_use]
pub fn outside(reference: &str, place: &Place) -> ChainEnd {
    chain_end(known_base(reference), reference, place)
}
