//! How the kustomizations of a call put its files together, as far as rules over several objects ask.

use std::collections::{HashMap, HashSet};

use crate::fleet::Fleet;
use crate::model::Manifest;
use crate::syntax::yaml::Node;

/// The kustomizations of a call.
#[derive(Debug, Default)]
pub(super) struct Kustomize<'f> {
    /// Folders that have one.
    folders: HashSet<String>,
    /// Files and folders that each lists under `resources`, by path: the kustomizations, as numbers.
    listed: HashMap<String, Vec<usize>>,
    /// Files that are laid over others.
    patches: HashSet<String>,
    /// Keys of labels that some of them set everywhere.
    label_keys: HashSet<&'f str>,
    /// Whether some of them changes labels or selectors in a way that is not followed.
    relabels: bool,
}

impl<'f> Kustomize<'f> {
    /// Reads the kustomizations of a call.
    pub(super) fn of(fleet: &'f Fleet) -> Self {
        let mut all = Self::default();
        let objects = fleet.manifests.iter().flat_map(|file| &file.objects);
        for (at, object) in objects.filter(|object| object.is_kustomization()).enumerate() {
            all.read(at, object);
        }
        all
    }

    fn read(&mut self, at: usize, object: &'f Manifest) {
        let folder = folder_of(object.source.path());
        let tree = &object.tree;
        let items = |key: &str| tree.get(key).map(Node::items).unwrap_or_default();
        for key in ["resources", "bases", "components"] {
            for path in items(key).iter().filter_map(Node::text) {
                self.listed.entry(join(folder, path)).or_default().push(at);
            }
        }
        for patch in items("patchesStrategicMerge").iter().chain(items("patches")) {
            let path = patch.text().or_else(|| patch.get("path").and_then(Node::text));
            if let Some(path) = path.filter(|path| !path.contains('\n')) {
                self.patches.insert(join(folder, path));
            }
            let inline = patch.get("patch").and_then(Node::text).or_else(|| patch.text());
            self.relabels |= inline.is_some_and(|text| text.contains("label") || text.contains("selector"));
        }
        for key in ["transformers", "replacements", "patchesJson6902", "vars"] {
            self.relabels |= !items(key).is_empty();
        }
        let common = tree.get("commonLabels").map(Node::entries).unwrap_or_default();
        let pairs = items("labels").iter().filter_map(|item| item.get("pairs")).flat_map(Node::entries);
        self.label_keys.extend(common.iter().chain(pairs).filter_map(|entry| entry.key.text()));
        self.folders.insert(folder.to_owned());
    }

    /// Whether a kustomization lies in the folder of a file.
    pub(super) fn has_folder_of(&self, path: &str) -> bool {
        self.folders.contains(folder_of(path))
    }

    /// Whether a file is laid over another.
    pub(super) fn is_patch(&self, path: &str) -> bool {
        self.patches.contains(path)
    }

    /// Whether one kustomization lists both files.
    pub(super) fn lists_both(&self, one: &str, other: &str) -> bool {
        let (Some(one), Some(other)) = (self.listed.get(one), self.listed.get(other)) else { return false };
        one.iter().any(|at| other.contains(at))
    }

    /// Whether some kustomization sets labels of this key on pods and selectors alike.
    pub(super) fn sets_label(&self, key: &str) -> bool {
        self.label_keys.contains(key)
    }

    /// Whether labels and selectors may be changed in a way that is not followed.
    pub(super) fn may_relabel(&self) -> bool {
        self.relabels
    }
}

/// The folder of a display path; empty at the root.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a folder lies in another.
pub(super) fn is_inside(inner: &str, outer: &str) -> bool {
    (outer.is_empty() && !inner.is_empty())
        || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}

/// A relative path of a folder's file, without `.` and `..`.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{folder_of, is_inside, join};

    #[test]
    fn paths_are_joined_and_compared() {
        assert_eq!(join("deploy/overlays/a", "../../base/x.yaml"), "deploy/base/x.yaml");
        assert_eq!(join("", "./x.yaml"), "x.yaml");
        assert_eq!(join("a", "../../x"), "../x");
        assert_eq!(folder_of("a/b/c.yaml"), "a/b");
        assert_eq!(folder_of("c.yaml"), "");
        assert!(is_inside("a/b", "a") && is_inside("a", "") && !is_inside("ab", "a") && !is_inside("a", "a"));
    }
}
