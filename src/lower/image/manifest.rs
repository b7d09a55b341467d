//! What a manifest and the outer config say beside the container: platform, layers, history, annotations.

use smol_str::SmolStr;

use super::fields::{Fields, is_text, kind, shown};
use super::history;
use crate::model::{HistoryStep, Platform, Spanned};
use crate::source::Place;
use crate::syntax::yaml::{Entry, Node};

/// Platform of the config. `at`: where something missing is reported.
pub(super) fn platform(fields: &mut Fields, stored: &Node, at: &Place) -> Platform {
    let mut text = |key: &str| fields.text(stored, key).map(|said| said.value).unwrap_or_default();
    let platform = Platform { os: text("os"), architecture: text("architecture"), variant: text("variant") };
    text("os.version");
    for (key, value) in [("os", &platform.os), ("architecture", &platform.architecture)] {
        if value.is_empty() {
            fields.problem_at(at, format!("the config says no `{key}`"));
        }
    }
    platform
}

/// `rootfs.diff_ids`. `layers`: how many layers the manifest has.
pub(super) fn diff_ids(
    fields: &mut Fields,
    stored: &Node,
    at: &Place,
    layers: usize,
) -> Vec<Spanned<SmolStr>> {
    let had = fields.problems.len();
    let rootfs = fields.object(stored, "rootfs");
    let ids = rootfs.map(|rootfs| {
        let list = fields.texts_at(&rootfs.value, "diff_ids");
        (&rootfs.key, list.unwrap_or_default())
    });
    let at = ids.as_ref().map_or(at, |(key, _)| &key.place);
    let count = ids.as_ref().map_or(0, |(_, ids)| ids.len());
    // One bad field is one problem.
    if fields.problems.len() == had {
        match &ids {
            None => fields.problem_at(at, "the config says no `rootfs`"),
            Some(_) if count != layers => {
                let message =
                    format!("the number of layers is {count} by `diff_ids` and {layers} by the manifest");
                fields.problem_at(at, message);
            }
            Some(_) => {}
        }
    }
    ids.map(|(_, ids)| ids).unwrap_or_default()
}

/// `history`. `layers`: how many layers `rootfs` has.
pub(super) fn history(fields: &mut Fields, stored: &Node, layers: usize) -> Vec<HistoryStep> {
    let list = fields.list(stored, "history");
    if let Some(odd) = list.iter().find(|step| !step.is_mapping()) {
        fields.problem(odd, format!("`history` holds {}, not only objects", kind(odd)));
    }
    let mut steps = Vec::with_capacity(list.len());
    for step in list.iter().filter(|step| step.is_mapping()) {
        let text = |fields: &mut Fields, key: &str| fields.text(step, key);
        let created_by = text(fields, "created_by");
        steps.push(HistoryStep {
            run: created_by.as_ref().and_then(history::run),
            created_by: created_by.unwrap_or_else(|| Spanned::new(SmolStr::default(), step.place.clone())),
            created: text(fields, "created").map(|said| said.value),
            comment: text(fields, "comment").map(|said| said.value),
            empty_layer: fields.truth(step, "empty_layer").unwrap_or_default(),
        });
    }
    let made = steps.iter().filter(|step| !step.empty_layer).count();
    if made > layers
        && let Some(entry) = stored.entry("history")
    {
        let message = format!("the number of layers is {made} by `history` and {layers} by `rootfs`");
        fields.problem(&entry.key, message);
    }
    steps
}

/// Annotations of the manifest.
pub(super) fn annotations(fields: &mut Fields, tree: &Node) -> Vec<Spanned<(SmolStr, SmolStr)>> {
    let Some(manifest) = tree.get("manifest") else { return Vec::new() };
    let Some(entry) = fields.object(manifest, "annotations") else { return Vec::new() };
    let entries = entry.value.entries();
    if let Some(odd) = entries.iter().find(|entry| !is_text(&entry.value)) {
        let message = format!("the annotation `{}` is {}, not a text", shown(&odd.key), kind(&odd.value));
        fields.problem(&odd.value, message);
    }
    let pair = |entry: &Entry| {
        let pair = (SmolStr::new(entry.key.text()?), SmolStr::new(entry.value.text()?));
        Some(Spanned::new(pair, entry.value.place.clone()))
    };
    entries.iter().filter_map(pair).collect()
}
