//! `dot`: Graphviz.

use std::io::Write;

use super::Drawing;

/// Writes a directed graph.
pub(super) fn write(drawing: &Drawing, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "digraph images {{\n  rankdir=LR;\n  node [shape=box];")?;
    let quoted = |name: &str| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    for name in drawing.alone() {
        writeln!(out, "  {};", quoted(name))?;
    }
    for edge in drawing.edges() {
        let look = match &edge.mark {
            None => String::new(),
            Some(mark) if mark.is_proven() => format!(" [label=\"{}\"]", mark.word),
            Some(mark) => format!(" [label=\"{}\", style=dashed]", mark.word),
        };
        writeln!(out, "  {} -> {}{look};", quoted(&edge.parent), quoted(&edge.child))?;
    }
    writeln!(out, "}}")
}
