//! Programs that ask: curl, wget, netcat, the gRPC probe, and bash's `/dev/tcp`.

use smol_str::SmolStr;

use super::{Call, url};
use crate::model::Probe;

/// What a curl call does.
pub(super) struct Curl {
    pub(super) probes: Vec<Probe>,
    /// Whether an error status is a failure, or the caller asks for the status.
    pub(super) fails: bool,
}

/// Options of a program that take a value: letters, and long names without `--`.
struct Valued {
    short: &'static str,
    long: &'static [&'static str],
}

const CURL: Valued = Valued {
    short: "AbcCdDeEFhHKmoPQrtTuUwxXyYz",
    long: &[
        "abstract-unix-socket",
        "cacert",
        "capath",
        "cert",
        "cert-type",
        "ciphers",
        "config",
        "connect-timeout",
        "connect-to",
        "cookie",
        "cookie-jar",
        "data",
        "data-ascii",
        "data-binary",
        "data-raw",
        "data-urlencode",
        "dns-servers",
        "doh-url",
        "dump-header",
        "form",
        "form-string",
        "header",
        "interface",
        "json",
        "keepalive-time",
        "key",
        "key-type",
        "limit-rate",
        "local-port",
        "max-filesize",
        "max-redirs",
        "max-time",
        "noproxy",
        "oauth2-bearer",
        "output",
        "output-dir",
        "pass",
        "proto",
        "proto-default",
        "proto-redir",
        "proxy",
        "proxy-user",
        "range",
        "referer",
        "request",
        "request-target",
        "resolve",
        "retry",
        "retry-delay",
        "retry-max-time",
        "speed-limit",
        "speed-time",
        "stderr",
        "tls-max",
        "trace",
        "trace-ascii",
        "unix-socket",
        "upload-file",
        "url",
        "url-query",
        "user",
        "user-agent",
        "variable",
        "write-out",
    ],
};

const WGET: Valued = Valued {
    short: "aeioOtTwQPUlARDIXB",
    long: &[
        "append-output",
        "base",
        "bind-address",
        "body-data",
        "body-file",
        "ca-certificate",
        "certificate",
        "connect-timeout",
        "directory-prefix",
        "dns-timeout",
        "execute",
        "header",
        "http-password",
        "http-user",
        "input-file",
        "level",
        "limit-rate",
        "max-redirect",
        "method",
        "output-document",
        "output-file",
        "password",
        "post-data",
        "post-file",
        "private-key",
        "quota",
        "read-timeout",
        "referer",
        "secure-protocol",
        "timeout",
        "tries",
        "user",
        "user-agent",
        "wait",
        "waitretry",
    ],
};

const NETCAT: Valued = Valued { short: "wipsxXqTeGgIOPM", long: &["wait", "source", "source-port", "proxy"] };

/// One argument, read.
enum Argument<'a> {
    /// An option, without its dashes, and its value.
    Long(&'a str, Option<&'a str>),
    /// A letter; its value is skipped.
    Short(char),
    /// No option.
    Operand(&'a str),
}

/// Splits arguments into options with their values and operands, as `getopt_long` does.
fn arguments<'a>(words: &'a [SmolStr], valued: &Valued) -> Vec<Argument<'a>> {
    let mut out = Vec::new();
    let mut words = words.iter();
    let mut ended = false;
    while let Some(word) = words.next() {
        let word = word.as_str();
        if ended || word.len() < 2 || !word.starts_with('-') {
            out.push(Argument::Operand(word));
        } else if word == "--" {
            ended = true;
        } else if let Some(long) = word.strip_prefix("--") {
            out.push(match long.split_once('=') {
                Some((name, value)) => Argument::Long(name, Some(value)),
                None if valued.long.contains(&long) => {
                    Argument::Long(long, words.next().map(SmolStr::as_str))
                }
                None => Argument::Long(long, None),
            });
        } else {
            let letters = &word[1..];
            for (at, letter) in letters.char_indices() {
                if !valued.short.contains(letter) {
                    out.push(Argument::Short(letter));
                    continue;
                }
                let rest = &letters[at + letter.len_utf8()..];
                if rest.is_empty() {
                    words.next();
                }
                out.push(Argument::Short(letter));
                break;
            }
        }
    }
    out
}

pub(super) fn curl(call: &Call<'_>) -> Curl {
    let mut out = Curl { probes: Vec::new(), fails: false };
    let mut socket = false;
    for argument in arguments(&call.arguments, &CURL) {
        match argument {
            Argument::Operand(text) | Argument::Long("url", Some(text)) => {
                out.probes.extend(url::request(text, "curl"));
            }
            Argument::Short('f' | 'w') | Argument::Long("fail" | "fail-with-body" | "write-out", _) => {
                out.fails = true;
            }
            Argument::Long("unix-socket" | "abstract-unix-socket", _) => socket = true,
            _ => {}
        }
    }
    if socket {
        out.probes.clear();
    }
    out
}

pub(super) fn wget(call: &Call<'_>) -> Vec<Probe> {
    let operand = |argument| match argument {
        Argument::Operand(text) => url::request(text, "wget"),
        _ => None,
    };
    arguments(&call.arguments, &WGET).into_iter().filter_map(operand).collect()
}

pub(super) fn netcat(call: &Call<'_>) -> Option<Probe> {
    let mut operands =
        arguments(&call.arguments, &NETCAT).into_iter().filter_map(|argument| match argument {
            Argument::Operand(text) => Some(text),
            _ => None,
        });
    let (host, port) = (operands.next()?, operands.next()?);
    Some(url::connect(host, port, "nc"))
}

/// `grpc_health_probe -addr=localhost:50051`: Go flags, one dash or two.
pub(super) fn grpc(call: &Call<'_>) -> Option<Probe> {
    let mut words = call.arguments.iter();
    while let Some(word) = words.next() {
        let Some(flag) = word.trim_start_matches('-').strip_prefix("addr").filter(|_| word.starts_with('-'))
        else {
            continue;
        };
        let address = match flag.strip_prefix('=') {
            Some(address) => address,
            None => words.next()?.as_str(),
        };
        let (host, port) = url::host_and_port(address);
        let host = if host.is_empty() { "localhost" } else { host };
        return Some(url::connect(host, port?, "grpc_health_probe"));
    }
    None
}

/// `/dev/tcp/localhost/8000`, a redirection of bash.
pub(super) fn dev_tcp(target: &str) -> Option<Probe> {
    let (host, port) = target.strip_prefix("/dev/tcp/")?.split_once('/')?;
    Some(url::connect(host, port, "bash"))
}
