//! Errors of the client as what they mean to whoever runs the service.

use std::io;
use std::time::Duration;

use smol_str::{SmolStr, format_smolstr};
use ureq::{Error, Timeout};

use super::request::{MAX_HEAD, Times};
use super::watch::Seen;
use crate::model::Failure;
use crate::registry::OutOfReach;

/// Why there is no HTTP answer of a host. Words of the client are passed on only where they are its own: others may hold
/// what the other side sent.
pub(super) fn of(error: &Error, seen: &Seen, host: &str, times: Times) -> Failure {
    match error {
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => Failure::TimedOut(times.connect),
        Error::Timeout(_) => Failure::TimedOut(times.limit),
        Error::HostNotFound => Failure::NoAddress(host.into()),
        Error::Other(other) => match other.downcast_ref::<OutOfReach>() {
            Some(out) => Failure::Forbidden(format_smolstr!("{}", out.address)),
            None => Failure::Other("the request failed".into()),
        },
        Error::Io(error) => of_io(error, seen, host, times.limit),
        Error::LargeResponseHeader(..) => not_http(&format!("its head is longer than {MAX_HEAD} bytes")),
        Error::Protocol(error) => protocol(&error.to_string(), seen),
        Error::Tls(_) | Error::Rustls(_) | Error::TlsRequired => {
            Failure::Other("no TLS connection that can be trusted".into())
        }
        Error::BadUri(_) | Error::Http(_) => Failure::Other("the address is no URL that can be asked".into()),
        _ => Failure::Other("the request failed".into()),
    }
}

fn of_io(error: &io::Error, seen: &Seen, host: &str, limit: Duration) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Failure::Refused,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Failure::TimedOut(limit),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Failure::Closed(closed(error.kind(), seen)),
        io::ErrorKind::InvalidData => Failure::Other("no TLS connection that can be trusted".into()),
        io::ErrorKind::HostUnreachable => Failure::Other("the host cannot be reached".into()),
        io::ErrorKind::NetworkUnreachable => Failure::Other("no network leads to the host".into()),
        // Looking a name up ends in an error that has no number.
        _ if !seen.connected && error.raw_os_error().is_none() => Failure::NoAddress(host.into()),
        _ => Failure::Other(system_words(error)),
    }
}

/// How a connection ended before the head of an answer was whole, to follow "without an answer".
fn closed(kind: io::ErrorKind, seen: &Seen) -> SmolStr {
    let how = match kind == io::ErrorKind::UnexpectedEof && !seen.reset {
        true => "closed",
        false => "reset",
    };
    match seen.count {
        0 => format_smolstr!("the connection was {how}"),
        count => format_smolstr!("the connection was {how} after {count} bytes of the head"),
    }
}

/// What the system says, without its number.
fn system_words(error: &io::Error) -> SmolStr {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).into()
}

/// Why an answer is no HTTP, of the client's error text, which holds nothing of the answer.
fn protocol(text: &str, seen: &Seen) -> Failure {
    match seen.first.as_slice() {
        // An alert of TLS (RFC 8446 §5.1): a server of HTTPS does so when it is asked in plain HTTP.
        [0x15, 0x03, ..] => return not_http("the port speaks TLS, so it is one of HTTPS"),
        first if !first.starts_with(b"HTTP/") => {
            return not_http(&format!("the answer starts with {}", quoted(first)));
        }
        _ => {}
    }
    let known = [
        ("conflicting content-length", "its Content-Length headers contradict each other".to_owned()),
        ("content-length header not a number", "its Content-Length is no number".to_owned()),
        ("too many headers", "it has more headers than a client reads".to_owned()),
        ("unsupported http version", format!("it starts with {}", quoted(&seen.first))),
        ("invalid HTTP version", format!("it starts with {}", quoted(&seen.first))),
    ];
    if let Some((_, phrase)) = known.iter().find(|(part, _)| text.contains(part)) {
        return not_http(phrase);
    }
    let cause = text.rsplit(": ").next().unwrap_or(text);
    not_http(&format!("its head cannot be read: {cause}"))
}

fn not_http(phrase: &str) -> Failure {
    Failure::NotHttp(phrase.into())
}

