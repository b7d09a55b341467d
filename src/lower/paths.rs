//! Paths inside an image: text in, text out, no file system.

use smol_str::SmolStr;

use super::context::path::is_plain;

/// `path` seen from the folder `base`, with `.` and `..` resolved; an absolute path stands for itself.
pub(super) fn join(base: &str, path: &str) -> SmolStr {
    if is_resolved(path) {
        return path.into();
    }
    let mut parts: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { base };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let mut joined = String::with_capacity(base.len() + path.len() + 1);
    for part in parts {
        joined.push('/');
        joined.push_str(part);
    }
    if joined.is_empty() { "/".into() } else { joined.into() }
}

/// Whether a path is absolute and surely has no `.`, `..` and empty parts.
pub(super) fn is_resolved(path: &str) -> bool {
    path.starts_with('/') && is_plain(path)
}

/// The folder that holds an absolute path.
pub(super) fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((folder, _)) => folder,
    }
}

/// The last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.bytes().rposition(|byte| byte == b'/').map_or(path, |at| &path[at + 1..])
}

/// Whether `path` is `folder` or lies in it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved() {
        for (base, path, joined) in [
            ("/app", "r.txt", "/app/r.txt"),
            ("/app", "../x//./y", "/x/y"),
            ("/app", "/z/", "/z"),
            ("/", "../..", "/"),
            ("/a/", "", "/a"),
        ] {
            assert_eq!(join(base, path), joined, "{base} {path}");
        }
        assert_eq!(parent("/a/b"), "/a");
        assert_eq!(parent("/a"), "/");
        assert_eq!(base_name("/usr/bin/"), "bin");
        assert!(is_within("/root/.cache/pip", "/root/.cache/"));
        assert!(!is_within("/root/.cachex", "/root/.cache"));
        assert!(is_within("/a", "/"));
    }
}
