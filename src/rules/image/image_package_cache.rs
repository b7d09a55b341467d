//! `image-package-cache`: the image ships no cache of a package manager.

use super::amounts::size_text;
use super::shipped::{by_layer, files};
use crate::finding::Findings;
use crate::model::{BuiltImage, Interest};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Bytes of a folder that are worth a word: what an emptied cache leaves behind stays far below.
const WORTH: u64 = 1 << 20;

fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    let Some(files) = files(image, "whether it ships caches of package managers", out) else { return };
    for ((layer, seen), folders) in by_layer(files, Interest::PackageCache) {
        for folder in folders.iter().filter(|folder| folder.size > WORTH) {
            let (size, path) = (size_text(folder.size), &folder.path);
            let later = if seen { "" } else { ", though a later layer takes it away: it is fetched all the same" };
            out.add(image.layer_place(layer), format!("this layer ships {size} of cache in `{path}`{later}"))
                .help("mount the cache with `RUN --mount=type=cache`, or delete it in the same RUN");
        }
    }
}
