//! The record of an image: the text that findings about it point into.
//!
//! `reference` is the name as given, `manifest` what its manifest says beside sizes and config (left out where the form has
//! none), `image` the config as it is stored, every key in its order. Stored bytes come in; text, tree and what is wrong
//! with the bytes come out. What a key means is not known here.

mod json;

use std::sync::Arc;

use smol_str::SmolStr;

use self::json::Writer;
use super::error::ImageError;
use super::parts::{ImageParts, ManifestBytes, caps};
use crate::model::ImageProblem;
use crate::source::Source;
use crate::syntax::json_members::members;
use crate::syntax::yaml::Node;

/// The record, written and read.
#[derive(Debug)]
pub(crate) struct Record {
    /// The text.
    pub(crate) source: Arc<Source>,
    /// The tree, with places in the text.
    pub(crate) tree: Node,
    /// What is odd with the stored bytes.
    pub(crate) problems: Vec<ImageProblem>,
}

/// Writes the record and reads it back as a tree with places.
///
/// # Errors
/// When manifest or config are no JSON objects, or larger than the caps.
pub(crate) fn write(name: &str, parts: &ImageParts) -> Result<Record, ImageError> {
    if parts.config.len() as u64 > caps::CONFIG {
        return Err(ImageError::new(format!("its config has more than {} bytes", caps::CONFIG)));
    }
    let config = stored_text("config", &parts.config);
    let mut writer = Writer::default();
    writer.begin_object()?;
    writer.key("reference")?;
    writer.text(name)?;
    if let Some(manifest) = &parts.manifest {
        write_manifest(&mut writer, manifest)?;
    }
    writer.key("image")?;
    writer.copy("config", &config.text)?;
    writer.end()?;
    let (source, tree, doubles) = writer.finish(name)?;
    if tree.at(&["image", "history"]).is_some_and(|history| history.items().len() > caps::HISTORY) {
        return Err(ImageError::new(format!("its history has more than {} steps", caps::HISTORY)));
    }
    let place = tree.entry("image").map_or(&tree.place, |entry| &entry.key.place);
    let odd = config.oddities.into_iter().map(|message| ImageProblem { place: place.clone(), message });
    let doubled = doubles.into_iter().map(|place| ImageProblem {
        message: format!("the key {} stands twice in one object; the last one counts", shown(&place)),
        place,
    });
    let problems = odd.chain(doubled).collect();
    Ok(Record { source, tree, problems })
}

/// A key as messages print it.
fn shown(key: &crate::source::Place) -> String {
    let text: String = key.text().trim_matches('"').chars().take(80).collect();
    format!("`{text}`")
}

/// `mediaType`, `digest`, `annotations` and `layers`.
fn write_manifest(writer: &mut Writer, manifest: &ManifestBytes) -> Result<(), ImageError> {
    if manifest.bytes.len() as u64 > caps::MANIFEST {
        return Err(ImageError::new(format!("its manifest has more than {} bytes", caps::MANIFEST)));
    }
    let stored = stored_text("manifest", &manifest.bytes).text;
    json::validate("manifest", &stored)?;
    writer.key("manifest")?;
    writer.begin_object()?;
    for (key, value) in [("mediaType", &manifest.media_type), ("digest", &manifest.digest)] {
        writer.key(key)?;
        writer.text(value)?;
    }
    let said = members(stored.as_bytes());
    for key in ["annotations", "layers"] {
        if let Some(member) = said.iter().rev().find(|member| member.key == key) {
            writer.key(key)?;
            writer.copy_value("manifest", &stored[member.value.range()])?;
        }
    }
    writer.end()
}

/// A stored text, as far as it is one.
struct Stored {
    text: String,
    oddities: Vec<String>,
}

/// Bytes as text: a byte order mark is left out, and what is no UTF-8 reads as U+FFFD, as Go's decoder reads it.
fn stored_text(what: &str, bytes: &[u8]) -> Stored {
    let mut oddities = Vec::new();
    let plain = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if plain.len() < bytes.len() {
        oddities.push(format!("the {what} begins with a byte order mark, which Go's JSON reader refuses"));
    }
    let text = String::from_utf8_lossy(plain);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        oddities.push(format!("the {what} holds bytes that are no UTF-8"));
    }
    Stored { text: text.into_owned(), oddities }
}

/// `rootfs.diff_ids` of the config, as far as they are texts.
pub(crate) fn diff_ids(tree: &Node) -> Vec<SmolStr> {
    let ids = tree.at(&["image", "rootfs", "diff_ids"]).map(Node::items).unwrap_or_default();
    ids.iter().map(|id| SmolStr::new(id.text().unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests;
