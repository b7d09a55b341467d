//! Where requests may go: the registry itself, the token service it names, and the places its redirects name.

use ureq::http::Uri;
use ureq::http::uri::{PathAndQuery, Scheme};

use super::ClientOptions;
use super::address::{Repository, is_loopback, split_port};
use super::dial::Reach;
use super::error::{RegistryError, RegistryErrorKind as Kind};

/// A registry, and how it is spoken to.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    /// Host and port, as requests name it.
    pub(super) authority: String,
    /// Whether it is spoken to in plain HTTP.
    is_plain: bool,
    reach: Reach,
    is_hub: bool,
    insecure: Vec<String>,
    allow_private: bool,
}

/// A place that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// The whole URL.
    pub(super) url: String,
    /// Host and port of it.
    pub(super) authority: String,
    /// How far the request may reach.
    pub(super) reach: Reach,
    /// Whether it belongs to the registry, so that it may know the registry's credentials.
    pub(super) is_own: bool,
}

impl Endpoint {
    pub(super) fn of(repository: &Repository, options: &ClientOptions) -> Self {
        let authority = repository.authority();
        let named = is_named(authority, &options.insecure);
        let is_loopback = is_loopback(split_port(authority).0);
        let reach = match (is_loopback, named, options.allow_private) {
            (true, ..) => Reach::Loopback,
            (_, true, _) => Reach::Named,
            (_, _, true) => Reach::Private,
            _ => Reach::Public,
        };
        Self {
            authority: authority.to_owned(),
            // Who names an authority for it means TLS, wherever the registry is.
            is_plain: named || (is_loopback && options.authorities.is_empty()),
            reach,
            is_hub: repository.is_hub(),
            insecure: options.insecure.clone(),
            allow_private: options.allow_private,
        }
    }

    /// The registry's own address of a path that begins with a slash.
    pub(super) fn own(&self, path: &str) -> Route {
        let scheme = if self.is_plain { "http" } else { "https" };
        Route {
            url: format!("{scheme}://{}{path}", self.authority),
            authority: self.authority.clone(),
            reach: self.reach,
            is_own: true,
        }
    }

    /// The token service that the registry names (`realm`). Strangers may be asked, but never get credentials: the
    /// address is the registry's word, and a registry may be anybody's.
    pub(super) fn realm(&self, realm: &str, what: &Repository) -> Result<Route, RegistryError> {
        let refused = |why: &str| {
            let registry = &self.authority;
            RegistryError::new(
                Kind::Refused,
                format!("{what}: {registry} asks to log in at {why}; it is not asked"),
            )
        };
        let place = Target::parse(realm).ok_or_else(|| refused("an address that is none"))?;
        let is_same = place.host.eq_ignore_ascii_case(self.host());
        let is_near = is_same || (is_loopback(&place.host) && self.reach == Reach::Loopback);
        // A certificate proves whose the host is, whatever the port; without one another port may be anybody's.
        let is_own = match place.is_plain {
            true => self.is_plain && place.authority.eq_ignore_ascii_case(&self.authority),
            false => is_same || self.is_parent(&place.host),
        };
        match place.is_plain {
            true if self.is_plain && is_near => Ok(place.route(self.reach, is_own)),
            true if self.is_plain && is_named(&place.authority, &self.insecure) => {
                Ok(place.route(Reach::Named, is_own))
            }
            true => Err(refused(&format!("{} in plain HTTP", place.authority))),
            false if is_near => Ok(place.route(self.reach, is_own)),
            false => Ok(place.route(self.elsewhere(), is_own)),
        }
    }

    /// The place that a redirect names, from a place that was asked. Never with credentials.
    pub(super) fn redirect(
        &self,
        from: &Route,
        location: &str,
        what: &Repository,
    ) -> Result<Route, RegistryError> {
        let refused = |why: &str| {
            let message = format!("{what}: {} sends to {why}; that is not followed", from.authority);
            RegistryError::new(Kind::Refused, message)
        };
        if location.starts_with('/') && !location.starts_with("//") {
            let path = location.parse::<PathAndQuery>().map_err(|_| refused("an address that is none"))?;
            let origin = from.url.find("://").and_then(|at| {
                let end = from.url[at + 3..].find(['/', '?']).map_or(from.url.len(), |slash| at + 3 + slash);
                from.url.get(..end)
            });
            let url = format!("{}{path}", origin.unwrap_or_default());
            return Ok(Route { url, is_own: false, ..from.clone() });
        }
        let place = Target::parse(location).ok_or_else(|| refused("an address that is none"))?;
        let is_same = place.host.eq_ignore_ascii_case(self.host());
        let is_near = is_loopback(&place.host) && self.reach == Reach::Loopback;
        match place.is_plain {
            true if self.is_plain && (is_same || is_near) => Ok(place.route(self.reach, false)),
            true => Err(refused(&format!("{} in plain HTTP", place.authority))),
            false if is_same || is_near => Ok(place.route(self.reach, false)),
            false => Ok(place.route(self.elsewhere(), false)),
        }
    }

