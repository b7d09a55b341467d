//! Where everything stands: names and edges in, boxes, frames and connectors in pixels out.
//!
//! A tidy tree from left to right: every image has a band of its own height, children are stacked in it, and a parent stands
//! in the middle of its children. Many leaves below one parent become a grid in a frame, so that a large fleet stays on one
//! screen. An image with several parents stands below the first; an edge back to what it is built on is a cycle. Time is
//! linear in images and edges, and nothing recurses.

use std::collections::HashMap;

use super::super::{Drawing, Edge};

/// Width of a box.
pub(super) const WIDTH: usize = 232;
/// Height of a box with a line for the name and one for the file.
pub(super) const HEIGHT: usize = 46;
/// Height of a box in a frame: the name only.
pub(super) const SMALL: usize = 28;
/// Space around the drawing.
pub(super) const MARGIN: usize = 20;
/// Space inside a frame.
const PAD: usize = 8;
/// Between a column and the next.
const GAP: usize = 92;
/// Between two boxes of a column.
const ROW_GAP: usize = 12;
/// Between two trees.
const TREE_GAP: usize = 20;
/// Below the drawing where cycles come back.
const BELOW: usize = 44;
/// From this many leaves on they stand in a frame.
const MANY: usize = 7;
/// Images that are drawn; beyond it nobody reads a drawing.
pub(super) const MAX_NODES: usize = 2_000;

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node<'d> {
    pub(super) name: &'d str,
    pub(super) x: usize,
    pub(super) y: usize,
    /// Whether it stands in a frame.
    pub(super) is_small: bool,
}

/// A frame around leaves of one parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// A line between a parent's right side and a child's left side, or back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) from: (usize, usize),
    pub(super) to: (usize, usize),
    /// Whether it leads back to what the parent is built on.
    pub(super) is_back: bool,
    /// The words of its marks: `proven`.
    pub(super) label: String,
    /// Whether it is proven, or nobody asks.
    pub(super) is_sure: bool,
}

/// A whole drawing.
#[derive(Debug, Default)]
pub(super) struct Layout<'d> {
    pub(super) nodes: Vec<Node<'d>>,
    pub(super) frames: Vec<Frame>,
    pub(super) lines: Vec<Line>,
    pub(super) width: usize,
    pub(super) height: usize,
    /// Images that are not drawn.
    pub(super) left_out: usize,
}

/// The spanning tree, in the order of a walk from the roots: parents stand before children.
struct Tree<'d> {
    names: Vec<&'d str>,
    depth: Vec<usize>,
    parent: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    /// Where the walk left each for good: with the own index, whether one is above another.
    end: Vec<usize>,
    at: HashMap<&'d str, usize>,
    left_out: usize,
}

impl<'d> Tree<'d> {
    fn new(drawing: &'d Drawing) -> Self {
        let mut tree = Self {
            names: Vec::new(),
            depth: Vec::new(),
            parent: Vec::new(),
            children: Vec::new(),
            end: Vec::new(),
            at: HashMap::new(),
            left_out: 0,
        };
        // What is walked, last one first: the image, what it stands below, and how deep.
        let mut open: Vec<(&'d str, Option<usize>)> =
            drawing.roots.iter().rev().map(|root| (root.as_str(), None)).collect();
        while let Some((name, parent)) = open.pop() {
            if tree.at.contains_key(name) {
                continue;
            }
            let index = tree.names.len();
            tree.at.insert(name, index);
            tree.names.push(name);
            tree.depth.push(parent.map_or(0, |parent| tree.depth[parent] + 1));
            tree.parent.push(parent);
            tree.children.push(Vec::new());
            if let Some(parent) = parent {
                tree.children[parent].push(index);
            }
            let below = drawing.children(name).iter().rev();
            open.extend(below.map(|edge| (edge.child.as_str(), Some(index))));
        }
        tree.cut();
        tree.end = (1..=tree.names.len()).collect();
        for index in (0..tree.names.len()).rev() {
            if let Some(parent) = tree.parent[index] {
                tree.end[parent] = tree.end[parent].max(tree.end[index]);
            }
        }
        tree
    }

    /// Leaves out what is too many: the last ones of the walk, so that everything drawn has its parent.
    fn cut(&mut self) {
        self.left_out = self.names.len().saturating_sub(MAX_NODES);
        self.names.truncate(MAX_NODES);
        let count = self.names.len();
        self.children.truncate(count);
        self.children.iter_mut().for_each(|list| list.retain(|child| *child < count));
        self.at.retain(|_, index| *index < count);
    }

    /// Whether one is the other, or is built on it.
    fn is_above(&self, above: usize, below: usize) -> bool {
        above <= below && below < self.end[above]
    }
}

/// The leaves of one image that stand in a frame.
#[derive(Default)]
struct Grid {
    leaves: Vec<usize>,
    columns: usize,
}

impl Grid {
    fn rows(&self) -> usize {
        self.leaves.len().div_ceil(self.columns.max(1))
    }

