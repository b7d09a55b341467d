//! Addresses and imports in the program texts of `python -c` and `node -e`, found by their literals.

use smol_str::SmolStr;

use super::{Call, url};
use crate::model::{Probe, Unknown, Value};

/// Programs longer than this are not looked at, in bytes.
const MAX_CODE: usize = 1 << 16;
/// Literals of one program that are looked at.
const MAX_LITERALS: usize = 256;
/// Python packages that ask and that Python does not bring.
const MODULES: [&str; 5] = ["requests", "httpx", "aiohttp", "urllib3", "pycurl"];

/// Whether the program is some version of Python.
pub(super) fn is_python(name: &str) -> bool {
    let version = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"));
    version.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// The program text of a call, and the arguments behind it.
pub(super) fn of<'a>(call: &'a Call<'_>, language: &str) -> Option<(&'a str, &'a [SmolStr])> {
    let is_flag = |word: &str| match language {
        "python" => word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'),
        _ => matches!(word, "-e" | "--eval" | "-p" | "-pe" | "--print" | "eval"),
    };
    let at = call.arguments.iter().position(|word| is_flag(word))?;
    let (text, rest) = call.arguments[at + 1..].split_first()?;
    (text.len() <= MAX_CODE).then_some((text.as_str(), rest))
}

/// A string literal of the program.
struct Literal<'a> {
    text: &'a str,
    /// What follows its closing quote, blanks skipped.
    behind: &'a str,
    /// What stands before its opening quote.
    before: &'a str,
}

/// The string literals in order; a quote in a comment ends the rest at worst.
fn literals(code: &str) -> Vec<Literal<'_>> {
    let bytes = code.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() && out.len() < MAX_LITERALS {
        let quote = bytes[at];
        at += 1;
        if !matches!(quote, b'\'' | b'"' | b'`') {
            continue;
        }
        let start = at;
        while at < bytes.len() && bytes[at] != quote {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        let end = at.min(bytes.len());
        at = end + 1;
        let behind = code.get(at..).unwrap_or_default().trim_start();
        if let (Some(text), Some(before)) = (code.get(start..end), code.get(..start - 1)) {
            out.push(Literal { text, behind, before });
        }
    }
    out
}

/// The requests that the program seems to make.
pub(super) fn probes(code: &str, tool: &str) -> Vec<Probe> {
    let literals = literals(code);
    let path = literals.iter().find(|it| it.text.starts_with('/')).map(|it| it.text);
    let speaks_http = ["HTTPConnection", "HTTPSConnection", "http.request", "http.get", "require(", "path:"]
        .iter()
        .any(|word| code.contains(word));
    let mut out = Vec::new();
    for literal in &literals {
        let scheme = literal.text.split_once("://").map(|(scheme, _)| scheme);
        if matches!(scheme, Some("http" | "https")) {
            out.extend(from_url(literal, tool));
        } else if scheme.is_none() && is_local(url::host_and_port(literal.text).0) {
            out.extend(from_host(literal, path.filter(|_| speaks_http), tool));
        }
    }
    if out.is_empty() && speaks_http {
        out.extend(from_options(code, path, tool));
    }
    out
}

fn from_url(literal: &Literal<'_>, tool: &str) -> Option<Probe> {
    let mut probe = url::request(literal.text, tool)?;
    // The address goes on with something that is not written here.
    if literal.behind.starts_with(['+', '%']) {
        let unknown = || Some(Unknown::Dynamic(literal.text.into()));
        let authority = literal.text.split_once("://").map_or("", |(_, rest)| rest);
        if !authority.contains('/') {
            probe.port.unknown = probe.port.unknown.take().or_else(unknown);
        }
        probe.path.unknown = probe.path.unknown.take().or_else(unknown);
    }
    Some(probe)
}

/// `('localhost', 8000)`, `HTTPConnection('localhost:8000')`.
fn from_host(literal: &Literal<'_>, path: Option<&str>, tool: &str) -> Option<Probe> {
    let (host, port) = url::host_and_port(literal.text);
    let mut probe = match (port, literal.behind.strip_prefix(',').map(str::trim_start)) {
        (Some(port), _) => url::connect(host, port, tool),
        (None, Some(next)) => match number(next) {
            Some(port) => url::connect(host, port, tool),
            None if next.contains("port:") => {
                url::connect(host, &option_port(next).unwrap_or_default(), tool)
            }
            None => url::connect(host, &dynamic(next), tool),
        },
        (None, None) if literal.before.contains("HTTPConnection") => url::connect(host, "80", tool),
        (None, None) => return None,
    };
    if let Some(path) = path {
        probe.path = url::value(path);
    }
    Some(probe)
}

/// `http.get({port: 3000, path: '/health'})`: the host is the local one by default.
fn from_options(code: &str, path: Option<&str>, tool: &str) -> Option<Probe> {
    let mut probe = url::connect("localhost", &option_port(code)?, tool);
    probe.path = path.map_or_else(|| Value::known("/"), url::value);
    Some(probe)
}

/// The value of `port:` in an object.
fn option_port(code: &str) -> Option<String> {
    let (_, next) = code.split_once("port:")?;
    let next = next.trim_start();
    let port = number(next.trim_start_matches(['\'', '"']));
    Some(port.map_or_else(|| dynamic(next.split('}').next().unwrap_or(next)), str::to_owned))
}

/// An expression, as a part that is still to be evaluated.
fn dynamic(text: &str) -> String {
    let end = text.find(['\n', ';', ',']).unwrap_or(text.len());
    format!("{{{}}}", text[..end].trim_end_matches(')'))
}

/// The digits at the start of a text, when there are some.
fn number(text: &str) -> Option<&str> {
    let end = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "0.0.0.0" | "::1" | "ip6-localhost")
        || host.starts_with("127.") && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Packages that the Python program imports and that Python does not bring.
pub(super) fn modules(code: &str) -> Vec<&'static str> {
    MODULES.into_iter().filter(|module| imports(code, module)).collect()
}

fn imports(code: &str, module: &str) -> bool {
    let is_name = |it: char| it.is_alphanumeric() || it == '_';
    code.match_indices(module).any(|(at, _)| {
        let before = code[..at].trim_end_matches(['\'', '"', '(']);
        let whole = !before.ends_with(|it| is_name(it) || it == '.')
            && !code[at + module.len()..].starts_with(is_name);
        let statement = before.rsplit(['\n', ';']).next().unwrap_or(before).trim_start();
        let imported = statement == "from "
            || before.ends_with("__import__")
            || statement.strip_prefix("import ").is_some_and(|names| !names.contains(['(', ':']));
        imported && (whole || before.ends_with("__import__"))
    })
}
