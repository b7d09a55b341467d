//! `!reset` and `!override`: what a later document takes away from the earlier ones (compose-go: `loader/reset.go`).

use smol_str::SmolStr;

use super::merge::POSITIONS;
use super::tree::{self, entries_mut};
use crate::syntax::yaml::{Node, Value};

/// Paths of keys that are taken away before the document is laid over others.
#[derive(Debug, Default, Clone)]
pub(super) struct Resets {
    paths: Vec<Vec<SmolStr>>,
    /// Whether a list is merged item by item (`!merge`).
    pub(super) positional: bool,
}

/// Paths that one document may take away.
const MAX_PATHS: usize = 1000;

/// Takes what `!reset` marks out of a document, and notes it with what `!override` marks.
pub(super) fn extract(root: &mut Node) -> Resets {
    let mut resets = Resets::default();
    // Steps of all paths, each with the step before it: no path is copied while the tree is walked.
    let mut steps: Vec<(Option<usize>, SmolStr)> = Vec::new();
    let mut open: Vec<(&mut Node, Option<usize>)> = vec![(root, None)];
    while let Some((node, at)) = open.pop() {
        match &mut node.value {
            Value::Mapping(entries) => {
                entries.retain_mut(|entry| {
                    let Some(tag) = entry.value.tag() else { return true };
                    resets.positional |= tag == POSITIONS;
                    let gone = tag == "!reset";
                    if gone || tag == "!override" {
                        let last = entry.key.text().unwrap_or_default();
                        resets.note(&steps, at, last);
                        entry.value.properties_mut().tag = None;
                    }
                    !gone
                });
                for entry in entries {
                    if entry.value.scalar().is_none() {
                        steps.push((at, entry.key.text().unwrap_or_default().into()));
                        open.push((&mut entry.value, Some(steps.len() - 1)));
                    }
                }
            }
            Value::Sequence(items) => {
                items.retain(|item| item.tag() != Some("!reset"));
                // A path has no items, so that nothing below is found again.
                let deeper = items.iter_mut().filter(|item| item.scalar().is_none());
                open.extend(deeper.map(|item| (item, at)));
            }
            Value::Scalar(_) => {}
        }
    }
    resets
}

impl Resets {
    fn note(&mut self, steps: &[(Option<usize>, SmolStr)], at: Option<usize>, last: &str) {
        if self.paths.len() >= MAX_PATHS {
            return;
        }
        let mut path = vec![SmolStr::new(last)];
        let mut next = at;
        while let Some(step) = next {
            path.push(steps[step].1.clone());
            next = steps[step].0;
        }
        path.reverse();
        self.paths.push(path);
    }

    /// Takes the paths away from a project.
    pub(super) fn apply(&self, root: &mut Node) {
        for path in &self.paths {
            let keys: Vec<&str> = path.iter().map(SmolStr::as_str).collect();
            let Some((last, folder)) = keys.split_last() else { continue };
            if let Some(parent) = tree::at_mut(root, folder) {
                remove(parent, last);
            }
        }
    }

    /// Takes the paths of one service away from its base.
    pub(super) fn apply_to_service(&self, name: &str, service: &mut Node) {
        for path in &self.paths {
            if let [services, of, rest @ .., last] = path.as_slice()
                && services == "services"
                && of == name
            {
                let keys: Vec<&str> = rest.iter().map(SmolStr::as_str).collect();
                if let Some(parent) = tree::at_mut(service, &keys) {
                    remove(parent, last);
                }
            }
        }
    }
}

fn remove(parent: &mut Node, key: &str) {
    if let Some(entries) = entries_mut(parent) {
        entries.retain(|entry| entry.key.text() != Some(key));
    }
}
