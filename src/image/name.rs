//! Names of images, as the command line takes them.

use super::error::ImageError;

/// The name of an image: where it is, in which form, and which of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName {
    text: String,
}

impl ImageName {
    /// Reads `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:TAG]`, `dir:DIR`, `docker-daemon:REF`,
    /// `docker://REF` or a bare reference.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        Ok(Self { text: text.to_owned() })
    }

    /// The name as given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}
