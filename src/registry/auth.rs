//! Logging in: a challenge goes in, the header that answers it comes out (distribution, "Token Authentication").

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::address::Repository;
use super::challenge::Challenge;
use super::credentials::{Login, Logins, Secret};
use super::error::{RegistryError, RegistryErrorKind as Kind};
use super::refusal::{LoginUsed, denied};
use super::route::{Endpoint, Route};
use super::wire::{Request, Wire};

/// Longest answer of a token service, in bytes.
const MAX_TOKEN: u64 = 64 << 10;

/// The logins and tokens of a call, in memory only.
#[derive(Debug)]
pub(super) struct Auth {
    logins: Logins,
    /// Headers that were accepted: a token is for one repository.
    known: Mutex<HashMap<Repository, Ticket>>,
}

/// A header that answers a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ticket {
    /// The header; `None`: there is nothing to answer with.
    pub(super) header: Option<Secret>,
    /// Whether a login stands behind it.
    pub(super) login: LoginUsed,
}

impl Auth {
    pub(super) fn new(credentials: bool) -> Self {
        Self { logins: Logins::new(credentials), known: Mutex::default() }
    }

    /// What is known for a repository from requests before.
    pub(super) fn known(&self, repository: &Repository) -> Option<Ticket> {
        self.lock().get(repository).cloned()
    }

    /// Answers the challenges of a registry.
    pub(super) fn answer(
        &self,
        repository: &Repository,
        endpoint: &Endpoint,
        challenges: &[Challenge],
        wire: &Wire,
    ) -> Result<Ticket, RegistryError> {
        let of = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme == scheme);
        let login = || Ok(self.logins.of(repository.registry(), wire.rest()?.min(wire.timeout)));
        let ticket = match (of("bearer"), of("basic")) {
            (Some(bearer), _) => token(repository, endpoint, bearer, login()?, wire)?,
            (None, Some(_)) => match login()? {
                Login::Basic(header) => Ticket { header: Some(header), login: LoginUsed::Yes },
                Login::None => Ticket { header: None, login: LoginUsed::No },
                Login::Unusable(why) => Ticket { header: None, login: LoginUsed::Unusable(why) },
            },
            (None, None) => Ticket { header: None, login: LoginUsed::No },
        };
        if ticket.header.is_some() {
            self.lock().insert(repository.clone(), ticket.clone());
        }
        Ok(ticket)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Repository, Ticket>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fetches a token that allows to pull from one repository, whatever more the challenge asks for.
fn token(
    repository: &Repository,
    endpoint: &Endpoint,
    challenge: &Challenge,
    login: Login,
    wire: &Wire,
) -> Result<Ticket, RegistryError> {
    let place = endpoint.realm(challenge.value("realm").unwrap_or_default(), repository)?;
    let (header, login) = match login {
        Login::Basic(header) if place.is_own => (Some(header), LoginUsed::Yes),
        Login::Basic(_) => (None, LoginUsed::Withheld),
        Login::None => (None, LoginUsed::No),
        Login::Unusable(why) => (None, LoginUsed::Unusable(why)),
    };
    let url = token_url(&place, challenge.value("service"), repository);
    let what = repository.to_string();
    let request = Request {
        url: &url,
        host: &place.authority,
        reach: place.reach,
        accept: "application/json",
        authorization: header.as_ref(),
        is_stream: false,
        what: &what,
    };
    let answer = wire.get(&request)?;
    match answer.status {
        200 => {}
        401 | 403 => return Err(denied(repository, login)),
        status => {
            let message =
                format!("{what}: the token service {} answers with status {status}", place.authority);
            return Err(RegistryError::new(Kind::Protocol, message));
        }
    }
    let body = wire.bytes(&request, answer, MAX_TOKEN)?;
    let token = token_of(&body).ok_or_else(|| {
        let message = format!("{what}: the token service {} gives no token", place.authority);
        RegistryError::new(Kind::Protocol, message)
    })?;
    Ok(Ticket { header: Some(Secret::new(format!("Bearer {token}"))), login })
}

/// The URL of a token service with what is asked for.
fn token_url(place: &Route, service: Option<&str>, repository: &Repository) -> String {
    let mut url = place.url.clone();
    url.push(if url.contains('?') { '&' } else { '?' });
    if let Some(service) = service {
        url.push_str("service=");
        encode(&mut url, service);
        url.push('&');
    }
    url.push_str("scope=");
    encode(&mut url, &format!("repository:{}:pull", repository.path()));
    url
}

/// Percent-encodes all but unreserved characters (RFC 3986, section 2.3).
fn encode(url: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => url.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(url, "%{byte:02X}")),
        }
    }
}

/// `token`, else `access_token`; nothing that could not stand in a header.
fn token_of(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let token = text("token").or_else(|| text("access_token"))?;
    token.bytes().all(|byte| byte.is_ascii_graphic()).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::dial::Reach;
    use super::{Repository, Route, token_of, token_url};

    #[test]
    fn token_requests_are_encoded() {
        let repository = Repository::new(Some("r.example"), "a/b").unwrap();
        let url = |realm: &str, service| {
            let (url, authority) = (realm.to_owned(), "r.example".to_owned());
            token_url(&Route { url, authority, reach: Reach::Public, is_own: true }, service, &repository)
        };
        assert_eq!(
            url("https://r.example/token", Some("a b&c=d\r\n/é")),
            "https://r.example/token?service=a%20b%26c%3Dd%0D%0A%2F%C3%A9&scope=repository%3Aa%2Fb%3Apull"
        );
        assert_eq!(
            url("https://r.example/?x=1", None),
            "https://r.example/?x=1&scope=repository%3Aa%2Fb%3Apull"
        );
    }

    #[test]
    fn tokens_have_two_names() {
        assert_eq!(token_of(br#"{"token":"a","access_token":"b"}"#).as_deref(), Some("a"));
        assert_eq!(token_of(br#"{"access_token":"b"}"#).as_deref(), Some("b"));
        assert_eq!(token_of(br#"{"token":"","access_token":"b"}"#).as_deref(), Some("b"));
        for bad in
            [&b"{}"[..], b"[]", b"", br#"{"token":1}"#, br#"{"token":"a\r\nHost: x"}"#, br#"{"token":"a b"}"#]
        {
            assert_eq!(token_of(bad), None);
        }
    }
}
