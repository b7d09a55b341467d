//! What rules over the files of an image share: the files when they were read, and lists of paths.

use std::collections::BTreeMap;

use crate::finding::Findings;
use crate::model::{BuiltImage, Contents, ImageFile, ImageFiles, Interest};
use crate::rules::images::cannot_tell;

/// Paths and names that a message shows.
const SHOWN: usize = 5;

/// The files of the layers. When they were not read, or not all are kept, one open result says that `what` cannot be told.
pub(super) fn files<'i>(image: &'i BuiltImage, what: &str, out: &mut Findings) -> Option<&'i ImageFiles> {
    match &image.files {
        Contents::Read(files) => {
            if let Some(why) = &files.truncated {
                out.open(&image.place, cannot_tell(what, why));
            }
            Some(files)
        }
        Contents::Unread(_) => {
            out.open(&image.place, cannot_tell(what, "its layers were not read"));
            None
        }
    }
}

/// The first names in backticks, and how many more there are.
pub(super) fn named<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<String> = names.take(SHOWN).map(|name| format!("`{name}`")).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What of one interest each layer ships, and whether a container sees it.
pub(super) fn by_layer(files: &ImageFiles, interest: Interest) -> BTreeMap<(usize, bool), Vec<&ImageFile>> {
    let mut layers: BTreeMap<(usize, bool), Vec<&ImageFile>> = BTreeMap::new();
    let hidden = files.hidden.iter().map(|file| (file, false));
    let all = files.files.values().map(|file| (file, true)).chain(hidden);
    for (file, seen) in all.filter(|(file, _)| file.interest == interest) {
        layers.entry((file.layer, seen)).or_default().push(file);
    }
    layers
}