/// The first line of bytes, as a text of one line can show it.
fn quoted(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let mut text = String::from("`");
    for char in String::from_utf8_lossy(line).chars().take(32) {
        match char {
            '"' | '\'' | '\\' => text.push(char),
            char => text.extend(char.escape_debug()),
        }
    }
    text + "`"
}

/// Why a body ended before its end: `the connection was closed after 12 of 40 bytes`.
pub(super) fn cut(
    error: &io::Error,
    seen: &Seen,
    got: usize,
    whole: Option<u64>,
    limit: Duration,
) -> SmolStr {
    let how_far = match whole {
        Some(whole) => format!("after {got} of {whole} bytes"),
        None => format!("after {got} bytes"),
    };
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match (error.kind(), inner) {
        (_, Some(Error::Timeout(_))) | (io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock, _) => {
            format_smolstr!("the body was not over within {}, {how_far}", shown(limit))
        }
        (_, Some(Error::Protocol(_))) => format_smolstr!("its chunks cannot be read {how_far}"),
        _ if seen.reset => format_smolstr!("the connection was reset {how_far}"),
        (io::ErrorKind::UnexpectedEof, _) => format_smolstr!("the connection was closed {how_far}"),
        _ => format_smolstr!("the connection broke {how_far}"),
    }
}

/// A time as findings show it: `5 s`, `500 ms`.
fn shown(time: Duration) -> String {
    match time.as_millis() {
        millis if millis >= 1_000 && millis % 1_000 == 0 => format!("{} s", millis / 1_000),
        millis => format!("{millis} ms"),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use ureq::{Error, Timeout};

    use super::{Seen, Times, of, quoted, shown};
    use crate::model::Failure;

    const LIMIT: Duration = Duration::from_secs(5);
    const CONNECT: Duration = Duration::from_secs(2);

    fn io(kind: io::ErrorKind) -> Error {
        Error::Io(kind.into())
    }

    #[test]
    fn errors_are_what_they_mean() {
        let nothing = Seen { connected: true, ..Seen::default() };
        let some = Seen { count: 17, first: b"HTTP/1.1 200 OK\r\n".to_vec(), ..nothing.clone() };
        let cases = [
            (io(io::ErrorKind::ConnectionRefused), &nothing, Failure::Refused),
            (Error::Timeout(Timeout::Global), &nothing, Failure::TimedOut(LIMIT)),
            (Error::Timeout(Timeout::Connect), &nothing, Failure::TimedOut(CONNECT)),
            (Error::HostNotFound, &nothing, Failure::NoAddress("pc2".into())),
            (
                Error::Io(io::Error::other("failed to lookup")),
                &Seen::default(),
                Failure::NoAddress("pc2".into()),
            ),
            (io(io::ErrorKind::UnexpectedEof), &nothing, Failure::Closed("the connection was closed".into())),
            (
                io(io::ErrorKind::ConnectionReset),
                &some,
                Failure::Closed("the connection was reset after 17 bytes of the head".into()),
            ),
            (
                io(io::ErrorKind::HostUnreachable),
                &nothing,
                Failure::Other("the host cannot be reached".into()),
            ),
            (
                Error::Io(io::Error::from_raw_os_error(24)),
                &nothing,
                Failure::Other("Too many open files".into()),
            ),
        ];
        for (error, seen, failure) in cases {
            assert_eq!(
                of(&error, seen, "pc2", Times { limit: LIMIT, connect: CONNECT }),
                failure,
                "{error:?}"
            );
        }
    }

    #[test]
    fn bytes_are_shown_on_one_line() {
        for (bytes, text) in [
            (&b"SSH-2.0-OpenSSH_9.2\r\nmore"[..], "`SSH-2.0-OpenSSH_9.2`"),
            (b"\x00\xff\x1b[31m", "`\\0\u{fffd}\\u{1b}[31m`"),
            (b"{\"a\":'\\'}", "`{\"a\":'\\'}`"),
            (b"", "``"),
            (&[b'a'; 48], "`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`"),
        ] {
            assert_eq!(quoted(bytes), text);
        }
    }

    #[test]
    fn times_are_shown_in_whole_units() {
        for (millis, text) in [(5_000, "5 s"), (300, "300 ms"), (1_500, "1500 ms"), (0, "0 ms")] {
            assert_eq!(shown(Duration::from_millis(millis)), text);
        }
    }
}
