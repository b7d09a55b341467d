//! A read-only client of container registries: references go in, verified bytes come out.

use std::path::PathBuf;
use std::time::Duration;

/// How registries are spoken to.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Hosts (`host` or `host:port`) that are spoken to in plain HTTP, and may be private. Loopback addresses always are.
    pub insecure: Vec<String>,
    /// Whether registries may have private addresses.
    pub allow_private: bool,
    /// Whether credentials of `config.json` and of its helpers are used.
    pub credentials: bool,
    /// Longest time for one request.
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
            allow_private: false,
            credentials: false,
            timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(300),
            cache: None,
        }
    }
}

/// A client.
#[derive(Debug)]
pub struct Client {
    options: ClientOptions,
}

impl Client {
    /// A client; nothing is asked yet.
    #[must_use]
    pub fn new(options: ClientOptions) -> Self {
        Self { options }
    }

    /// How it speaks.
    #[must_use]
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }
}
