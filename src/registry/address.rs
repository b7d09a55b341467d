//! Names of images in registries: text in, parts that may stand in a URL out.

use std::net::{IpAddr, Ipv6Addr};

use super::error::{RegistryError, RegistryErrorKind};
use crate::syntax::digest::is_sha256;
use crate::syntax::image_reference::ImageReference;

/// What Docker Hub is called in references.
const HUB: &str = "docker.io";

/// The longest name of registry and repository together (distribution/reference, `NameTotalLengthMax`).
const MAX_NAME: usize = 255;

/// A repository of a registry. Every part is valid, so that it may stand in a URL as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repository {
    registry: String,
    path: String,
}

impl Repository {
    /// Registry and path; without a registry Docker Hub is meant, and there `debian` is `library/debian`.
    ///
    /// # Errors
    /// When one of them is not what the specification allows.
    pub fn new(registry: Option<&str>, path: &str) -> Result<Self, RegistryError> {
        let registry = registry.unwrap_or(HUB).to_ascii_lowercase();
        let registry = match registry.as_str() {
            "index.docker.io" | "registry-1.docker.io" => HUB.to_owned(),
            _ => registry,
        };
        if !is_host(&registry) {
            return Err(wrong(format!("`{registry}` is no name of a registry")));
        }
        let path = match registry == HUB && !path.contains('/') {
            true => format!("library/{path}"),
            false => path.to_owned(),
        };
        if !path.split('/').all(is_component) || registry.len() + path.len() > MAX_NAME {
            let error = wrong(format!("`{path}` is no name of a repository"));
            return Err(match path.bytes().any(|byte| byte.is_ascii_uppercase()) {
                true => error.help("Names of repositories are in lower case"),
                false => error,
            });
        }
        Ok(Self { registry, path })
    }

    /// The registry as references name it: `ghcr.io`, `docker.io`, `127.0.0.1:5000`.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path without the registry: `org/name`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Host, and port where one is said, that requests go to.
    pub(super) fn authority(&self) -> &str {
        if self.is_hub() { "registry-1.docker.io" } else { &self.registry }
    }

    /// Whether it is of Docker Hub.
    pub(super) fn is_hub(&self) -> bool {
        self.registry == HUB
    }
}

impl std::fmt::Display for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

/// An image of a registry: a repository with a tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageAddress {
    /// The repository.
    pub repository: Repository,
    /// The tag that is named.
    pub tag: Option<String>,
    /// The digest that is named, `sha256:…`; it counts, whatever the tag.
    pub digest: Option<String>,
}

impl ImageAddress {
    /// Reads `ghcr.io/org/name:tag@sha256:…`.
    ///
    /// # Errors
    /// When a part is not what the specification allows.
    pub fn parse(text: &str) -> Result<Self, RegistryError> {
        let parts = ImageReference::parse(text);
        let repository = Repository::new(parts.registry, parts.repository)?;
        if let Some(tag) = parts.tag.filter(|tag| !is_tag(tag)) {
            return Err(wrong(format!("`{tag}` is no tag")));
        }
        if let Some(digest) = parts.digest.filter(|digest| !is_sha256(digest)) {
            let help = "A digest is `sha256:` and 64 hexadecimal digits in lower case";
            return Err(wrong(format!("`{digest}` is no digest that can be verified")).help(help));
        }
        let owned = |part: Option<&str>| part.map(str::to_owned);
        Ok(Self { repository, tag: owned(parts.tag), digest: owned(parts.digest) })
    }

    /// What is asked for: the digest, else the tag, else `latest`.
    #[must_use]
    pub fn wanted(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or("latest")
    }
}

fn wrong(message: String) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Name, message)
}

