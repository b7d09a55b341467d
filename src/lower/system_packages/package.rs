//! One package as a package manager's command line names it: name, version, local file.

use smol_str::SmolStr;

use super::super::words::Field;
use crate::model::{PackageManager, SystemPackage, Unknown};
use crate::source::Place;

/// Reads one operand; `None` when it asks for nothing to be installed (`name-` of apt, `!name` of apk).
pub(super) fn read(
    manager: PackageManager,
    field: &Field,
    shared_version: Option<&Field>,
    place: Place,
) -> Option<SystemPackage> {
    let text = field.text.as_str();
    let mut unknown = field.unknown.clone();
    let local = is_local(manager, text);
    let (name, version) = match manager {
        _ if local => (text, None),
        PackageManager::Apt => apt(text)?,
        PackageManager::Apk if text.starts_with('!') => return None,
        PackageManager::Apk => compared(text),
        PackageManager::Zypper => compared(text),
        PackageManager::Dnf | PackageManager::Yum | PackageManager::Microdnf => dnf(text),
        PackageManager::Npm => npm(text),
        PackageManager::Gem => gem(text),
    };
    let mut version = version.map(SmolStr::new);
    if let Some(shared) = shared_version {
        version.get_or_insert_with(|| shared.text.clone());
        unknown = unknown.or_else(|| shared.unknown.clone());
    }
    // A pattern stands for packages that only the archive knows.
    if unknown.is_none() && !local && name.contains(['*', '?']) {
        unknown = Some(Unknown::Dynamic(name.into()));
    }
    Some(SystemPackage { name: name.into(), version, unknown, local, place })
}

fn is_local(manager: PackageManager, text: &str) -> bool {
    let endings: &[&str] = match manager {
        PackageManager::Apt => &[".deb"],
        PackageManager::Apk => &[".apk"],
        PackageManager::Npm => &[".tgz", ".tar.gz"],
        PackageManager::Gem => &[".gem"],
        _ => &[".rpm"],
    };
    text.starts_with(['/', '.'])
        || text.contains("://")
        || endings.iter().any(|ending| text.ends_with(ending))
}

/// `name[:arch][=version | /release][+]`; a `-` at the end takes the package away.
fn apt(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some((name, version)) = text.split_once('=') {
        return Some((without_arch(name), Some(version)));
    }
    if text.ends_with('-') {
        return None;
    }
    let name = text.split_once('/').map_or(text, |(name, _)| name);
    // `g++` and `libstdc++` are names; `curl+` asks for `curl`.
    let name = name.strip_suffix('+').filter(|name| !name.ends_with('+')).unwrap_or(name);
    Some((without_arch(name), None))
}

fn without_arch(name: &str) -> &str {
    match name.split_once(':') {
        Some((name, arch)) if !arch.contains(['$', '{']) && !name.contains("${") => name,
        _ => name,
    }
}

/// `name`, `name=1`, `name~=1`, `name>1`, `name@tag`. The operator `=` is not part of the version, the others are.
fn compared(text: &str) -> (&str, Option<&str>) {
    let Some(at) = text.find(['=', '<', '>', '~']) else {
        return (text.split_once('@').map_or(text, |(name, _)| name), None);
    };
    let (name, version) = text.split_at(at);
    let version = match version.strip_prefix('=') {
        Some(plain) if !plain.starts_with(['~', '=']) => plain,
        _ => version,
    };
    (name.split_once('@').map_or(name, |(name, _)| name), Some(version))
}

/// `name-version[-release][.arch]`. A name may hold digits and dashes itself (`java-11-openjdk`, `cuda-toolkit-12-1`), so
/// only a last part that starts with a digit and holds a dot is taken for a version.
fn dnf(text: &str) -> (&str, Option<&str>) {
    let starts_with_digit = |part: &str| part.starts_with(|first: char| first.is_ascii_digit());
    let is_version =
        |part: &str| (starts_with_digit(part) && part.contains(['.', ':'])) || part.starts_with('$');
    let Some((head, last)) = text.rsplit_once('-').filter(|(_, last)| is_version(last)) else {
        return (text, None);
    };
    match head.rsplit_once('-') {
        Some((name, version)) if starts_with_digit(version) && !last.starts_with('$') => {
            (name, Some(&text[name.len() + 1..]))
        }
        _ => (head, Some(last)),
    }
}

/// `name@version`, `@scope/name@version`. A tag such as `latest` is no version.
fn npm(text: &str) -> (&str, Option<&str>) {
    let from = usize::from(text.starts_with('@'));
    match text[from..].rfind('@') {
        Some(at) => {
            let (name, version) = (&text[..from + at], &text[from + at + 1..]);
            (
                name,
                Some(version)
                    .filter(|version| version.contains(|byte: char| byte.is_ascii_digit() || byte == '$')),
            )
        }
        None => (text, None),
    }
}

/// `name:version`.
fn gem(text: &str) -> (&str, Option<&str>) {
    match text.split_once(':') {
        Some((name, version)) => (name, Some(version)),
        None => (text, None),
    }
}
