//! The client: what it asks of a registry, and how each answer is verified.

use std::io::{self, Read};

use serde::Deserialize;

use super::address::is_tag;
use super::auth::Auth;
use super::challenge::Challenge;
use super::error::RegistryErrorKind as Kind;
use super::refusal::{self, Asked, LoginUsed};
use super::route::{Endpoint, Route};
use super::wire::{Answer, Request, Wire};
use super::{ClientOptions, RegistryError, Repository, cache, pages};
use crate::syntax::digest::{is_sha256, sha256};

/// Longest manifest or index, in bytes (distribution specification: registries may refuse more).
const MAX_MANIFEST: u64 = 4 << 20;
/// Longest config, in bytes.
const MAX_CONFIG: u64 = 8 << 20;
/// Most redirects of one blob.
const MAX_REDIRECTS: usize = 3;
/// What is understood. A registry that is told nothing answers with manifests of schema 1.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.docker.distribution.manifest.v2+json";

/// A client of registries, for all requests of one call. Threads may share it.
#[derive(Debug)]
pub struct Client {
    options: ClientOptions,
    wire: Wire,
    auth: Auth,
}

/// A manifest or an index as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The bytes, no more than 4 MiB.
    pub bytes: Vec<u8>,
    /// The `Content-Type`, without parameters; empty when the registry names none.
    pub media_type: String,
    /// The digest of the bytes, `sha256:…`.
    pub digest: String,
}

impl Client {
    /// A client; nothing is asked yet, but the time for all requests begins.
    #[must_use]
    pub fn new(options: ClientOptions) -> Self {
        Self { wire: Wire::new(&options), auth: Auth::new(options.credentials), options }
    }

    /// How it speaks.
    #[must_use]
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// What is left of the time for all requests; `None`: it is over.
    #[must_use]
    pub fn rest(&self) -> Option<std::time::Duration> {
        self.wire.rest().ok()
    }

    /// A manifest or an index by tag or digest. By digest it is verified; by tag against the digest that the registry
    /// says.
    ///
    /// # Errors
    /// When it is not there, not to be had, not what its digest says, or of schema 1.
    pub fn manifest(&self, repository: &Repository, wanted: &str) -> Result<Fetched, RegistryError> {
        let by_digest = is_sha256(wanted);
        if !by_digest && !is_tag(wanted) {
            return Err(RegistryError::new(Kind::Name, format!("`{wanted}` is neither a tag nor a digest")));
        }
        let path = format!("/v2/{}/manifests/{wanted}", repository.path());
        let (route, answer) = self.ask(repository, &path, MANIFESTS, Asked::Manifest(wanted))?;
        let media_type = media_type(&answer);
        let said = answer.header("docker-content-digest").map(str::to_owned);
        let bytes = self.bytes(repository, &route, answer, MAX_MANIFEST)?;
        let digest = sha256(&bytes);
        let expected = if by_digest { Some(wanted) } else { said.as_deref() };
        if expected.is_some_and(|expected| expected != digest) {
            return Err(protocol(
                repository,
                format!("the manifest of {wanted} is not what its digest says"),
            ));
        }
        if is_schema1(&media_type, &bytes) {
            let message =
                format!("{repository}: the manifest of {wanted} is of schema 1, which holds no config");
            return Err(RegistryError::new(Kind::Refused, message)
                .help("Docker took that format back in 2017; push the image again"));
        }
        Ok(Fetched { bytes, media_type, digest })
    }

    /// A config by digest, verified; from the cache where it is kept.
    ///
    /// # Errors
    /// When it is not there, not to be had, too large, or not what digest and size say.
    pub fn config(&self, repository: &Repository, digest: &str, size: u64) -> Result<Vec<u8>, RegistryError> {
        if size > MAX_CONFIG {
            let message = format!("{repository}: the config has {size} bytes, more than {MAX_CONFIG}");
            return Err(RegistryError::new(Kind::Refused, message));
        }
        let folder = self.options.cache.as_deref();
        if let Some(bytes) = folder.and_then(|folder| cache::get(folder, digest, size)) {
            return Ok(bytes);
        }
        let (route, answer) = self.ask_blob(repository, digest, false)?;
        let bytes = self.bytes(repository, &route, answer, size)?;
        if bytes.len() as u64 != size || sha256(&bytes) != digest {
            return Err(protocol(repository, "the config is not what its digest and size say".to_owned()));
        }
        if let Some(folder) = folder {
            cache::put(folder, digest, &bytes);
        }
        Ok(bytes)
    }

