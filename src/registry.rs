//! A read-only client of container registries (OCI distribution specification 1.1, "pull"): addresses of images go in,
//! verified bytes come out.
//!
//! Registries, and what they point to, are not trusted: every address is filtered after DNS, every body is capped,
//! credentials go to nobody but the registry they were stored for, and whatever is named by a digest is verified by it.
//! Proxies of the environment are not used: what is connected to is what was filtered. What manifests and configs mean
//! is not known here.

use std::path::PathBuf;
use std::time::Duration;

mod address;
mod auth;
mod authorities;
mod cache;
mod challenge;
mod client;
mod credentials;
mod dial;
mod error;
mod hosts;
mod pages;
mod refusal;
mod route;
mod wire;

pub use address::{ImageAddress, Repository};
pub use authorities::Authorities;
pub use client::{Client, Fetched};
pub(crate) use dial::{FilteredResolver, OutOfReach, Reach};
pub use error::{RegistryError, RegistryErrorKind};

pub use crate::syntax::digest::sha256;

/// How registries are spoken to.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Hosts (`host` or `host:port`) that are spoken to in plain HTTP, and may be private. Loopback addresses always are,
    /// unless there are authorities of the user.
    pub insecure: Vec<String>,
    /// Authorities that are trusted beside the built-in ones.
    pub authorities: Authorities,
    /// Whether registries may have private addresses.
    pub allow_private: bool,
    /// Whether credentials of `config.json` and of its helpers are used.
    pub credentials: bool,
    /// Longest time for one request; of a layer, longest time without a byte of it.
    pub timeout: Duration,
    /// Longest time for all requests of the call.
    pub deadline: Duration,
    /// Folder that configs are kept in by digest; `None`: they are not kept.
    pub cache: Option<PathBuf>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            insecure: Vec::new(),
            authorities: Authorities::default(),
            allow_private: false,
            credentials: false,
            timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(300),
            cache: None,
        }
    }
}
