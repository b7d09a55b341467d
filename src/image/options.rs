//! What of an image is read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

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

/// What layers hold, by digest.
#[derive(Default, Clone)]
pub struct LayerMemory {
    known: Arc<Mutex<HashMap<SmolStr, Arc<LayerFacts>>>>,
}

impl LayerMemory {
    /// What is known of a layer.
    pub(super) fn get(&self, address: &str) -> Option<Arc<LayerFacts>> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(address).cloned()
    }

    /// Keeps what a layer holds.
    pub(super) fn put(&self, address: SmolStr, facts: Arc<LayerFacts>) {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(address, facts);
    }
}
