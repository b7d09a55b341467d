//! `text`: an indented tree.

use std::io::Write;

use super::{Drawing, Edge, Mark};

/// Writes the tree, with an explicit stack.
pub(super) fn write(drawing: &Drawing, out: &mut dyn Write) -> std::io::Result<()> {
    for root in &drawing.roots {
        writeln!(out, "{root}")?;
        let mut path = vec![root.as_str()];
        let mut stack: Vec<(std::slice::Iter<'_, Edge>, String)> =
            vec![(drawing.children(root).iter(), String::new())];
        while let Some((rest, indent)) = stack.last_mut() {
            let Some(edge) = rest.next() else {
                stack.pop();
                path.pop();
                continue;
            };
            let (child, last) = (&edge.child, rest.len() == 0);
            let (branch, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let again = path.contains(&child.as_str());
            let cycle = if again { " (a cycle: it stands above already)" } else { "" };
            let mark = edge.mark.as_ref().map_or(String::new(), note);
            writeln!(out, "{indent}{branch}{child}{mark}{cycle}")?;
            let indent = format!("{indent}{below}");
            if !again && let Some(list) = drawing.children.get(child) {
                path.push(child);
                stack.push((list.iter(), indent));
            }
        }
    }
    Ok(())
}

/// What the tree says of an edge.
fn note(mark: &Mark) -> String {
    match mark.why.is_empty() {
        true => format!(" ({})", mark.word),
        false => format!(" ({}: {})", mark.word, mark.why),
    }
}
