//! The password of a URL: `postgres://user:password@host/db`.
//!
//! A text goes in, the place of the password in it comes out. What kind of value it is, is
//! [`super::secrets`]'s to say.

use super::secrets::{ValueKind, kind_of};
use crate::model::Build;

/// URLs of one text that are looked at.
const MAX_URLS: usize = 16;
/// Bytes in front of the `@` that are looked at; a longer text is no account.
const MAX_ACCOUNT: usize = 512;

/// Whether a file may hold a URL with an account: one look at its bytes, so that nearly every file needs no other.
pub(super) fn may_hold_account(build: &Build) -> bool {
    let bytes = build.source.bytes();
    memchr::memmem::find(bytes, b"://").is_some_and(|at| memchr::memchr(b'@', &bytes[at..]).is_some())
}

/// What the first password of a text is, and where it stands (bytes of the text). A password that holds a variable, or a
/// place for one, is none: it comes from outside.
pub(in crate::rules) fn url_password(text: &str) -> Option<(ValueKind, std::ops::Range<usize>)> {
    let mut from = 0;
    for _ in 0..MAX_URLS {
        from += text[from..].find("://")? + 3;
        if let Some(found) = of_authority(text, from) {
            return Some(found);
        }
    }
    None
}

fn of_authority(text: &str, from: usize) -> Option<(ValueKind, std::ops::Range<usize>)> {
    let rest = &text[from..];
    let end =
        |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`');
    let length = rest.bytes().take(MAX_ACCOUNT).position(end).unwrap_or(rest.len().min(MAX_ACCOUNT));
    // A password may hold an `@`: the last one parts the account from the host.
    let account = &rest[..rest.as_bytes()[..length].iter().rposition(|byte| *byte == b'@')?];
    let (user, password) = account.split_once(':')?;
    if password.contains(['$', '{', '<', '%', '*']) && !is_encoded(password) {
        return None;
    }
    let kind = match kind_of(password) {
        // A password that repeats the user's name is known with it.
        ValueKind::Literal if password == user => ValueKind::Known,
        ValueKind::Harmless => return None,
        kind => kind,
    };
    let start = from + user.len() + 1;
    Some((kind, start..start + password.len()))
}

/// Whether every `%` of a text starts two hexadecimal digits and nothing else in it looks like a template.
fn is_encoded(text: &str) -> bool {
    let mut parts = text.split('%');
    let plain = |part: &str| !part.contains(['$', '{', '<', '*']);
    let hex = |part: &str| part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    parts.next().is_some_and(plain) && parts.all(|part| plain(part) && hex(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_urls() {
        use ValueKind::{Known, Literal};
        for (text, wanted) in [
            ("redis://:q7Zt41mVx@redis:6379/0", Some((Literal, "q7Zt41mVx"))),
            ("postgres://app:q7%40Zt41@db/app", Some((Literal, "q7%40Zt41"))),
            ("a=http://x/y b=amqp://u:q7@Zt@mq:5672", Some((Literal, "q7@Zt"))),
            ("jdbc:postgresql://app:app@db/app", Some((Known, "app"))),
            ("postgres://app:changeme@db/app", Some((Known, "changeme"))),
            ("postgres://app:${DB_PASSWORD}@db/app", None),
            ("postgres://app:$(DB_PASSWORD)@db/app", None),
            ("postgres://app:<password>@db/app", None),
            ("postgres://app:%s@db/app", None),
            ("postgres://app@db/app", None),
            ("https://example.com:8080/a@b", None),
            ("https://example.com/x:y@z", None),
            ("postgres://app:@db/app", None),
            ("://", None),
            ("é://ü:ö9Kq2@h", Some((Literal, "ö9Kq2"))),
        ] {
            let found = url_password(text).map(|(kind, range)| (kind, &text[range]));
            assert_eq!(found, wanted, "{text}");
        }
    }
}