    fn host(&self) -> &str {
        split_port(&self.authority).0
    }

    /// How far places reach that only the registry names.
    fn elsewhere(&self) -> Reach {
        if self.allow_private { Reach::Private } else { Reach::Public }
    }

    /// Whether a host stands above the registry's in the same domain, as `gitlab.com` above `registry.gitlab.com`: who
    /// has that name decides over the registry's, too. Docker Hub has its token service beside the registry.
    fn is_parent(&self, host: &str) -> bool {
        let below = self.host().to_ascii_lowercase();
        let host = host.to_ascii_lowercase();
        let is_name = host.contains('.') && !host.contains(':') && !host.starts_with('.');
        let is_above = below.strip_suffix(&host).is_some_and(|rest| rest.ends_with('.'));
        let is_address = below.parse::<std::net::IpAddr>().is_ok();
        (is_name && is_above && !is_address) || (self.is_hub && host == "auth.docker.io")
    }
}

/// Whether the user named a host as insecure: with its port, or whatever the port.
fn is_named(authority: &str, insecure: &[String]) -> bool {
    let (host, _) = split_port(authority);
    insecure.iter().any(|named| named.eq_ignore_ascii_case(authority) || named.eq_ignore_ascii_case(host))
}

/// A URL that somebody else wrote.
struct Target {
    url: String,
    authority: String,
    host: String,
    is_plain: bool,
}

impl Target {
    /// Longest URL; signed ones are long.
    const MAX: usize = 8 << 10;

    fn parse(text: &str) -> Option<Self> {
        if text.len() > Self::MAX {
            return None;
        }
        // What stands behind a `#` is not sent.
        let url = text.split('#').next().unwrap_or_default();
        let uri: Uri = url.parse().ok()?;
        let scheme = uri.scheme()?;
        let is_plain = *scheme == Scheme::HTTP;
        if !is_plain && *scheme != Scheme::HTTPS {
            return None;
        }
        let authority = uri.authority()?;
        let is_simple = !authority.as_str().contains('@') && !authority.host().is_empty();
        is_simple.then(|| Self {
            url: url.to_owned(),
            authority: authority.as_str().to_owned(),
            host: authority.host().to_owned(),
            is_plain,
        })
    }

    fn route(self, reach: Reach, is_own: bool) -> Route {
        Route { url: self.url, authority: self.authority, reach, is_own }
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Reach, Repository};
    use crate::registry::{ClientOptions, RegistryErrorKind};

    fn endpoint(registry: &str, options: &ClientOptions) -> (Endpoint, Repository) {
        let repository = Repository::new(Some(registry), "a/b").unwrap();
        (Endpoint::of(&repository, options), repository)
    }

    fn insecure(hosts: &[&str]) -> ClientOptions {
        ClientOptions {
            insecure: hosts.iter().map(|host| (*host).to_owned()).collect(),
            ..ClientOptions::default()
        }
    }

    #[test]
    fn who_is_spoken_to_in_plain_http() {
        let options = insecure(&["reg.local", "other.local:5000"]);
        for (registry, url, reach) in [
            ("ghcr.io", "https://ghcr.io/x", Reach::Public),
            ("docker.io", "https://registry-1.docker.io/x", Reach::Public),
            ("127.0.0.1:5000", "http://127.0.0.1:5000/x", Reach::Loopback),
            ("localhost", "http://localhost/x", Reach::Loopback),
            ("[::1]:5000", "http://[::1]:5000/x", Reach::Loopback),
            ("reg.local:5000", "http://reg.local:5000/x", Reach::Named),
            ("other.local:5000", "http://other.local:5000/x", Reach::Named),
            ("other.local:5001", "https://other.local:5001/x", Reach::Public),
            ("127.0.0.1.nip.io", "https://127.0.0.1.nip.io/x", Reach::Public),
        ] {
            let route = endpoint(registry, &options).0.own("/x");
            assert_eq!((route.url.as_str(), route.reach), (url, reach), "{registry}");
        }
        let private = ClientOptions { allow_private: true, ..ClientOptions::default() };
        assert_eq!(endpoint("10.0.0.1:5000", &private).0.own("/").reach, Reach::Private);
    }

