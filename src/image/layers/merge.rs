//! Layers are laid over each other, lowest first, as an overlay file system does it.
//!
//! Linear in what the layers hold: a layer's paths are looked up among what is kept below it, by hash.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use smol_str::SmolStr;

use super::accounts;
use super::facts::{Kept, LayerFacts, Role, folders_above, hash};
use crate::model::{FileKind, ImageFile, ImageFiles, Interest, PythonPackage};

/// Entries that are kept of one image.
const MAX_LIVE: usize = 200_000;
/// Links whose targets are looked up among the paths of all layers.
const MAX_TARGETS: usize = 5_000;

/// Lays layers over each other, lowest first, whiteouts honoured.
pub(crate) fn merge(layers: &[Arc<LayerFacts>]) -> ImageFiles {
    let mut tree = Tree::default();
    for (at, layer) in layers.iter().enumerate() {
        tree.lay(layer, at);
    }
    let truncated = layers.iter().find_map(|layer| layer.truncated.clone()).or(tree.truncated.take());
    let mut files = tree.files();
    files.unpacked_size = layers.iter().map(|layer| layer.unpacked).fold(0, u64::saturating_add);
    files.truncated = truncated;
    add_targets(&mut files, layers);
    files
}

/// What is seen so far.
#[derive(Default)]
struct Tree<'l> {
    /// Entries with their layer; `None`: taken away.
    live: Vec<Option<(&'l Kept, usize)>>,
    by_path: HashMap<u64, usize>,
    /// Entries below a folder.
    by_folder: HashMap<u64, Vec<usize>>,
    hidden: Vec<(&'l Kept, usize)>,
    truncated: Option<SmolStr>,
}

impl<'l> Tree<'l> {
    fn lay(&mut self, layer: &'l LayerFacts, at: usize) {
        // A layer's own entries are not hidden by its whiteouts, so these come first.
        for folder in &layer.opaque {
            self.empty(*folder);
        }
        for path in layer.gone.iter().chain(&layer.files) {
            self.take_away(*path);
            self.empty(*path);
        }
        for path in &layer.folders {
            self.take_away(*path);
        }
        for kept in &layer.kept {
            if self.live.len() >= MAX_LIVE {
                self.truncated.get_or_insert("the layers hold more entries of interest than are kept".into());
                break;
            }
            let index = self.live.len();
            self.live.push(Some((kept, at)));
            self.by_path.insert(hash(&kept.path), index);
            for folder in folders_above(&kept.path) {
                self.by_folder.entry(folder).or_default().push(index);
            }
        }
    }

    fn empty(&mut self, folder: u64) {
        for index in self.by_folder.remove(&folder).unwrap_or_default() {
            self.hide(index);
        }
    }

    fn take_away(&mut self, path: u64) {
        if let Some(index) = self.by_path.remove(&path) {
            self.hide(index);
        }
    }

    fn hide(&mut self, index: usize) {
        let Some((kept, layer)) = self.live[index].take() else { return };
        let (Role::Single(interest) | Role::Part(interest, _)) = kept.role else { return };
        if matches!(
            interest,
            Interest::Secret
                | Interest::PackageCache
                | Interest::VersionControl
                | Interest::BuildFile
                | Interest::SetId
        ) {
            self.hidden.push((kept, layer));
        }
    }

    fn files(self) -> ImageFiles {
        let mut found = ImageFiles::default();
        let mut texts: HashMap<SmolStr, &[u8]> = HashMap::new();
        let mut wholes: BTreeMap<&str, Vec<ImageFile>> = BTreeMap::new();
        for (kept, layer) in self.live.into_iter().flatten() {
            match kept.role {
                Role::Python => found.python_packages.extend(package(&kept.path, layer)),
                Role::Single(interest) => {
                    texts.insert(kept.path.clone(), &kept.text);
                    found.files.insert(kept.path.clone(), file(kept, layer, interest));
                }
                Role::Part(interest, end) => add_part(&mut wholes, kept, layer, interest, end),
            }
        }
        for (path, parts) in wholes {
            found.files.extend(sum(parts).map(|file| (path.into(), file)));
        }
        found.hidden = hidden(&self.hidden);
        add_accounts(&mut found, &texts);
        found.python_packages.sort_by(|one, other| one.name.cmp(&other.name).then(one.path.cmp(&other.path)));
        found
    }
}

fn file(kept: &Kept, layer: usize, interest: Interest) -> ImageFile {
    ImageFile {
        path: kept.path.clone(),
        kind: kept.kind.clone(),
        mode: kept.mode,
        uid: kept.uid,
        gid: kept.gid,
        size: kept.size,
        count: 1,
        layer,
        interest,
    }
}

/// Adds a file to the whole of its folder and layer.
fn add_part<'l>(
    wholes: &mut BTreeMap<&'l str, Vec<ImageFile>>,
    kept: &'l Kept,
    layer: usize,
    interest: Interest,
    end: usize,
) {
    let folder = &kept.path[..end];
    let layers = wholes.entry(folder).or_default();
    match layers.last_mut() {
        Some(whole) if whole.layer == layer => {
            whole.size = whole.size.saturating_add(kept.size);
            whole.count += 1;
        }
        _ => layers.push(ImageFile {
            path: folder.into(),
            kind: FileKind::Folder,
            mode: 0o755,
            ..file(kept, layer, interest)
        }),
    }
}