    fn height(&self) -> usize {
        self.rows() * (SMALL + PAD) + PAD
    }
}

impl<'d> Layout<'d> {
    pub(super) fn new(drawing: &'d Drawing) -> Self {
        let tree = Tree::new(drawing);
        let edges = edges(drawing, &tree);
        let grids = grids(&tree, &edges);
        let mut layout = Self { left_out: tree.left_out, ..Self::default() };
        layout.place(&tree, &edges, &grids);
        let framed = layout.draw_frames(&tree, &grids);
        layout.connect(&tree, &edges, &framed);
        layout
    }

    /// Gives every image its band, from the leaves up, and its place in it, from the roots down.
    fn place(&mut self, tree: &Tree<'d>, edges: &[Arrow], grids: &[Grid]) {
        let count = tree.names.len();
        let mut loops = vec![0; count];
        for edge in edges.iter().filter(|edge| tree.is_above(edge.child, edge.parent)) {
            loops[edge.parent] = BELOW;
        }
        let mut in_grid = vec![false; count];
        grids.iter().flat_map(|grid| &grid.leaves).for_each(|leaf| in_grid[*leaf] = true);
        let mut band = vec![0; count];
        for index in (0..count).rev() {
            let inner: usize = tree.children[index].iter().map(|child| band[*child]).sum();
            let grid = if grids[index].leaves.is_empty() { 0 } else { grids[index].height() + ROW_GAP };
            band[index] =
                if in_grid[index] { 0 } else { (inner + grid).max(HEIGHT + ROW_GAP + loops[index]) };
        }
        let mut top = vec![0; count];
        let mut next = MARGIN;
        for index in 0..count {
            if tree.parent[index].is_none() {
                top[index] = next;
                next += band[index] + TREE_GAP;
            }
            let mut below = top[index];
            for child in tree.children[index].iter().copied().filter(|child| !in_grid[*child]) {
                top[child] = below;
                below += band[child];
            }
        }
        self.nodes = (0..count)
            .map(|index| Node {
                name: tree.names[index],
                x: MARGIN + tree.depth[index] * (WIDTH + GAP),
                y: top[index],
                is_small: in_grid[index],
            })
            .collect();
        self.centre(tree, grids, &top, &band);
        self.width =
            self.nodes.iter().map(|node| node.x + WIDTH + MARGIN).max().unwrap_or(2 * MARGIN + WIDTH);
        self.height = (next + MARGIN).saturating_sub(TREE_GAP + ROW_GAP).max(2 * MARGIN);
    }

    /// Moves parents to the middle between their first and last child, from the leaves up.
    fn centre(&mut self, tree: &Tree<'d>, grids: &[Grid], top: &[usize], band: &[usize]) {
        for index in (0..tree.names.len()).rev() {
            if self.nodes[index].is_small {
                continue;
            }
            let grid = &grids[index];
            let bottom = top[index] + band[index] - ROW_GAP;
            let middle = |node: &Node<'_>| node.y + HEIGHT / 2;
            let inner: Vec<usize> = tree.children[index]
                .iter()
                .filter(|child| !self.nodes[**child].is_small)
                .map(|child| middle(&self.nodes[*child]))
                .collect();
            let grid_middle = (!grid.leaves.is_empty()).then(|| bottom - grid.height() / 2);
            let first = inner.first().copied().or(grid_middle);
            let last = grid_middle.or(inner.last().copied());
            if let (Some(first), Some(last)) = (first, last) {
                self.nodes[index].y = usize::midpoint(first, last) - HEIGHT / 2;
            }
            let frame = bottom.saturating_sub(grid.height());
            for (at, leaf) in grid.leaves.iter().enumerate() {
                let (column, row) = (at / grid.rows(), at % grid.rows());
                let node = &mut self.nodes[*leaf];
                node.x += PAD + column * (WIDTH + PAD);
                node.y = frame + PAD + row * (SMALL + PAD);
            }
        }
    }

