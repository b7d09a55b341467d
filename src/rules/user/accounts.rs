//! Whether the accounts that a `USER` names exist.

use crate::model::{ChainEnd, Container, Layer, User};

/// The first name of a `USER` that surely no account of the chain has: the user, or its group.
pub(super) fn missing_account(user: &User, container: &Container) -> Option<(&'static str, String)> {
    if is_missing(&user.name, false, container) {
        return Some(("user", user.name.to_string()));
    }
    let group = user.group.as_ref().filter(|group| is_missing(group, true, container))?;
    Some(("group", group.to_string()))
}

fn is_missing(name: &str, is_group: bool, container: &Container) -> bool {
    let number = name.bytes().all(|byte| byte.is_ascii_digit());
    let unread = matches!(container.end, ChainEnd::Unknown { .. });
    let known = || {
        container.account(name, is_group).is_some() || (is_group && container.account(name, false).is_some())
    };
    !number && !unread && !known() && !container.layers.iter().any(|layer| may_create(layer, name))
}

/// Whether a layer may bring an account in a way that cannot be followed: it runs a script, copies an account file or a
/// whole tree, or installs a package that makes an account of its own (`postgresql` makes `postgres`).
fn may_create(layer: &Layer, name: &str) -> bool {
    let replaces = |path: &str| matches!(path, "/" | "/etc" | "/etc/passwd" | "/etc/group" | "");
    let makes = |package: &str| {
        let package = package.rsplit('/').next().unwrap_or(package);
        package.len() > 2 && name.len() > 2 && (package.contains(name) || name.contains(package))
    };
    layer.opaque.is_some()
        || layer.files.iter().any(|file| replaces(&file.value.path))
        || layer.provides.iter().any(|said| !said.value.starts_with("pip:") && makes(&said.value))
}
