//! Volumes, devices, secrets and configs of services: short forms to entries (compose-go: `format.ParseVolume`).

use super::tree;
use crate::syntax::yaml::{Node, Resolved};

/// Writes out one volume.
///
/// # Errors
/// Why it is none.
pub(super) fn volume(item: &mut Node) -> Result<(), String> {
    if item.is_mapping() {
        return Ok(());
    }
    let Some(Resolved::Text(spec)) = tree::resolved(item) else {
        return Err("a volume is a text or a mapping".to_owned());
    };
    let place = item.place.clone();
    let parts = parts(&spec)?;
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, *target, None),
        [source, target] => (Some(*source), *target, None),
        [source, target, options] => (Some(*source), *target, Some(*options)),
        _ => return Err(format!("`{spec}` has too many colons")),
    };
    let text = |text: &str| tree::text(text, &place);
    let is_bind = source.is_some_and(is_path);
    let mut volume = tree::mapping(&place);
    tree::set(&mut volume, "type", text(if is_bind { "bind" } else { "volume" }));
    if let Some(source) = source {
        let mut source = text(source);
        tree::keep_variables(item, &mut source);
        tree::set(&mut volume, "source", source);
    }
    tree::set(&mut volume, "target", text(&clean(target)));
    let mut bind = is_bind.then(|| tree::mapping(&place));
    let mut named = (!is_bind && spec.len() > 2).then(|| tree::mapping(&place));
    for option in options.into_iter().flat_map(|options| options.split(',')) {
        match option {
            "ro" => tree::set(&mut volume, "read_only", tree::plain("true", &place)),
            "rw" => drop(tree::remove(&mut volume, "read_only")),
            "nocopy" => {
                let named = named.get_or_insert_with(|| tree::mapping(&place));
                tree::set(named, "nocopy", tree::plain("true", &place));
            }
            "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
                tree::set(bind.get_or_insert_with(|| tree::mapping(&place)), "propagation", text(option));
            }
            "z" | "Z" => {
                tree::set(bind.get_or_insert_with(|| tree::mapping(&place)), "selinux", text(option));
            }
            _ => {}
        }
    }
    if let Some(bind) = bind {
        tree::set(&mut volume, "bind", bind);
    }
    if let Some(named) = named {
        tree::set(&mut volume, "volume", named);
    }
    tree::keep_variables(item, &mut volume);
    *item = volume;
    Ok(())
}

/// The parts between colons; the one of a Windows drive is none.
fn parts(spec: &str) -> Result<Vec<&str>, String> {
    if spec.is_empty() {
        return Err("the volume is empty".to_owned());
    }
    if spec.len() <= 2 {
        return Ok(vec![spec]);
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in spec.match_indices(':') {
        let part = &spec[start..at];
        let mut characters = part.chars();
        let is_drive = characters.next().is_some_and(char::is_alphabetic)
            && characters.next().is_none()
            && parts.len() < 2;
        if !is_drive {
            parts.push(part);
            start = at + 1;
        }
    }
    parts.push(&spec[start..]);
    match parts.iter().any(|part| part.is_empty()) {
        true => Err(format!("`{spec}` has an empty part between colons")),
        false => Ok(parts),
    }
}

/// Whether the source of a short form is a path and no volume.
fn is_path(source: &str) -> bool {
    let mut characters = source.chars();
    let drive = characters.next().is_some_and(char::is_alphabetic) && characters.next() == Some(':');
    source.starts_with(['.', '/', '~']) || source.starts_with("\\\\") || drive
}

/// A path as Go's `path.Clean` leaves it.
fn clean(path: &str) -> String {
    crate::path::clean(path)
}

/// Writes out one device: `/dev/a:/dev/b:rwm`.
///
/// # Errors
/// Why it is none.
pub(super) fn device(item: &mut Node) -> Result<(), String> {
    if item.is_mapping() {
        return Ok(());
    }
    let Some(Resolved::Text(spec)) = tree::resolved(item) else {
        return Err("a device is a text or a mapping".to_owned());
    };
    let parts: Vec<&str> = spec.split(':').collect();
    let (source, target, permissions) = match parts.as_slice() {
        [source] => (*source, *source, "rwm"),
        [source, second] if is_permissions(second) => (*source, *source, *second),
        [source, target] => (*source, *target, "rwm"),
        [source, target, permissions] => (*source, *target, *permissions),
        _ => return Err(format!("`{spec}` is no device")),
    };
    let text = |text: &str| tree::text(text, &item.place);
    let entries = [("source", text(source)), ("target", text(target)), ("permissions", text(permissions))];
    let mut device = tree::mapping_of(entries, &item.place);
    tree::keep_variables(item, &mut device);
    *item = device;
    Ok(())
}

fn is_permissions(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'r' | b'w' | b'm'))
}

/// Writes out one secret or config of a service; a secret has a place of its own.
pub(super) fn file(item: &mut Node, is_secret: bool) {
    if let Some(Resolved::Text(source)) = tree::resolved(item) {
        let source = tree::text(source, &item.place);
        let mut file = tree::mapping_of([("source", source)], &item.place);
        tree::keep_variables(item, &mut file);
        *item = file;
    }
    let source = item.get("source").and_then(Node::text);
    if is_secret && item.is_mapping() && item.get("target").is_none() {
        let target = tree::text(format!("/run/secrets/{}", source.unwrap_or_default()), &item.place);
        tree::set(item, "target", target);
    }
}

#[cfg(test)]
mod tests {
    use super::{is_path, parts};

    #[test]
    fn short_volumes_part_at_colons() {
        for (spec, want) in [
            ("/data", Some(&["/data"][..])),
            ("./a:/b", Some(&["./a", "/b"])),
            ("db:/var/lib/db:ro,z", Some(&["db", "/var/lib/db", "ro,z"])),
            ("c:\\x:/y", Some(&["c:\\x", "/y"])),
            ("\\\\.\\pipe\\p:\\\\.\\pipe\\p", Some(&["\\\\.\\pipe\\p", "\\\\.\\pipe\\p"])),
            ("a:", Some(&["a:"])),
            (":/a", None),
            ("/a::ro", None),
            ("", None),
        ] {
            assert_eq!(parts(spec).ok().as_deref(), want, "{spec}");
        }
    }

    #[test]
    fn paths_start_like_paths() {
        for (source, want) in
            [("./a", true), ("~/a", true), ("/a", true), ("c:\\a", true), ("db", false), ("a/b", false)]
        {
            assert_eq!(is_path(source), want, "{source}");
        }
    }
}
