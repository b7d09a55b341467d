//! How much a text may come to, and how much it has come to so far: counted while it is recorded, before a node is made.

/// Nodes that the documents of one text may hold together, aliases and merge keys expanded. A node and its item take
/// about 100 bytes, so a text at the limit stays below 64 MB.
pub(super) const MAX_NODES: u64 = 400_000;

/// Nodes of [`MAX_NODES`] that aliases and merge keys may bring. They cost the text next to nothing, and who looks at the
/// tree copies them once or twice more.
pub(super) const MAX_COPIES: u64 = 120_000;

/// Collections inside one another, aliases expanded. Also the deepest recursion when a tree is dropped or cloned.
pub(super) const MAX_DEPTH: usize = 255;

/// What the boxed properties of a node weigh, in nodes.
pub(super) const PROPERTIES: u64 = 2;

/// Bytes of a text that weigh as much as a node. An alias shares the text of its anchor, but who looks at the tree (the
/// search for equal keys first of all) reads it again and again.
pub(super) const TEXT: usize = 64;

/// Nodes so far.
#[derive(Debug, Clone, Copy, Default)]
struct Nodes {
    all: u64,
    /// Those of them that aliases and merge keys bring.
    copies: u64,
}

/// What a text has come to.
#[derive(Debug, Default)]
pub(super) struct Weight {
    /// The documents that are kept.
    kept: Nodes,
    /// The document at hand.
    own: Nodes,
}

impl Weight {
    /// Adds nodes to the document at hand; whether all is within the limits.
    pub(super) fn add(&mut self, nodes: u64, are_copies: bool) -> bool {
        self.own.all = self.own.all.saturating_add(nodes);
        if are_copies {
            self.own.copies = self.own.copies.saturating_add(nodes);
        }
        self.kept.all.saturating_add(self.own.all) <= MAX_NODES
            && self.kept.copies.saturating_add(self.own.copies) <= MAX_COPIES
    }

    /// Nodes of the document at hand.
    pub(super) fn own(&self) -> u64 {
        self.own.all
    }

    /// The document at hand is kept.
    pub(super) fn keep(&mut self) {
        self.kept.all += self.own.all;
        self.kept.copies += self.own.copies;
    }

    /// Forgets the document at hand.
    pub(super) fn forget(&mut self) {
        self.own = Nodes::default();
    }
}
