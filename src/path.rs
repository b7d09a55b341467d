//! Display paths: relative to the working directory, with `/`; `.` is the working directory itself.

use std::borrow::Cow;

/// The path below a root that it cannot leave, as Docker reads COPY sources: `/a`, `./a` and `../a` are all `a`.
/// The root itself is `.`.
#[must_use]
pub fn rooted(path: &str) -> String {
    let inside = path.strip_prefix("./").unwrap_or(path).trim_matches('/');
    if is_plain(inside) {
        return inside.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// The path without empty, `.` and `..` parts, as far as its text tells: `../a` and `/a` stay what they are.
#[must_use]
pub fn clean(path: &str) -> String {
    cleaned(path).into_owned()
}

/// Like [`clean`]; a path that is clean, as most are, is not copied.
#[must_use]
pub fn cleaned(path: &str) -> Cow<'_, str> {
    if path == "." || is_plain(path) {
        return Cow::Borrowed(path);
    }
    Cow::Owned(without_dots(path))
}

/// Whether a path surely has no empty, `.` and `..` parts; of one with hidden files that is not told.
pub(crate) fn is_plain(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.first().is_some_and(|first| *first != b'.')
        && memchr::memchr_iter(b'/', bytes)
            .all(|at| bytes.get(at + 1).is_some_and(|next| !matches!(next, b'/' | b'.')))
}

fn without_dots(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    match (parts.is_empty(), absolute) {
        (true, true) => "/".to_owned(),
        (true, false) => ".".to_owned(),
        (false, true) => format!("/{}", parts.join("/")),
        (false, false) => parts.join("/"),
    }
}

/// The path as seen from the root, which `..` does not leave: `a`, `/a` and `/../a` are all `/a`.
#[must_use]
pub fn absolute(path: &str) -> String {
    clean(&format!("/{path}"))
}

/// Where a link in `folder` leads to, as seen from the root, which `..` does not leave.
#[must_use]
pub fn linked(folder: &str, target: &str) -> String {
    if target.starts_with('/') { absolute(target) } else { absolute(&format!("{folder}/{target}")) }
}

/// `path` below `folder`; both clean.
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        (folder, ".") => folder.to_owned(),
        (".", path) => path.to_owned(),
        ("/", path) => format!("/{path}"),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// The folder of a clean path; `None` above the working directory, of `/`, and of paths that end in `..`.
#[must_use]
pub fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        _ if path == "." || path == "/" || path == ".." || path.ends_with("/..") => None,
        Some(("", _)) => Some("/"),
        Some((folder, _)) => Some(folder),
        None => Some("."),
    }
}

/// The last part of a clean path.
#[must_use]
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The part of a clean path below a folder; `.` for the folder itself, `None` when it lies elsewhere.
#[must_use]
pub fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if path == folder {
        return Some(".");
    }
    match folder {
        "." if path.starts_with('/') || path == ".." || path.starts_with("../") => None,
        "." => Some(path),
        "/" => path.strip_prefix('/'),
        folder => path.strip_prefix(folder)?.strip_prefix('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(rooted("../../a/./b/../c//"), "a/c");
        assert_eq!(rooted("/"), ".");
        assert_eq!(clean("../a/../b"), "../b");
        assert_eq!(clean("/../a"), "/a");
        assert_eq!(clean("./"), ".");
        for (path, from_root) in [
            ("", "/"),
            ("/", "/"),
            ("..", "/"),
            ("//a/", "/a"),
            ("./a", "/a"),
            ("/../a", "/a"),
            ("a/../../b", "/b"),
            ("/a/.hidden", "/a/.hidden"),
        ] {
            assert_eq!(absolute(path), from_root, "{path}");
        }
        assert_eq!(
            (parent("a/b"), parent("a"), parent("."), parent("/a")),
            (Some("a"), Some("."), None, Some("/"))
        );
        assert_eq!((parent(".."), parent("../x")), (None, Some("..")));
        assert_eq!((below("a/b", "a"), below("ab", "a"), below("a", "a")), (Some("b"), None, Some(".")));
        assert_eq!(
            (below("../x", "."), below("x/y", "."), below("/a/b", "/")),
            (None, Some("x/y"), Some("a/b"))
        );
        assert_eq!((join(".", "a"), join("a", "."), join("a", "b")), ("a".into(), "a".into(), "a/b".into()));
    }

    #[test]
    fn links_lead_to_places_inside() {
        for (folder, target, expected) in [
            ("/usr/local/cuda", "v.json", "/usr/local/cuda/v.json"),
            ("/usr/local/cuda", "../x/./v.json", "/usr/local/x/v.json"),
            ("/usr/local/cuda", "/opt//cuda/v.json", "/opt/cuda/v.json"),
            ("/", "../../../etc/shadow", "/etc/shadow"),
            ("/", "", "/"),
        ] {
            assert_eq!(linked(folder, target), expected);
        }
    }
}