    /// A blob as it is stored, not verified, and of one byte more than its size at most: who reads it to the end
    /// verifies it.
    ///
    /// # Errors
    /// When it is not there or not to be had. Reading fails when the connection breaks or the time is over.
    pub fn blob(
        &self,
        repository: &Repository,
        digest: &str,
        size: u64,
    ) -> Result<impl Read + Send + use<>, RegistryError> {
        let (_, answer) = self.ask_blob(repository, digest, true)?;
        Ok(Blob(answer.into_reader().take(size.saturating_add(1))))
    }

    /// The tags of a repository, no more than 10,000, in the order of the registry.
    ///
    /// # Errors
    /// When the repository is not there or not to be had.
    pub fn tags(&self, repository: &Repository) -> Result<Vec<String>, RegistryError> {
        let mut path = format!("/v2/{}/tags/list?n=1000", repository.path());
        let mut found = Vec::new();
        for _ in 0..pages::MAX_PAGES {
            let (route, answer) = self.ask(repository, &path, "application/json", Asked::Tags)?;
            let origin = &route.url[..route.url.len() - path.len()];
            let next = answer.header("link").and_then(|link| pages::next(link, origin, repository));
            let body = self.bytes(repository, &route, answer, pages::MAX_PAGE)?;
            let Some(tags) = pages::tags(&body) else {
                return Err(protocol(repository, "the list of tags cannot be read".to_owned()));
            };
            let is_empty = tags.is_empty();
            found.extend(tags);
            match next {
                Some(next) if !is_empty && next != path && found.len() < pages::MAX_TAGS => path = next,
                _ => break,
            }
        }
        found.truncate(pages::MAX_TAGS);
        Ok(found)
    }

    /// Asks for a blob, and follows where the registry keeps it.
    fn ask_blob(
        &self,
        repository: &Repository,
        digest: &str,
        is_stream: bool,
    ) -> Result<(Route, Answer), RegistryError> {
        if !is_sha256(digest) {
            return Err(protocol(repository, format!("`{digest}` is no digest that can be verified")));
        }
        let path = format!("/v2/{}/blobs/{digest}", repository.path());
        let endpoint = Endpoint::of(repository, &self.options);
        let asked = Asked::Blob(digest);
        let what = repository.to_string();
        let (mut answer, login) = self.ask_own(repository, &endpoint, &path, "*/*", is_stream)?;
        let mut route = endpoint.own(&path);
        for _ in 0..MAX_REDIRECTS {
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                break;
            }
            let location = answer.header("location").unwrap_or_default();
            route = endpoint.redirect(&route, location, repository)?;
            answer.finish();
            answer = self.wire.get(&request(&route, "*/*", is_stream, &what))?;
        }
        self.accepted(repository, &route, answer, asked, login).map(|answer| (route, answer))
    }

    /// Asks the registry itself, and nobody else.
    fn ask(
        &self,
        repository: &Repository,
        path: &str,
        accept: &str,
        asked: Asked<'_>,
    ) -> Result<(Route, Answer), RegistryError> {
        let endpoint = Endpoint::of(repository, &self.options);
        let (answer, login) = self.ask_own(repository, &endpoint, path, accept, false)?;
        let route = endpoint.own(path);
        self.accepted(repository, &route, answer, asked, login).map(|answer| (route, answer))
    }

    /// Asks the registry, and once more with a login when it wants one.
    fn ask_own(
        &self,
        repository: &Repository,
        endpoint: &Endpoint,
        path: &str,
        accept: &str,
        is_stream: bool,
    ) -> Result<(Answer, LoginUsed), RegistryError> {
        let route = endpoint.own(path);
        let what = repository.to_string();
        let plain = request(&route, accept, is_stream, &what);
        let known = self.auth.known(repository);
        let header = known.as_ref().and_then(|ticket| ticket.header.as_ref());
        let answer = self.wire.get(&Request { authorization: header, ..plain })?;
        let login = known.map_or(LoginUsed::No, |ticket| ticket.login);
        if answer.status != 401 {
            return Ok((answer, login));
        }
        let challenges = challenges(&answer);
        // Its connection is free for the token service, which may be the same host.
        answer.finish();
        let ticket = self.auth.answer(repository, endpoint, &challenges, &self.wire)?;
        match &ticket.header {
            None => Err(refusal::denied(repository, ticket.login)),
            Some(header) => {
                let answer = self.wire.get(&Request { authorization: Some(header), ..plain })?;
                Ok((answer, ticket.login))
            }
        }
    }

    /// Passes a good answer on, and makes an error of any other.
    fn accepted(
        &self,
        repository: &Repository,
        route: &Route,
        answer: Answer,
        asked: Asked<'_>,
        login: LoginUsed,
    ) -> Result<Answer, RegistryError> {
        if answer.status == 200 {
            return Ok(answer);
        }
        let status = answer.status;
        // What a refusal says is worth a look, not another error.
        let body = match status {
            400 | 404 => self.bytes(repository, route, answer, refusal::MAX_BODY).unwrap_or_default(),
            _ => Vec::new(),
        };
        Err(refusal::of(status, &body, asked, repository, login))
    }

    fn bytes(
        &self,
        repository: &Repository,
        route: &Route,
        answer: Answer,
        cap: u64,
    ) -> Result<Vec<u8>, RegistryError> {
        let what = repository.to_string();
        self.wire.bytes(&request(route, "", false, &what), answer, cap)
    }
}

