//! What of an image is read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use smol_str::SmolStr;

use super::layers::LayerFacts;
use crate::model::Platform;

/// How images of one call are read.
#[derive(Default)]
pub struct ReadOptions<'a> {
    /// Which platform of an index.
    pub platform: PlatformChoice,
    /// Whether layers are read.
    pub layers: LayerChoice,
    /// Absolute paths that a rule asks for by name.
    pub wanted: &'a [SmolStr],
    /// Layers that were read already: images of one hierarchy share most of theirs.
    pub memory: LayerMemory,
    /// The client that registries are asked with. `None`: registries are not asked.
    #[cfg(feature = "registry")]
    pub registry: Option<&'a crate::registry::Client>,
}

/// Which platform of an index is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PlatformChoice {
    /// `linux` on this machine's processor; else, of an index without it, `linux/amd64`, else the first one. So the
    /// verdict over an image of one platform does not depend on where the tool runs.
    #[default]
    Default,
    /// Every one.
    All,
    /// This one.
    One(Platform),
}

/// Whether layers are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LayerChoice {
    /// Yes; but of an image in a registry only while they are smaller than [`LayerChoice::AUTO_BYTES`] as stored.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No: what the files of an image say stays open.
    Never,
}

impl LayerChoice {
    /// 256 MiB: seconds on a usual line.
    pub const AUTO_BYTES: u64 = 256 << 20;
}

/// Bytes of memory for layers that images of one call may share.
const MAX_REMEMBERED: usize = 512 << 20;

/// What layers hold, by digest. When it is full, layers are read once an image.
#[derive(Default, Clone)]
pub struct LayerMemory {
    known: Arc<Mutex<Remembered>>,
}

#[derive(Default)]
struct Remembered {
    layers: HashMap<SmolStr, Arc<LayerFacts>>,
    weight: usize,
}

impl LayerMemory {
    /// What is known of a layer.
    pub(super) fn get(&self, digest: &str) -> Option<Arc<LayerFacts>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).layers.get(digest).cloned()
    }

    /// Keeps what a layer holds.
    pub(super) fn put(&self, digest: SmolStr, facts: Arc<LayerFacts>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let weight = known.weight.saturating_add(facts.weight());
        // Two images that share a layer may have read it at the same time.
        if weight <= MAX_REMEMBERED && !known.layers.contains_key(&digest) {
            known.weight = weight;
            known.layers.insert(digest, facts);
        }
    }
}
