//! What `docker login` stored: the name of a registry goes in, a login comes out that nobody can print.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential};

use crate::base64;

/// A value that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    /// Keeps a value.
    pub(super) fn new(value: String) -> Self {
        Self(value)
    }

    /// The value, for the header of a request and for nothing else.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What is stored for a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// The value of an `Authorization` header: `Basic …`.
    Basic(Secret),
    /// Nothing, or nobody may look.
    None,
    /// Something that cannot be used; why, as a phrase.
    Unusable(&'static str),
}

/// The logins of a call, each looked up once.
#[derive(Debug)]
pub(super) struct Logins {
    /// Whether anything is looked up.
    allowed: bool,
    known: Mutex<HashMap<String, Arc<OnceLock<Login>>>>,
}

impl Logins {
    pub(super) fn new(allowed: bool) -> Self {
        Self { allowed, known: Mutex::default() }
    }

    /// The login of a registry. A helper program that does not answer in time is left alone.
    pub(super) fn of(&self, registry: &str, longest: Duration) -> Login {
        if !self.allowed {
            return Login::None;
        }
        let cell = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(registry.to_owned()).or_default())
        };
        cell.get_or_init(|| look_up(registry, longest)).clone()
    }
}

fn look_up(registry: &str, longest: Duration) -> Login {
    // Docker Hub's login is stored under the address of its first version.
    let server = if registry == "docker.io" { "https://index.docker.io/v1/" } else { registry }.to_owned();
    let (give, take) = mpsc::channel();
    // Helpers are programs of the user; the crate waits for them without an end.
    let started = std::thread::Builder::new().spawn(move || {
        // Who waited may be gone.
        let _ = give.send(get_credential(&server));
    });
    match started.map(|_| take.recv_timeout(longest)) {
        Ok(Ok(result)) => login(result),
        Ok(Err(_)) => Login::Unusable("the credential helper gave no answer in time"),
        Err(_) => Login::Unusable("the credential helper could not be started"),
    }
}

/// Makes a login of what is stored. The crate's own words are not passed on: a helper's output may hold anything.
fn login(result: Result<DockerCredential, CredentialRetrievalError>) -> Login {
    match result {
        Ok(DockerCredential::UsernamePassword(user, password)) => {
            let pair = format!("{user}:{password}");
            Login::Basic(Secret::new(format!("Basic {}", base64::encode(pair.as_bytes()))))
        }
        Ok(DockerCredential::IdentityToken(_)) => Login::Unusable(
            "an identity token is stored, which takes a POST request to redeem; that is not supported",
        ),
        Err(CredentialRetrievalError::NoCredentialConfigured | CredentialRetrievalError::ConfigNotFound) => {
            Login::None
        }
        Err(CredentialRetrievalError::ConfigReadError) => {
            Login::Unusable("Docker's config.json cannot be read")
        }
        Err(
            CredentialRetrievalError::CredentialDecodingError
            | CredentialRetrievalError::CredentialMismatchError,
        ) => Login::Unusable("the entry in Docker's config.json cannot be decoded"),
        Err(
            CredentialRetrievalError::HelperCommunicationError
            | CredentialRetrievalError::MalformedHelperResponse
            | CredentialRetrievalError::HelperFailure { .. },
        ) => Login::Unusable("the credential helper failed or has no login for it"),
    }
}

#[cfg(test)]
mod tests {
    use docker_credential::{CredentialRetrievalError, DockerCredential};

    use super::{Login, Secret, base64, login};

    #[test]
    fn nothing_of_a_login_is_printed() {
        let pair = DockerCredential::UsernamePassword("anna".into(), "hunter2".into());
        let it = login(Ok(pair));
        assert_eq!(format!("{it:?}"), "Basic(***)");
        assert_eq!(it, Login::Basic(Secret::new(format!("Basic {}", base64::encode(b"anna:hunter2")))));
        let failed = CredentialRetrievalError::HelperFailure {
            helper: "x".into(),
            stdout: "hunter2".into(),
            stderr: "hunter2".into(),
        };
        let token = DockerCredential::IdentityToken("hunter2".into());
        for it in [login(Err(failed)), login(Ok(token))] {
            assert!(matches!(it, Login::Unusable(_)) && !format!("{it:?}").contains("hunter2"), "{it:?}");
        }
        assert_eq!(login(Err(CredentialRetrievalError::NoCredentialConfigured)), Login::None);
    }
}