/// A blob that is read from a registry. Its errors say no more than their kind: others may hold what the other side sent.
struct Blob<R>(R);

impl<R: Read> Read for Blob<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match ureq::Error::from(error) {
            ureq::Error::Timeout(_) => io::Error::new(io::ErrorKind::TimedOut, "no more of it came in time"),
            ureq::Error::Io(error) => io::Error::new(error.kind(), "the connection broke"),
            _ => io::Error::new(io::ErrorKind::InvalidData, "the answer is no HTTP that can be read"),
        })
    }
}

/// A request without a login.
fn request<'a>(route: &'a Route, accept: &'a str, is_stream: bool, what: &'a str) -> Request<'a> {
    let (url, host) = (route.url.as_str(), route.authority.as_str());
    Request { url, host, reach: route.reach, accept, authorization: None, is_stream, what }
}

fn protocol(repository: &Repository, message: String) -> RegistryError {
    RegistryError::new(Kind::Protocol, format!("{repository}: {message}"))
}

/// What a registry wants before it answers.
fn challenges(answer: &Answer) -> Vec<Challenge> {
    let headers = answer.headers.get_all("www-authenticate").iter().take(8);
    headers.filter_map(|value| value.to_str().ok()).flat_map(Challenge::parse_all).collect()
}

fn media_type(answer: &Answer) -> String {
    let text = answer.header("content-type").unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Manifests as they were before 2016: their layers have no digests of what is unpacked, and there is no config.
fn is_schema1(media_type: &str, bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Version {
        #[serde(rename = "schemaVersion")]
        schema_version: Option<u64>,
    }
    media_type.starts_with("application/vnd.docker.distribution.manifest.v1+")
        || serde_json::from_slice::<Version>(bytes).is_ok_and(|version| version.schema_version == Some(1))
}

#[cfg(test)]
mod tests {
    use super::{Client, is_schema1};

    #[test]
    fn threads_share_a_client() {
        fn shared<T: Send + Sync>() {}
        shared::<Client>();
    }

    #[test]
    fn schema_1_is_told_by_type_and_by_version() {
        assert!(is_schema1("application/vnd.docker.distribution.manifest.v1+prettyjws", b"{}"));
        assert!(is_schema1("", br#"{"schemaVersion":1}"#));
        assert!(!is_schema1("", br#"{"schemaVersion":2}"#) && !is_schema1("text/plain", b"x"));
    }
}
