//! `image-setuid`: no program of the image runs as somebody else than who starts it.

use super::shipped::{files, named};
use crate::finding::{Findings, Severity};
use crate::model::{BuiltImage, ImageFile, Interest};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Layers that are shown.
const LAYERS: usize = 3;
/// Programs that the usual distributions bring: the others are named first.
const USUAL: [&str; 18] = [
    "bbsuid",
    "chage",
    "chfn",
    "chsh",
    "dotlockfile",
    "expiry",
    "gpasswd",
    "mount",
    "newgrp",
    "pam_timestamp_check",
    "passwd",
    "ssh-agent",
    "su",
    "umount",
    "unix_chkpwd",
    "utempter",
    "wall",
    "write",
];

fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    let Some(files) = files(image, "which programs run as somebody else", out) else { return };
    let mut found: Vec<&ImageFile> =
        files.files.values().filter(|file| file.interest == Interest::SetId).collect();
    if found.is_empty() {
        return;
    }
    found.sort_by_key(|file| is_usual(file));
    let paths = named(found.iter().map(|file| file.path.as_str()));
    let message = match found.len() {
        1 => format!("{paths} has a set-id bit: it runs as its owner or group, whoever starts it"),
        count => {
            format!("{count} files have a set-id bit and run as their owner or group, whoever starts them: {paths}")
        }
    };
    let help = "take the bits away in the last RUN that is root: `find / -xdev -type f -perm /6000 -exec chmod a-s {} +`";
    let finding = out.add(&image.place, message).help(help);
    // Each image of a usual distribution has these: a hint, not a fault that somebody made.
    if found.iter().all(|file| is_usual(file)) {
        finding.severity(Severity::Note);
    }
    let mut layers: Vec<usize> = found.iter().map(|file| file.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    // The higher a layer is, the less it is the base's.
    for layer in layers.into_iter().rev().take(LAYERS) {
        let count = found.iter().filter(|file| file.layer == layer).count();
        finding.related(image.layer_place(layer), format!("{count} of them"));
    }
}

fn is_usual(file: &ImageFile) -> bool {
    let is_of_system = ["/bin/", "/sbin/", "/usr/"].iter().any(|folder| file.path.starts_with(folder));
    let name = file.path.rsplit('/').next().unwrap_or_default();
    is_of_system && !file.path.starts_with("/usr/local/") && USUAL.contains(&name)
}
