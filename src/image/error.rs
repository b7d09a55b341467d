//! Why an image cannot be read.

use std::fmt;

use crate::syntax::digest::DigestError;

/// Why an image cannot be read: damaged, hostile, not there, or not to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageError {
    /// One sentence without a full stop; control characters of input are for the report to escape. Never holds a secret.
    pub message: String,
    /// What to do, one sentence, when there is something.
    pub help: Option<String>,
}

impl ImageError {
    /// An error of one sentence.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ImageError {}

impl From<DigestError> for ImageError {
    fn from(error: DigestError) -> Self {
        Self::new(error.message)
    }
}