/// `[\w][\w.-]{0,127}` (distribution specification, "Pulling manifests").
pub(super) fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*` (the same).
fn is_component(text: &str) -> bool {
    let word = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let joint =
        |joint: &[u8]| matches!(joint, [] | b"." | b"_" | b"__") || joint.iter().all(|byte| *byte == b'-');
    bytes.first().is_some_and(word) && bytes.last().is_some_and(word) && bytes.split(word).all(joint)
}

/// A domain name, an IPv4 address or an IPv6 address in brackets, with or without a port. Never user or password.
fn is_host(text: &str) -> bool {
    let (host, port) = split_port(text);
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    let label = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && label.bytes().all(inside)
    };
    let named = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.split('.').all(label),
    };
    named && port.is_none_or(is_port)
}

/// Host (with its brackets) and port.
pub(super) fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// Whether a host is a loopback address, or `localhost`, by its name alone.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{ImageAddress, is_component, is_loopback, is_tag};
    use crate::registry::RegistryErrorKind;

    fn shown(text: &str) -> Option<(String, String, String)> {
        let it = ImageAddress::parse(text).ok()?;
        Some((it.repository.authority().to_owned(), it.repository.path().to_owned(), it.wanted().to_owned()))
    }

    #[test]
    fn hub_has_its_own_host_and_namespace() {
        let it = |a: &str, b: &str, c: &str| Some((a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(shown("debian"), it("registry-1.docker.io", "library/debian", "latest"));
        assert_eq!(shown("docker.io/debian:12"), it("registry-1.docker.io", "library/debian", "12"));
        assert_eq!(shown("nvidia/cuda:12.1.1-x"), it("registry-1.docker.io", "nvidia/cuda", "12.1.1-x"));
        assert_eq!(shown("localhost:5000/x:1.0"), it("localhost:5000", "x", "1.0"));
        assert_eq!(shown("[::1]:5000/a/b:1"), it("[::1]:5000", "a/b", "1"));
        assert_eq!(shown("GHCR.io/a/b:1"), it("ghcr.io", "a/b", "1"));
        let digest = crate::registry::sha256(b"");
        assert_eq!(shown(&format!("ghcr.io/a/b:1@{digest}")), it("ghcr.io", "a/b", &digest));
    }

    #[test]
    fn what_may_not_stand_in_a_url_is_no_address() {
        for bad in [
            "",
            "ghcr.io/",
            "ghcr.io/a//b",
            "ghcr.io/../../etc:1",
            "ghcr.io/a/b?x=1",
            "ghcr.io/a/b#x",
            "ghcr.io/a b:1",
            "ghcr.io/A/b:1",
            "ghcr.io/a:t/g",
            "user@ghcr.io/a:1",
            "user:pass@ghcr.io/a:1",
            "ghcr.io:0/a:1",
            "ghcr.io:99999/a:1",
            "ghcr.io:+80/a:1",
            "ghcr.io/a:-tag",
            "ghcr.io/a:ta\r\ng",
            "ghcr.io/a@md5:d41d8cd98f00b204e9800998ecf8427e",
            "ghcr.io/a@sha256:zz",
            "[::1/a:1",
            "ex..ample.com/a",
            "ghcr.io/\u{e9}:1",
        ] {
            let error = ImageAddress::parse(bad).unwrap_err();
            assert_eq!(error.kind, RegistryErrorKind::Name, "{bad}");
        }
        let long = format!("ghcr.io/{}", "a".repeat(300));
        assert!(ImageAddress::parse(&long).is_err());
        assert_eq!(
            ImageAddress::parse("ghcr.io/Org/x").unwrap_err().help.as_deref(),
            Some("Names of repositories are in lower case")
        );
    }

    #[test]
    fn components_have_single_joints() {
        for good in ["a", "a.b", "a_b", "a__b", "a---b", "0a9"] {
            assert!(is_component(good), "{good}");
        }
        for bad in ["", ".", "..", "a..b", "a___b", "a._b", "-a", "a-", "a.-b", "a/b", "%2e"] {
            assert!(!is_component(bad), "{bad}");
        }
        assert!(is_tag("20250812-abcdef0") && is_tag("_x.Y-z"));
        assert!(!is_tag(".x") && !is_tag("") && !is_tag(&"a".repeat(129)));
    }

    #[test]
    fn loopback_is_told_by_the_name() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.com", "127.0.0.1.nip.io", "0.0.0.0", "[::]", "10.0.0.1", "127.1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
