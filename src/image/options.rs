//! What of an image is read.

use std::collections::{HashMap, VecDeque};
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
    /// Yes; but of an image in a registry only while all of them are no larger than [`LayerChoice::AUTO_BYTES`] as stored.
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

/// What layers hold, by digest: the newest ones, so that many images of different bases take no more memory than a few.
#[derive(Default, Clone)]
pub struct LayerMemory {
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    facts: HashMap<SmolStr, Arc<LayerFacts>>,
    /// Their digests, oldest first.
    order: VecDeque<SmolStr>,
    bytes: usize,
}

impl Known {
    /// Bytes of all facts, about. A usual base has 100 kB, a layer of 200,000 files 2 MB.
    const MOST: usize = 32 << 20;

    fn put(&mut self, address: SmolStr, facts: Arc<LayerFacts>) {
        let bytes = facts.bytes();
        if bytes > Self::MOST / 4 || self.facts.contains_key(&address) {
            return;
        }
        self.bytes += bytes;
        self.order.push_back(address.clone());
        self.facts.insert(address, facts);
        while self.bytes > Self::MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.bytes -= self.facts.remove(&oldest).map_or(0, |facts| facts.bytes());
        }
    }
}

impl LayerMemory {
    /// What is known of a layer.
    pub(super) fn get(&self, address: &str) -> Option<Arc<LayerFacts>> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner).facts.get(address).cloned()
    }

    /// Keeps what a layer holds, for a while.
    pub(super) fn put(&self, address: SmolStr, facts: Arc<LayerFacts>) {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner).put(address, facts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_layers_is_bounded_and_keeps_the_newest() {
        let memory = LayerMemory::default();
        let facts = Arc::new(LayerFacts::of_files(500_000));
        for at in 0..20 {
            memory.put(format!("sha256:{at}").into(), Arc::clone(&facts));
        }
        let known: Vec<u32> = (0..20).filter(|at| memory.get(&format!("sha256:{at}")).is_some()).collect();
        assert_eq!(known, (12..20).collect::<Vec<_>>(), "8 of 4 MB each");
        memory.put("sha256:large".into(), Arc::new(LayerFacts::of_files(2_000_000)));
        assert!(memory.get("sha256:large").is_none() && memory.get("sha256:19").is_some());
    }
}