    /// Draws the frames; gives for each leaf in one its frame, and whether it is the first of it.
    fn draw_frames(&mut self, tree: &Tree<'d>, grids: &[Grid]) -> Vec<Option<(usize, bool)>> {
        let mut framed = vec![None; tree.names.len()];
        for grid in grids.iter().filter(|grid| !grid.leaves.is_empty()) {
            let first = &self.nodes[grid.leaves[0]];
            let columns = grid.leaves.len().div_ceil(grid.rows());
            for (at, leaf) in grid.leaves.iter().enumerate() {
                framed[*leaf] = Some((self.frames.len(), at == 0));
            }
            let frame = Frame {
                x: first.x - PAD,
                y: first.y - PAD,
                width: columns * (WIDTH + PAD) + PAD,
                height: grid.height(),
            };
            self.width = self.width.max(frame.x + frame.width + MARGIN);
            self.frames.push(frame);
        }
        framed
    }

    fn connect(&mut self, tree: &Tree<'d>, edges: &[Arrow], framed: &[Option<(usize, bool)>]) {
        for edge in edges {
            let is_back = tree.is_above(edge.child, edge.parent);
            let (parent, child) = (&self.nodes[edge.parent], &self.nodes[edge.child]);
            let tall = |node: &Node<'_>| if node.is_small { SMALL } else { HEIGHT };
            let (from, to) = match (is_back, framed[edge.child]) {
                (true, _) => {
                    let aside = if edge.parent == edge.child { WIDTH / 4 } else { 0 };
                    (
                        (parent.x + WIDTH / 2 + aside, parent.y + tall(parent)),
                        (child.x + WIDTH / 2 - aside, child.y + tall(child)),
                    )
                }
                // One line leads to the whole frame.
                (false, Some((_, false))) => continue,
                (false, Some((frame, true))) => {
                    let frame = &self.frames[frame];
                    ((parent.x + WIDTH, parent.y + tall(parent) / 2), (frame.x, frame.y + frame.height / 2))
                }
                (false, None) => {
                    ((parent.x + WIDTH, parent.y + tall(parent) / 2), (child.x, child.y + tall(child) / 2))
                }
            };
            if is_back {
                self.height = self.height.max(from.1.max(to.1) + BELOW);
            }
            let label = if is_back { "cycle".to_owned() } else { edge.words.join(", ") };
            self.lines.push(Line { from, to, is_back, label, is_sure: edge.is_sure });
        }
    }
}

/// All edges between one parent and one child.
struct Arrow {
    parent: usize,
    child: usize,
    words: Vec<&'static str>,
    is_sure: bool,
}

/// The edges between images that are drawn, in the order of the walk.
fn edges(drawing: &Drawing, tree: &Tree<'_>) -> Vec<Arrow> {
    let mut all: Vec<Arrow> = Vec::new();
    for (parent, name) in tree.names.iter().enumerate() {
        let known = |edge: &Edge| tree.at.get(edge.child.as_str()).copied();
        for (edge, child) in drawing.children(name).iter().filter_map(|edge| Some((edge, known(edge)?))) {
            let word = edge.mark.as_ref().map(|mark| mark.word);
            let is_sure = edge.mark.as_ref().is_none_or(super::super::Mark::is_proven);
            match all.last_mut().filter(|last| last.parent == parent && last.child == child) {
                Some(last) => {
                    last.is_sure &= is_sure;
                    last.words.extend(word.filter(|word| !last.words.contains(word)));
                }
                None => all.push(Arrow { parent, child, words: word.into_iter().collect(), is_sure }),
            }
        }
    }
    all
}

/// For each image its leaves that stand in a frame: many, each with one parent and nothing below, all marked alike.
fn grids(tree: &Tree<'_>, edges: &[Arrow]) -> Vec<Grid> {
    let mut parents = vec![0_usize; tree.names.len()];
    let mut is_leaf = vec![true; tree.names.len()];
    for edge in edges {
        parents[edge.child] += 1;
        is_leaf[edge.parent] = false;
    }
    let mut grids: Vec<Grid> = tree.names.iter().map(|_| Grid::default()).collect();
    let mut words: Vec<Option<&[&'static str]>> = vec![None; tree.names.len()];
    for edge in edges.iter().filter(|edge| parents[edge.child] == 1 && is_leaf[edge.child]) {
        // Those that are marked like the first one; the others keep a line of their own.
        if *words[edge.parent].get_or_insert(&edge.words) == edge.words {
            grids[edge.parent].leaves.push(edge.child);
        }
    }
    for grid in &mut grids {
        if grid.leaves.len() < MANY {
            grid.leaves.clear();
        }
        grid.columns = match grid.leaves.len() {
            0..=8 => 1,
            9..=20 => 2,
            21..=45 => 3,
            46..=100 => 4,
            many => (many / 25).min(12),
        };
    }
    grids
}
