//! `image-empty-password`: no account of the image has an empty password.

use super::shipped::{files, named};
use crate::finding::Findings;
use crate::model::BuiltImage;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    let Some(files) = files(image, "whether an account has an empty password", out) else { return };
    let users = files.users.as_deref().unwrap_or_default();
    let open: Vec<&str> =
        users.iter().filter(|row| row.empty_password).map(|row| row.name.as_str()).collect();
    // A row of shadow without an account is nobody's, unless there is no list of accounts at all.
    let is_account = |name: &str| files.users.is_none() || users.iter().any(|row| row.name == name);
    let shadow: Vec<&str> = files
        .empty_passwords
        .iter()
        .map(smol_str::SmolStr::as_str)
        .filter(|name| is_account(name) && !open.contains(name))
        .collect();
    for (path, names) in [("/etc/passwd", open), ("/etc/shadow", shadow)] {
        if names.is_empty() {
            continue;
        }
        let place = files.resolve(path).map_or(&image.place, |file| image.layer_place(file.layer));
        let what = if names.len() == 1 { "an empty password" } else { "empty passwords" };
        let names = named(names.into_iter());
        out.add(place, format!("`{path}` gives {names} {what}: whoever reaches a login is let in"))
            .help("lock them: `RUN passwd -l NAME`, or `usermod -p '*' NAME`");
    }
}
