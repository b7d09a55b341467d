//! `image-account-duplicate`: no two accounts and no two groups of the image have the same number.

use std::collections::BTreeMap;

use super::shipped::{files, named};
use crate::finding::Findings;
use crate::model::BuiltImage;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) use crate::rules::always as planned;

/// The number of nobody: `nobody` and `nogroup` are two names of the same nothing.
const NOBODY: u32 = 65534;
/// Findings for each file.
const MAX_FINDINGS: usize = 20;

fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    let Some(files) = files(image, "whether accounts share a number", out) else { return };
    let users = files.users.iter().flatten().map(|row| (row.uid, row.name.as_str()));
    let groups = files.groups.iter().flatten().map(|row| (row.gid, row.name.as_str()));
    for (path, kind, shared) in
        [("/etc/passwd", "uid", shared(users)), ("/etc/group", "gid", shared(groups))]
    {
        let place = files.resolve(path).map_or(&image.place, |file| image.layer_place(file.layer));
        for (id, names) in shared.into_iter().take(MAX_FINDINGS) {
            let message = format!("{} have the {kind} {id} in common", named(names.into_iter()));
            let finding = out.add(place, message);
            finding.help(match (kind, id) {
                ("uid", 0) => "whoever has the uid 0 is root, whatever the name: take the other accounts away",
                _ => "give each a number of its own: files and processes know numbers only",
            });
        }
    }
}

/// Numbers with more than one name; a row that stands twice is one.
fn shared<'n>(rows: impl Iterator<Item = (u32, &'n str)>) -> BTreeMap<u32, Vec<&'n str>> {
    let mut found: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (id, name) in rows.filter(|(id, _)| *id != NOBODY) {
        let names = found.entry(id).or_default();
        // Of a number that very many share, some are enough.
        if names.len() < 100 && !names.contains(&name) {
            names.push(name);
        }
    }
    found.retain(|_, names| names.len() > 1);
    found
}
