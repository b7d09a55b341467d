//! Addresses in health commands: `http://localhost:${PORT}/health`, `localhost:8000/health`, `:50051`.

use smol_str::SmolStr;

use crate::model::{Probe, Unknown, Value};

/// The request of a URL; `None` when it is no HTTP URL. Without a scheme HTTP is meant, as curl and wget do.
pub(super) fn request(text: &str, tool: &str) -> Option<Probe> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '$', '{', '?']) => {
            (Some(scheme.to_ascii_lowercase()), rest)
        }
        _ => (None, text),
    };
    let default_port = match scheme.as_deref() {
        None | Some("http") => "80",
        Some("https") => "443",
        Some(_) => return None,
    };
    let (authority, path) = rest.split_at(find(rest, &['/', '?', '#']).unwrap_or(rest.len()));
    if authority.is_empty() {
        return None;
    }
    let path = &path[..find(path, &['?', '#']).unwrap_or(path.len())];
    let (host, port) = host_and_port(authority);
    let host = value(host);
    let port = match port {
        Some(port) => port_value(port),
        // A variable may hold the port as well.
        None if host.unknown.is_some() => Value { text: host.text.clone(), unknown: host.unknown.clone() },
        None => Value::known(default_port),
    };
    let path = match path {
        "" if host.unknown.is_some() && scheme.is_none() => host.clone(),
        "" => Value::known("/"),
        path => value(path),
    };
    Some(Probe { host, port, path, tool: tool.into() })
}

/// A bare TCP check.
pub(super) fn connect(host: &str, port: &str, tool: &str) -> Probe {
    Probe { host: value(host), port: port_value(port), path: Value::known(""), tool: tool.into() }
}

/// Host and port of `user@host:port`, `[::1]:80`, `:50051`.
pub(super) fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    let mut rest = authority;
    while let Some(at) = find(rest, &['@']) {
        rest = &rest[at + 1..];
    }
    if let Some(inner) = rest.strip_prefix('[')
        && let Some((host, behind)) = inner.split_once(']')
    {
        return (host, behind.strip_prefix(':'));
    }
    match find(rest, &[':']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    }
}

/// The first of some characters outside of `${…}`, `$(…)`, backticks and `{…}`.
fn find(text: &str, wanted: &[char]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut ticks = false;
    for (at, character) in text.char_indices() {
        match character {
            '`' => ticks = !ticks,
            '{' => depth += 1,
            '(' if depth > 0 || text[..at].ends_with('$') => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && !ticks && wanted.contains(&character) => return Some(at),
            _ => {}
        }
    }
    None
}

fn port_value(text: &str) -> Value {
    let mut port = value(text);
    if port.unknown.is_none() && (text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit())) {
        let what = if text.is_empty() { "the port" } else { text };
        port.unknown = Some(Unknown::Dynamic(what.into()));
    }
    port
}

/// A part of an address; uncertain when something in it is still to be expanded.
pub(super) fn value(text: &str) -> Value {
    let unknown = text.find(['$', '{', '`']).map(|at| why(&text[at..]));
    Value { text: text.into(), unknown }
}

/// Which variable an expansion reads: of a shell, of an f-string (`{os.environ["PORT"]}`) or of a template literal
/// (`${process.env.PORT}`).
fn why(text: &str) -> Unknown {
    let inner = text.trim_start_matches('$').trim_start_matches('{');
    let name = |text: &str| {
        let end = text.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_')).unwrap_or(text.len());
        SmolStr::new(&text[..end])
    };
    let quoted = inner.find(['\'', '"']).map(|at| name(&inner[at + 1..])).filter(|name| !name.is_empty());
    if text.starts_with('{') {
        return quoted.map_or_else(|| Unknown::Dynamic(text.into()), Unknown::Variable);
    }
    let plain = inner.strip_prefix("process.env.").unwrap_or(inner);
    match name(plain) {
        name if name.is_empty() || text.starts_with("$(") => Unknown::Dynamic(text.into()),
        name => Unknown::Variable(name),
    }
}
