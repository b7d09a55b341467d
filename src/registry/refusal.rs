//! What a status other than success means.

use serde_json::Value;

use super::address::Repository;
use super::error::{RegistryError, RegistryErrorKind as Kind};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    /// A tag or a digest of a manifest.
    Manifest(&'a str),
    /// A digest of a blob.
    Blob(&'a str),
    /// The list of tags.
    Tags,
}

/// Longest body of a refusal that is looked at, in bytes.
pub(super) const MAX_BODY: u64 = 64 << 10;

/// Makes an error of a status; the body tells which of two things is missing (distribution specification, "Error
/// codes").
pub(super) fn of(
    status: u16,
    body: &[u8],
    asked: Asked<'_>,
    repository: &Repository,
    login: LoginUsed,
) -> RegistryError {
    let registry = repository.registry();
    match status {
        401 | 403 => denied(repository, login),
        404 => {
            let code = code(body);
            let no_repository = code.as_deref() == Some("NAME_UNKNOWN") || asked == Asked::Tags;
            match asked {
                _ if no_repository => RegistryError::new(
                    Kind::Absent,
                    format!("{registry} knows no repository {}", repository.path()),
                ),
                Asked::Manifest(wanted) => {
                    let message = format!("{repository} has no `{wanted}`");
                    RegistryError::new(Kind::NoSuchTag, message)
                }
                Asked::Blob(_) | Asked::Tags => RegistryError::new(
                    Kind::Protocol,
                    format!("{repository}: a blob of the image is not there"),
                ),
            }
        }
        429 => RegistryError::new(
            Kind::RateLimited,
            format!("{repository}: {registry} takes no more requests for now"),
        )
        .help("Log in for a higher limit, or come back later"),
        300..=399 => {
            let message =
                format!("{repository}: {registry} sends elsewhere for what it has to answer itself");
            RegistryError::new(Kind::Refused, message)
        }
        400 if is_for_tls(body) => {
            let message =
                format!("{repository}: {registry} is spoken to in plain HTTP, and answers only in TLS");
            RegistryError::new(Kind::Unreachable, message)
                .help("Name the certificate of its authority with --registry-ca FILE")
        }
        500.. => RegistryError::new(
            Kind::Unreachable,
            format!("{repository}: {registry} answers with status {status}"),
        ),
        _ => RegistryError::new(
            Kind::Protocol,
            format!("{repository}: {registry} answers with status {status}"),
        ),
    }
}

/// Whether a login was used, for the words of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoginUsed {
    /// The stored login was used.
    Yes,
    /// There is none, or nobody may look.
    No,
    /// There is one that the registry's token service is not trusted with.
    Withheld,
    /// What is stored cannot be used; why.
    Unusable(&'static str),
}

/// What servers in Go and nginx say to plain HTTP on a port for TLS.
fn is_for_tls(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    text.contains("HTTP request to an HTTPS server")
        || text.contains("plain HTTP request was sent to HTTPS port")
}

pub(super) fn denied(repository: &Repository, login: LoginUsed) -> RegistryError {
    let registry = repository.registry();
    let (how, help) = match login {
        LoginUsed::Yes => ("with the stored login".to_owned(), None),
        LoginUsed::No => (
            "without a login".to_owned(),
            Some(format!("Log in with `docker login {registry}`, and add --docker-config-auth")),
        ),
        LoginUsed::Withheld => {
            ("without the login, which the foreign token service it names does not get".to_owned(), None)
        }
        LoginUsed::Unusable(why) => (format!("without a login: {why}"), None),
    };
    let message = format!(
        "{registry} denies {} {how}; it may say so of repositories that do not exist, too",
        repository.path()
    );
    RegistryError { help, ..RegistryError::new(Kind::Denied, message) }
}

/// The first error code of a body.
fn code(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(value.get("errors")?.get(0)?.get("code")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Asked, Kind, LoginUsed, Repository, of};

    #[test]
    fn absent_and_denied_are_told_apart() {
        let repository = Repository::new(Some("ghcr.io"), "a/b").unwrap();
        let unknown = |code: &str| format!("{{\"errors\":[{{\"code\":\"{code}\",\"message\":\"\"}}]}}");
        for (status, body, asked, kind) in [
            (401, String::new(), Asked::Tags, Kind::Denied),
            (
                400,
                "Client sent an HTTP request to an HTTPS server.\n".to_owned(),
                Asked::Tags,
                Kind::Unreachable,
            ),
            (400, String::new(), Asked::Tags, Kind::Protocol),
            (403, unknown("DENIED"), Asked::Manifest("1"), Kind::Denied),
            (404, unknown("NAME_UNKNOWN"), Asked::Manifest("1"), Kind::Absent),
            (404, unknown("MANIFEST_UNKNOWN"), Asked::Manifest("1"), Kind::NoSuchTag),
            (404, "<html>".to_owned(), Asked::Manifest("1"), Kind::NoSuchTag),
            (404, "[".repeat(60_000), Asked::Tags, Kind::Absent),
            (404, String::new(), Asked::Blob("sha256:x"), Kind::Protocol),
            (429, String::new(), Asked::Tags, Kind::RateLimited),
            (302, String::new(), Asked::Manifest("1"), Kind::Refused),
            (503, String::new(), Asked::Tags, Kind::Unreachable),
            (418, String::new(), Asked::Tags, Kind::Protocol),
        ] {
            let error = of(status, body.as_bytes(), asked, &repository, LoginUsed::No);
            assert_eq!(error.kind, kind, "{status} {body:.40}");
            assert!(error.message.contains("ghcr.io"), "{error}");
        }
    }

    #[test]
    fn a_denial_says_what_to_do() {
        let repository = Repository::new(Some("ghcr.io"), "a/b").unwrap();
        let said = |login| of(401, b"", Asked::Tags, &repository, login);
        assert!(said(LoginUsed::No).help.is_some_and(|help| help.contains("docker login ghcr.io")));
        assert_eq!(said(LoginUsed::Yes).help, None);
        assert!(said(LoginUsed::Unusable("no reason")).message.contains("no reason"));
    }
}
