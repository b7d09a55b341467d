//! The graph of images: names, looks and edges in, an indented tree, Graphviz, Mermaid or an SVG drawing out.
//!
//! What builds on what was decided before; nothing of files or plans is known here. Names and files are input: every form
//! escapes them for its own reader, and no form loops on a cycle.

mod dot;
mod mermaid;
mod svg;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::finding::Severity;

/// Forms of the base-image graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    /// An indented tree.
    Text,
    /// Graphviz.
    Dot,
    /// Mermaid, as Markdown renderers draw it.
    Mermaid,
    /// A drawing of its own, for browsers and documents.
    Svg,
}

/// An image that is built on another one, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// What it is built on.
    pub parent: String,
    /// The image.
    pub child: String,
    /// How sure it is; `None`: nobody asks.
    pub mark: Option<Mark>,
}

/// How sure an edge is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// One word: `proven`.
    pub word: &'static str,
    /// What else the text says.
    pub why: String,
}

/// What an image is to the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Nobody of the fleet builds it.
    #[default]
    External,
    /// An image of the plan's hierarchy.
    Base,
    /// It is a planned service.
    Service,
    /// The fleet builds it, and the plan does not name it.
    Other,
}

/// What is known of an image besides its name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// What it is to the fleet.
    pub kind: Kind,
    /// Report path of its Dockerfile, or what an image was given as.
    pub file: Option<String>,
    /// The planned service that it is.
    pub service: Option<String>,
    /// How many findings are in its file.
    pub findings: usize,
    /// The worst of them.
    pub worst: Option<Severity>,
}

/// Images by name, each with the images built on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drawing {
    children: BTreeMap<String, Vec<Edge>>,
    roots: Vec<String>,
    looks: BTreeMap<String, Look>,
}

impl Drawing {
    /// The drawing of edges, and of images that stand alone.
    #[must_use]
    pub fn new(edges: Vec<Edge>, alone: Vec<String>) -> Self {
        let mut children: BTreeMap<String, Vec<Edge>> = BTreeMap::new();
        for name in alone {
            children.entry(name).or_default();
        }
        let mut is_child: Vec<String> = edges.iter().map(|edge| edge.child.clone()).collect();
        is_child.sort();
        for edge in edges {
            children.entry(edge.parent.clone()).or_default().push(edge);
        }
        children.values_mut().for_each(|list| {
            list.sort_by(|one, other| (&one.child, &one.mark).cmp(&(&other.child, &other.mark)));
            list.dedup();
        });
        // What nobody of the fleet builds is a root; of a cycle, which has none, its first image.
        let mut roots: Vec<String> =
            children.keys().filter(|name| is_child.binary_search(name).is_err()).cloned().collect();
        let mut reached = BTreeSet::new();
        roots.iter().for_each(|root| reach(root, &children, &mut reached));
        let mut of_cycles = Vec::new();
        for name in children.keys() {
            if !reached.contains(name.as_str()) {
                of_cycles.push(name.clone());
                reach(name, &children, &mut reached);
            }
        }
        roots.extend(of_cycles);
        Self { children, roots, looks: BTreeMap::new() }
    }

    /// Says what an image is; of several that share a name, the first one's kind and file stay.
    pub fn look(&mut self, name: String, look: Look) {
        self.looks.entry(name).or_insert(look);
    }

    /// Counts findings to the images of these files: each is a report path and a severity.
    pub fn count<'f>(&mut self, findings: impl Iterator<Item = (&'f str, Severity)>) {
        let mut by_file: BTreeMap<&str, (usize, Option<Severity>)> = BTreeMap::new();
        for (file, severity) in findings {
            let (count, worst) = by_file.entry(file).or_default();
            *count += 1;
            *worst = (*worst).max(Some(severity));
        }
        for look in self.looks.values_mut() {
            let found = look.file.as_deref().and_then(|file| by_file.get(file)).copied();
            (look.findings, look.worst) = found.unwrap_or_default();
        }
    }

    /// Writes it as a document of its own.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, format: GraphFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            GraphFormat::Text => text::write(self, out),
            GraphFormat::Dot => dot::write(self, out),
            GraphFormat::Mermaid => mermaid::write(self, out),
            GraphFormat::Svg => svg::write(self, svg::Place::Document, out),
        }
    }

    /// Writes an `<svg>` element for a page of HTML. Colours are those of the page's custom properties (`--text`,
    /// `--error`), nodes can have the focus and say `data-name` and `data-service`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_inline(&self, out: &mut dyn Write) -> io::Result<()> {
        svg::write(self, svg::Place::Page, out)
    }

    fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.children.values().flatten()
    }

    fn children(&self, name: &str) -> &[Edge] {
        self.children.get(name).map_or(&[], Vec::as_slice)
    }

    /// Images that no edge names.
    fn alone(&self) -> impl Iterator<Item = &String> {
        self.roots.iter().filter(|root| self.children(root).is_empty())
    }
}

impl Mark {
    fn is_proven(&self) -> bool {
        self.word == "proven"
    }
}

fn reach<'d>(from: &'d str, children: &'d BTreeMap<String, Vec<Edge>>, reached: &mut BTreeSet<&'d str>) {
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(children.get(name).into_iter().flatten().map(|edge| edge.child.as_str()));
        }
    }
}