    #[test]
    fn only_the_registry_and_who_stands_above_it_get_credentials() {
        let options = insecure(&["reg.local"]);
        for (registry, realm, is_own) in [
            ("ghcr.io", "https://ghcr.io/token", Some(true)),
            ("registry.gitlab.com", "https://gitlab.com/jwt/auth", Some(true)),
            ("docker.io", "https://auth.docker.io/token", Some(true)),
            ("ghcr.io", "https://auth.docker.io/token", Some(false)),
            ("ghcr.io", "https://evil.example/token", Some(false)),
            ("ghcr.io", "https://hcr.io/token", Some(false)),
            ("ghcr.io", "https://io/token", Some(false)),
            ("ghcr.io", "https://ghcr.io.evil.example/token", Some(false)),
            ("a.example.com", "https://b.example.com/token", Some(false)),
            ("10.0.0.1", "https://0.1/token", Some(false)),
            ("ghcr.io", "http://ghcr.io/token", None),
            ("ghcr.io", "http://127.0.0.1/token", None),
            ("ghcr.io", "https://user@ghcr.io/token", None),
            ("ghcr.io", "file:///etc/passwd", None),
            ("ghcr.io", "ftp://ghcr.io/", None),
            ("ghcr.io", "/token", None),
            ("ghcr.io", "", None),
            ("ghcr.io:5050", "https://ghcr.io/token", Some(true)),
            ("127.0.0.1:5000", "http://127.0.0.1:5000/token", Some(true)),
            ("127.0.0.1:5000", "http://127.0.0.1:5001/token", Some(false)),
            ("127.0.0.1:5000", "http://localhost:5000/token", Some(false)),
            ("127.0.0.1:5000", "http://evil.example/token", None),
            ("127.0.0.1:5000", "https://evil.example/token", Some(false)),
            ("127.0.0.1:5000", "http://reg.local/token", Some(false)),
            ("reg.local:5000", "http://reg.local:5000/token", Some(true)),
            ("reg.local:5000", "http://reg.local:5001/token", Some(false)),
            ("reg.local:5000", "http://127.0.0.1/token", None),
        ] {
            let (endpoint, repository) = endpoint(registry, &options);
            let route = endpoint.realm(realm, &repository);
            assert_eq!(route.as_ref().ok().map(|route| route.is_own), is_own, "{registry} {realm}");
            if let Err(error) = route {
                assert_eq!(error.kind, RegistryErrorKind::Refused);
                assert!(!error.message.contains("token") && !error.message.contains("user@"), "{error}");
            }
        }
    }

    #[test]
    fn strangers_are_only_reached_in_public() {
        let (endpoint, repository) = endpoint("127.0.0.1:5000", &ClientOptions::default());
        let reach = |realm: &str| endpoint.realm(realm, &repository).unwrap().reach;
        assert_eq!(reach("https://evil.example/"), Reach::Public);
        assert_eq!(reach("https://127.0.0.1:6000/"), Reach::Loopback);
    }

    #[test]
    fn redirects_stay_as_safe_as_the_registry() {
        let options = insecure(&["reg.local"]);
        for (registry, location, wanted) in [
            ("ghcr.io", "https://cdn.example/x?sig=1", Some(("https://cdn.example/x?sig=1", Reach::Public))),
            ("ghcr.io", "/v2/other?x=1", Some(("https://ghcr.io/v2/other?x=1", Reach::Public))),
            ("ghcr.io", "https://127.0.0.1/x", Some(("https://127.0.0.1/x", Reach::Public))),
            ("ghcr.io", "http://cdn.example/x", None),
            ("ghcr.io", "http://127.0.0.1/x", None),
            ("ghcr.io", "//cdn.example/x", None),
            ("ghcr.io", "file:///etc/passwd", None),
            ("ghcr.io", "x", None),
            ("127.0.0.1:5000", "http://127.0.0.1:6000/x", Some(("http://127.0.0.1:6000/x", Reach::Loopback))),
            ("127.0.0.1:5000", "http://169.254.169.254/x", None),
            ("127.0.0.1:5000", "http://reg.local/x", None),
            ("reg.local", "http://reg.local:9000/x", Some(("http://reg.local:9000/x", Reach::Named))),
            ("reg.local", "https://10.0.0.1/x", Some(("https://10.0.0.1/x", Reach::Public))),
        ] {
            let (endpoint, repository) = endpoint(registry, &options);
            let route = endpoint.redirect(&endpoint.own("/v2/a"), location, &repository);
            let shown = route.as_ref().ok().map(|route| (route.url.as_str(), route.reach));
            assert_eq!(shown, wanted, "{registry} {location}");
            assert!(route.is_ok_and(|route| !route.is_own) || wanted.is_none());
        }
        // A place without a path, only a query, that sends on to a path of its own.
        let (endpoint, repository) = endpoint("ghcr.io", &options);
        let first =
            endpoint.redirect(&endpoint.own("/v2/a"), "https://cdn.example?sig=1", &repository).unwrap();
        let second = endpoint.redirect(&first, "/blob", &repository).unwrap();
        assert_eq!(second.url, "https://cdn.example/blob");
    }
}
