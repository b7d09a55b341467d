//! `mermaid`: a diagram that Markdown renderers draw.

use std::io::Write;

use super::Drawing;

/// Writes a diagram.
pub(super) fn write(drawing: &Drawing, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "graph LR")?;
    let names: Vec<&str> = {
        let ends = drawing.edges().flat_map(|edge| [edge.parent.as_str(), edge.child.as_str()]);
        let mut names: Vec<&str> = ends.chain(drawing.alone().map(String::as_str)).collect();
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
    for edge in drawing.edges() {
        let arrow = match &edge.mark {
            None => "-->".to_owned(),
            Some(mark) if mark.is_proven() => format!("-->|{}|", mark.word),
            Some(mark) => format!("-.->|{}|", mark.word),
        };
        writeln!(out, "  n{} {arrow} n{}", id(&edge.parent), id(&edge.child))?;
    }
    Ok(())
}
