//! Why a registry gives no answer that can be used.

use std::fmt;

/// What kind of refusal or failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryErrorKind {
    /// The registry wants a login, or this login may not read (401, 403). Some registries say so of repositories that do
    /// not exist, too.
    Denied,
    /// The registry knows no such repository.
    Absent,
    /// The repository has no such tag or digest.
    NoSuchTag,
    /// The registry asks to come back later (429).
    RateLimited,
    /// Nobody answers, or not in time.
    Unreachable,
    /// The time for all requests is over.
    Deadline,
    /// This client does not do what the registry asks of it, for the safety of who runs it.
    Refused,
    /// The answer is not what the specification says, or not what its digest says.
    Protocol,
    /// The name is no name of an image in a registry.
    Name,
}

/// Why a registry gives no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryError {
    /// What kind.
    pub kind: RegistryErrorKind,
    /// One sentence without a full stop that names host and repository. Holds no secret and no query of an address;
    /// control characters are for the report to escape.
    pub message: String,
    /// What to do, one sentence, when there is something.
    pub help: Option<String>,
}

impl RegistryError {
    pub(super) fn new(kind: RegistryErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RegistryError {}
