//! What the layers of an image bring, by the names that rules ask for.

use std::collections::BTreeSet;

use smol_str::{SmolStr, format_smolstr};

use crate::model::{FileKind, ImageFile, ImageFiles, Interest, PROGRAM_FOLDERS, Spanned};
use crate::source::Place;

/// Programs by name and by absolute path, files that were asked for by path, and Python packages as `pip:NAME`.
pub(super) fn provides(files: &ImageFiles, place: &Place) -> Vec<Spanned<SmolStr>> {
    let mut found: BTreeSet<SmolStr> = BTreeSet::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for file in files.files.values().filter(|file| is_there(file, files)) {
        found.insert(file.path.clone());
        if let Some((folder, name)) = file.path.rsplit_once('/')
            && file.interest == Interest::Program
        {
            names.insert(name);
            // A merged `/usr` has its programs in folders that others are links to.
            found.extend(PROGRAM_FOLDERS.contains(&folder).then(|| SmolStr::new(name)));
        }
    }
    let is_link = |folder: &&&str| {
        files.files.get(**folder).is_some_and(|file| matches!(file.kind, FileKind::Symlink(_)))
    };
    for folder in PROGRAM_FOLDERS.iter().filter(is_link) {
        let paths = names.iter().map(|name| format_smolstr!("{folder}/{name}"));
        found.extend(paths.filter(|path| files.resolve(path).is_some()));
    }
    found.extend(files.python_packages.iter().map(|package| format_smolstr!("pip:{}", package.name)));
    found.into_iter().map(|name| Spanned::new(name, place.clone())).collect()
}

/// Whether a file, or a link that leads to one, lies there.
fn is_there(file: &ImageFile, files: &ImageFiles) -> bool {
    let is_asked = matches!(file.interest, Interest::Program | Interest::Wanted | Interest::SetId);
    is_asked
        && match file.kind {
            FileKind::Regular => true,
            FileKind::Symlink(_) | FileKind::Hardlink(_) => {
                files.resolve(&file.path).is_some_and(|file| file.kind == FileKind::Regular)
            }
            FileKind::Folder | FileKind::Special => false,
        }
}
