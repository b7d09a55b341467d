//! Whether the accounts that a `USER` names exist.

use crate::model::{BuiltImage, ChainEnd, Container, Layer, User};
use crate::syntax::yaml::Node;

/// Accounts and groups that the common distributions bring, whatever their numbers are.
const STANDARD: &[&str] = &[
    "root",
    "daemon",
    "bin",
    "sys",
    "sync",
    "adm",
    "tty",
    "disk",
    "lp",
    "mail",
    "news",
    "uucp",
    "man",
    "proxy",
    "kmem",
    "dialout",
    "fax",
    "voice",
    "cdrom",
    "floppy",
    "tape",
    "sudo",
    "wheel",
    "audio",
    "video",
    "www-data",
    "backup",
    "operator",
    "list",
    "irc",
    "src",
    "gnats",
    "shadow",
    "utmp",
    "sasl",
    "plugdev",
    "staff",
    "games",
    "users",
    "nobody",
    "nogroup",
    "_apt",
    "messagebus",
    "ftp",
    "http",
    "guest",
    "cron",
    "at",
    "sshd",
    "xfs",
    "squid",
    "ntp",
    "smmsp",
    "shutdown",
    "halt",
    "postmaster",
    "cyrus",
    "vpopmail",
    "systemd-network",
    "systemd-resolve",
    "systemd-timesync",
    "systemd-bus-proxy",
    "dbus",
    "input",
    "render",
    "kvm",
    "lock",
    "ping",
    "netdev",
    "readproc",
    "abuild",
];

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
    // `postgres` in the image `postgres`.
    let standard = match &container.end {
        ChainEnd::WellKnown { base, .. } => STANDARD.contains(&name) || base.repository.ends_with(name),
        _ => false,
    };
    !number
        && !unread
        && !standard
        && !known()
        && !container.layers.iter().any(|layer| may_create(layer, name))
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

/// The first name of a `USER` that no row of the image's accounts has: the user, or its group. `None` as well when the
/// layers were not read to their end.
pub(super) fn missing_in_image(image: &BuiltImage) -> Option<(&'static str, String)> {
    let said = image.tree.at(&["image", "config", "User"]).and_then(Node::text)?;
    let files = image.files.read().filter(|files| files.truncated.is_none())?;
    let (name, group) = said.split_once(':').unwrap_or((said, ""));
    // Engines know `root` without a file.
    let is_named = |name: &str| !matches!(name, "" | "root") && name.parse::<u32>().is_err();
    let users = files.users.as_deref().unwrap_or_default();
    if is_named(name) && users.iter().all(|row| row.name != name) {
        return Some(("user", name.to_owned()));
    }
    let groups = files.groups.as_deref().unwrap_or_default();
    let is_missing = is_named(group) && groups.iter().all(|row| row.name != group);
    is_missing.then(|| ("group", group.to_owned()))
}
