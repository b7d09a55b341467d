//! A mistake in the form of a plan.

use std::fmt;

use crate::source::Place;

/// Why a plan could not be read: the call ends with exit 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError {
    /// Where; `None` when there is no text to point at (a file that cannot be read).
    pub place: Option<Place>,
    /// One sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl PlanError {
    /// An error without help.
    #[must_use]
    pub fn new(place: Option<Place>, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: None }
    }
}

impl fmt::Display for PlanError {
    /// `path:line:column: message`, then the help behind a semicolon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            let start = place.start();
            write!(f, "{}:{}:{}: ", place.source.path(), start.line, start.column)?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PlanError {}