/// One folder of what several layers have of it: in the layer that brings most, of equal ones the highest.
fn sum(parts: Vec<ImageFile>) -> Option<ImageFile> {
    let size = parts.iter().map(|part| part.size).fold(0, u64::saturating_add);
    let count = parts.iter().map(|part| part.count).sum();
    let largest = parts.into_iter().max_by_key(|part| part.size)?;
    Some(ImageFile { size, count, ..largest })
}

/// What was taken away: files by themselves, and of folders what each layer lost.
fn hidden(taken: &[(&Kept, usize)]) -> Vec<ImageFile> {
    let mut taken = taken.to_vec();
    taken.sort_by(|one, other| one.1.cmp(&other.1).then_with(|| one.0.path.cmp(&other.0.path)));
    let mut found = Vec::new();
    let mut wholes: BTreeMap<&str, Vec<ImageFile>> = BTreeMap::new();
    for (kept, layer) in taken {
        match kept.role {
            Role::Single(interest) => found.push(file(kept, layer, interest)),
            Role::Part(interest, end) => add_part(&mut wholes, kept, layer, interest, end),
            Role::Python => {}
        }
    }
    found.extend(wholes.into_values().flatten());
    found.sort_by(|one, other| one.layer.cmp(&other.layer).then_with(|| one.path.cmp(&other.path)));
    found
}

/// Reads the accounts of the files that a container sees.
fn add_accounts(found: &mut ImageFiles, texts: &HashMap<SmolStr, &[u8]>) {
    let text = |path: &str| found.resolve(path).and_then(|file| texts.get(&file.path)).copied();
    let users = text("/etc/passwd").map(accounts::users);
    let groups = text("/etc/group").map(accounts::groups);
    let empty = text("/etc/shadow").map(accounts::empty_passwords);
    found.users = users;
    found.groups = groups;
    found.empty_passwords = empty.unwrap_or_default();
}

/// `…/torch-2.2.2+cu121.dist-info/METADATA`
fn package(path: &SmolStr, layer: usize) -> Option<PythonPackage> {
    let folder = path.strip_suffix("/METADATA")?;
    let (name, version) = folder
        .rsplit_once('/')
        .map_or(folder, |(_, name)| name)
        .strip_suffix(".dist-info")?
        .rsplit_once('-')?;
    Some(PythonPackage { name: normalised(name), version: version.into(), path: folder.into(), layer })
}

/// PEP 503: lower case, runs of `-`, `_` and `.` are one `-`.
fn normalised(name: &str) -> SmolStr {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            letter => out.push(letter.to_ascii_lowercase()),
        }
    }
    out.into()
}

/// Adds what links among programs lead to outside of the folders of programs (`npm` leads to `../lib/node_modules/…`): of
/// such a file only its presence is known.
fn add_targets(files: &mut ImageFiles, layers: &[Arc<LayerFacts>]) {
    let links = files.files.values().filter(|file| matches!(file.kind, FileKind::Symlink(_)));
    let lost: Vec<(SmolStr, ImageFile)> = links
        .filter_map(|link| Some((files.lost_target(&link.path)?, link.clone())))
        .take(MAX_TARGETS)
        .filter_map(|(path, link)| Some((layer_of(&path, layers)?, path, link)))
        .map(|(layer, path, link)| {
            let kind = FileKind::Regular;
            (path.clone(), ImageFile { path, kind, mode: 0o755, size: 0, layer, ..link })
        })
        .collect();
    files.files.extend(lost);
}

/// The layer that a container sees a file from.
fn layer_of(path: &str, layers: &[Arc<LayerFacts>]) -> Option<usize> {
    let own = hash(path);
    let above = folders_above(path);
    let holds = |list: &[u64], hash: &u64| list.binary_search(hash).is_ok();
    for (at, layer) in layers.iter().enumerate().rev() {
        if holds(&layer.files, &own) {
            return Some(at);
        }
        let is_taken = holds(&layer.gone, &own)
            || above.iter().any(|folder| {
                [&layer.opaque, &layer.gone, &layer.files].iter().any(|list| holds(list, folder))
            });
        if is_taken {
            return None;
        }
    }
    None
}
