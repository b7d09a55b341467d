//! `image-vcs`: the image ships no repository of version control.

use super::amounts::size_text;
use super::shipped::{by_layer, files, named};
use crate::finding::Findings;
use crate::model::{BuiltImage, Interest};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    let Some(files) = files(image, "whether it ships a repository of version control", out) else { return };
    for ((layer, seen), folders) in by_layer(files, Interest::VersionControl) {
        // Of a repository that is still seen, files that a later layer writes anew are no further one.
        let is_told = |path: &str| !seen && files.files.contains_key(path);
        let folders: Vec<_> = folders.into_iter().filter(|folder| !is_told(&folder.path)).collect();
        if folders.is_empty() {
            continue;
        }
        let size = size_text(folders.iter().map(|folder| folder.size).fold(0, u64::saturating_add));
        let what = if folders.len() == 1 { "the repository" } else { "the repositories" };
        let paths = named(folders.iter().map(|folder| folder.path.as_str()));
        let later = if seen { "" } else { ", though a later layer takes it away" };
        out.add(image.layer_place(layer), format!("this layer ships {what} {paths} ({size}){later}"))
            .help("name it in `.dockerignore`; of a clone in a RUN, delete it in the same RUN");
    }
}
