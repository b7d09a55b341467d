//! Drawings of a graph: names and edges go in, an indented tree, Graphviz or Mermaid comes out.

use std::collections::BTreeMap;
use std::io::Write;

use crate::run::GraphFormat;

/// An image that is built on another one, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) parent: String,
    pub(super) child: String,
    /// How sure it is; `None`: nobody asks.
    pub(super) mark: Option<Mark>,
}

/// How sure an edge is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    /// One word: `proven`.
    pub(super) word: &'static str,
    /// What else the text says.
    pub(super) why: String,
}

/// Images by name, each with the images built on it.
pub(super) struct Drawing {
    children: BTreeMap<String, Vec<Edge>>,
    roots: Vec<String>,
}

impl Drawing {
    /// The drawing of edges, and of images that stand alone.
    pub(super) fn new(edges: Vec<Edge>, alone: Vec<String>) -> Self {
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
        let mut reached = Vec::new();
        for root in &roots {
            reach(root, &children, &mut reached);
        }
        for name in children.keys() {
            if reached.binary_search(name).is_err() {
                roots.push(name.clone());
                reach(name, &children, &mut reached);
            }
        }
        Self { children, roots }
    }

    pub(super) fn write(&self, format: GraphFormat, out: &mut dyn Write) -> std::io::Result<()> {
        match format {
            GraphFormat::Text => self.text(out),
            GraphFormat::Dot => self.dot(out),
            GraphFormat::Mermaid => self.mermaid(out),
        }
    }

    fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.children.values().flatten()
    }

    /// Images that no edge names.
    fn alone(&self) -> impl Iterator<Item = &String> {
        self.roots.iter().filter(|root| self.children.get(*root).is_none_or(Vec::is_empty))
    }

    /// An indented tree, with an explicit stack.
    fn text(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let none = Vec::new();
        for root in &self.roots {
            writeln!(out, "{root}")?;
            let mut path = vec![root.as_str()];
            let mut stack: Vec<(std::slice::Iter<'_, Edge>, String)> =
                vec![(self.children.get(root).unwrap_or(&none).iter(), String::new())];
            while let Some((rest, indent)) = stack.last_mut() {
                let Some(edge) = rest.next() else {
                    stack.pop();
                    path.pop();
                    continue;
                };
                let (child, last) = (&edge.child, rest.len() == 0);
                let (branch, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
                let again = path.contains(&child.as_str());
                let note = if again { " (a cycle: it stands above already)" } else { "" };
                let mark = edge.mark.as_ref().map_or(String::new(), Mark::text);
                writeln!(out, "{indent}{branch}{child}{mark}{note}")?;
                let indent = format!("{indent}{below}");
                if !again && let Some(list) = self.children.get(child) {
                    path.push(child);
                    stack.push((list.iter(), indent));
                }
            }
        }
        Ok(())
    }

    fn dot(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "digraph images {{\n  rankdir=LR;\n  node [shape=box];")?;
        let quoted = |name: &str| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        for name in self.alone() {
            writeln!(out, "  {};", quoted(name))?;
        }
        for edge in self.edges() {
            let look = match &edge.mark {
                None => String::new(),
                Some(mark) if mark.is_proven() => format!(" [label=\"{}\"]", mark.word),
                Some(mark) => format!(" [label=\"{}\", style=dashed]", mark.word),
            };
            writeln!(out, "  {} -> {}{look};", quoted(&edge.parent), quoted(&edge.child))?;
        }
        writeln!(out, "}}")
    }

    fn mermaid(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "graph LR")?;
        let names: Vec<&str> = {
            let ends = self.edges().flat_map(|edge| [edge.parent.as_str(), edge.child.as_str()]);
            let mut names: Vec<&str> = ends.chain(self.alone().map(String::as_str)).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        let id = |name: &str| names.binary_search(&name).map_or(0, |at| at + 1);
        for name in &names {
            // Mermaid reads entities in quoted labels, so nothing of a name can end the label.
            let label: String = name
                .chars()
                .map(|character| match character {
                    '"' | '#' | '<' | '>' | '&' | ';' => format!("#{};", u32::from(character)),
                    other => other.to_string(),
                })
                .collect();
            writeln!(out, "  n{}[\"{label}\"]", id(name))?;
        }
        for edge in self.edges() {
            let arrow = match &edge.mark {
                None => "-->".to_owned(),
                Some(mark) if mark.is_proven() => format!("-->|{}|", mark.word),
                Some(mark) => format!("-.->|{}|", mark.word),
            };
            writeln!(out, "  n{} {arrow} n{}", id(&edge.parent), id(&edge.child))?;
        }
        Ok(())
    }
}

impl Mark {
    fn is_proven(&self) -> bool {
        self.word == "proven"
    }

    fn text(&self) -> String {
        match self.why.is_empty() {
            true => format!(" ({})", self.word),
            false => format!(" ({}: {})", self.word, self.why),
        }
    }
}

fn reach(from: &str, children: &BTreeMap<String, Vec<Edge>>, reached: &mut Vec<String>) {
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        if let Err(at) = reached.binary_search(&name) {
            open.extend(children.get(&name).into_iter().flatten().map(|edge| edge.child.clone()));
            reached.insert(at, name);
        }
    }
}
