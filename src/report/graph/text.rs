//! `text`: an indented tree.
//!
//! What is built on an image stands below it once, where it is named first; elsewhere the image is named only. So the tree
//! has a line for each edge, however many ways lead to one image. A chain that is too deep for the screen goes on below, at
//! the margin, which keeps a line as short as the names in it.

use std::collections::{HashSet, VecDeque};
use std::io::Write;

use super::{Drawing, Edge, Mark};

/// Levels below the margin; what is deeper goes on at the margin.
const MAX_DEPTH: usize = 64;

/// Writes the tree, with an explicit stack.
pub(super) fn write(drawing: &Drawing, out: &mut dyn Write) -> std::io::Result<()> {
    let mut trees: VecDeque<&str> = drawing.roots.iter().map(String::as_str).collect();
    let mut shown = HashSet::new();
    while let Some(root) = trees.pop_front() {
        // What was to go on here may stand at a shallower place by now.
        if shown.insert(root) {
            writeln!(out, "{root}")?;
            tree(drawing, root, &mut shown, &mut trees, out)?;
        }
    }
    Ok(())
}

/// Writes what stands below a root; `shown` is what stands anywhere with its children, `later` what is too deep here.
fn tree<'d>(
    drawing: &'d Drawing,
    root: &'d str,
    shown: &mut HashSet<&'d str>,
    later: &mut VecDeque<&'d str>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut path = HashSet::from([root]);
    let mut indent = String::new();
    let mut stack: Vec<Level<'d>> =
        vec![Level { image: root, rest: drawing.children(root).iter(), indent: 0 }];
    while let Some(level) = stack.last_mut() {
        let Some(edge) = level.rest.next() else {
            path.remove(level.image);
            indent.truncate(level.indent);
            stack.pop();
            continue;
        };
        let (child, last) = (edge.child.as_str(), level.rest.len() == 0);
        let (branch, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let children = drawing.children(child);
        let stands = match () {
            () if path.contains(child) => " (a cycle: it stands above already)",
            () if children.is_empty() => "",
            () if shown.contains(child) => " (see above)",
            () if stack.len() >= MAX_DEPTH => " (goes on below)",
            () => "",
        };
        let mark = edge.mark.as_ref().map_or(String::new(), note);
        writeln!(out, "{indent}{branch}{child}{mark}{stands}")?;
        if children.is_empty() || shown.contains(child) {
            continue;
        }
        if stack.len() >= MAX_DEPTH {
            later.push_back(child);
            continue;
        }
        shown.insert(child);
        path.insert(child);
        stack.push(Level { image: child, rest: children.iter(), indent: indent.len() });
        indent.push_str(below);
    }
    Ok(())
}

/// An image whose children are being written.
struct Level<'d> {
    image: &'d str,
    rest: std::slice::Iter<'d, Edge>,
    /// Bytes of indentation above it.
    indent: usize,
}

/// What the tree says of an edge.
fn note(mark: &Mark) -> String {
    match mark.why.is_empty() {
        true => format!(" ({})", mark.word),
        false => format!(" ({}: {})", mark.word, mark.why),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Drawing, Edge, GraphFormat};

    fn written(edges: &[(String, String)], format: GraphFormat) -> String {
        let edge = |(parent, child): &(String, String)| Edge {
            parent: parent.clone(),
            child: child.clone(),
            mark: None,
        };
        let mut out = Vec::new();
        Drawing::new(edges.iter().map(edge).collect(), Vec::new()).write(format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn text(edges: &[(&str, &str)]) -> String {
        let edges: Vec<_> = edges.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        written(&edges, GraphFormat::Text)
    }

    #[test]
    fn children_stand_below_the_first_place_only() {
        let diamond = [("r", "a"), ("r", "b"), ("a", "m"), ("b", "m"), ("m", "x"), ("m", "y"), ("b", "x")];
        assert_eq!(
            text(&diamond),
            "r\n├─ a\n│  └─ m\n│     ├─ x\n│     └─ y\n└─ b\n   ├─ m (see above)\n   └─ x\n",
            "and what has no children is only named"
        );
        assert_eq!(text(&[("r", "x"), ("s", "r"), ("q", "r")]), "q\n└─ r\n   └─ x\ns\n└─ r (see above)\n");
    }

    #[test]
    fn a_cycle_is_called_one() {
        assert_eq!(
            text(&[("a", "b"), ("b", "c"), ("b", "a"), ("c", "c")]),
            "a\n└─ b\n   ├─ a (a cycle: it stands above already)\n   └─ c\n      └─ c (a cycle: it stands above already)\n"
        );
    }

    #[test]
    fn many_ways_to_one_image_are_one_line_for_each_edge() {
        // Two to the 200th ways lead from the first to the last.
        let ends = ["a", "b"];
        let edges: Vec<(String, String)> = (0..200)
            .flat_map(|at| ends.map(|from| ends.map(|to| (format!("{from}{at}"), format!("{to}{}", at + 1)))))
            .flatten()
            .collect();
        for format in [GraphFormat::Text, GraphFormat::Dot, GraphFormat::Mermaid] {
            let lines = written(&edges, format).lines().count();
            assert!((edges.len()..2 * edges.len()).contains(&lines), "{format:?}: {lines}");
        }
        assert!(written(&edges, GraphFormat::Svg).len() < 1 << 20);
    }

    #[test]
    fn a_deep_chain_goes_on_at_the_margin() {
        let chain: Vec<_> = (0..20_000).map(|at| (format!("n{at:05}"), format!("n{:05}", at + 1))).collect();
        let shown = written(&chain, GraphFormat::Text);
        let goes_on = shown.matches(" (goes on below)\n").count();
        assert_eq!(goes_on, (20_000 - 1) / super::MAX_DEPTH);
        assert_eq!(shown.lines().count(), 20_001 + goes_on, "each image, and once more where it goes on");
        assert!(shown.contains("\nn00064\n└─ n00065\n") && shown.ends_with("n20000\n"));
        assert!(shown.len() < 4 << 20, "{}", shown.len());
    }
}
