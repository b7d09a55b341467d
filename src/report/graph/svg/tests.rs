//! Layout and drawing of small, hostile and large graphs.

use super::super::{Drawing, Edge, GraphFormat, Kind, Look, Mark};
use super::layout::{HEIGHT, Layout, MAX_NODES, SMALL, WIDTH};
use crate::finding::Severity;

fn edge(parent: &str, child: &str, word: Option<&'static str>) -> Edge {
    let mark = word.map(|word| Mark { word, why: String::new() });
    Edge { parent: parent.to_owned(), child: child.to_owned(), mark }
}

fn drawing(edges: &[(&str, &str)]) -> Drawing {
    Drawing::new(edges.iter().map(|(parent, child)| edge(parent, child, None)).collect(), Vec::new())
}

fn written(drawing: &Drawing, format: GraphFormat) -> String {
    let mut out = Vec::new();
    drawing.write(format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Nothing overlaps, nothing stands outside.
fn assert_tidy(layout: &Layout<'_>) {
    let height = |small: bool| if small { SMALL } else { HEIGHT };
    for (at, one) in layout.nodes.iter().enumerate() {
        let (right, bottom) = (one.x + WIDTH, one.y + height(one.is_small));
        assert!(right <= layout.width && bottom <= layout.height, "{one:?}");
        for other in &layout.nodes[at + 1..] {
            let apart = right <= other.x
                || other.x + WIDTH <= one.x
                || bottom <= other.y
                || other.y + height(other.is_small) <= one.y;
            assert!(apart, "{one:?} {other:?}");
        }
    }
}

#[test]
fn parents_stand_in_the_middle_left_of_their_children() {
    let drawing = drawing(&[("r", "a"), ("r", "b"), ("r", "c"), ("b", "d"), ("b", "e")]);
    let layout = Layout::new(&drawing);
    assert_tidy(&layout);
    let at = |name: &str| layout.nodes.iter().find(|node| node.name == name).unwrap();
    assert_eq!(at("b").y, usize::midpoint(at("d").y, at("e").y));
    assert_eq!(at("r").y, usize::midpoint(at("a").y, at("c").y));
    assert!(at("r").x < at("b").x && at("b").x < at("d").x && at("a").x == at("c").x);
    assert!(layout.frames.is_empty() && layout.lines.len() == 5);
}

#[test]
fn many_leaves_stand_in_one_frame() {
    let names: Vec<String> = (0..85).map(|at| format!("s{at:02}")).collect();
    let mut edges: Vec<(&str, &str)> = names.iter().map(|name| ("base", name.as_str())).collect();
    edges.extend([("base", "family"), ("family", "x"), ("family", "y")]);
    let drawing = drawing(&edges);
    let layout = Layout::new(&drawing);
    assert_tidy(&layout);
    assert_eq!((layout.frames.len(), layout.lines.len()), (1, 4));
    assert_eq!(layout.nodes.iter().filter(|node| node.is_small).count(), 85);
    assert!(layout.height < 1200, "{}", layout.height);
}

#[test]
fn cycles_come_back_and_end() {
    for (edges, back) in [
        (&[("a", "a")][..], 1),
        (&[("a", "b"), ("b", "a")], 1),
        (&[("r", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "b")], 2),
        // Two parents are no cycle.
        (&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")], 0),
    ] {
        let drawing = drawing(edges);
        let layout = Layout::new(&drawing);
        assert_tidy(&layout);
        assert_eq!(layout.lines.iter().filter(|line| line.is_back).count(), back, "{edges:?}");
        assert_eq!(layout.lines.len(), edges.len(), "{edges:?}");
    }
}

#[test]
fn a_deep_or_wide_graph_is_cut_and_says_so() {
    let names: Vec<String> = (0..20_000).map(|at| format!("n{at:05}")).collect();
    let chain = Drawing::new(names.windows(2).map(|two| edge(&two[0], &two[1], None)).collect(), Vec::new());
    let alone = Drawing::new(Vec::new(), names.clone());
    for drawing in [chain, alone] {
        let layout = Layout::new(&drawing);
        assert_eq!((layout.nodes.len(), layout.left_out), (MAX_NODES, 20_000 - MAX_NODES));
        assert!(
            written(&drawing, GraphFormat::Svg)
                .contains("… and 18000 more images that the drawing leaves out")
        );
    }
}

#[test]
fn an_svg_says_marks_severities_and_escapes() {
    let edges = vec![edge("b", "<x>\u{202e}", Some("claimed")), edge("b", "y", Some("proven"))];
    let mut drawing = Drawing::new(edges, Vec::new());
    let file = Some("y/Dockerfile".to_owned());
    drawing.look(
        "y".to_owned(),
        Look { kind: Kind::Service, file, service: Some("\"y\"".into()), ..Look::default() },
    );
    let findings =
        [("y/Dockerfile", Severity::Note), ("y/Dockerfile", Severity::Error), ("z", Severity::Error)];
    drawing.count(findings.into_iter());
    let document = written(&drawing, GraphFormat::Svg);
    for part in [
        "<svg xmlns=\"http://www.w3.org/2000/svg\"",
        "role=\"img\"",
        "prefers-color-scheme: dark",
        "class=\"line unsure\"",
        ">claimed</text>",
        ">proven</text>",
        "&lt;x&gt;\\u{202e}",
        "<g class=\"node service error\"><title>y (service) · service &quot;y&quot; · y/Dockerfile · 2 findings, the worst: error</title>",
    ] {
        assert!(document.contains(part), "{part}: {document}");
    }
    let mut page = Vec::new();
    drawing.write_inline(&mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("data-name=\"y\" data-service=\"&quot;y&quot;\" tabindex=\"0\">"), "{page}");
    assert!(!page.contains("xmlns") && !page.contains("prefers-color-scheme"), "{page}");
    // The smallest letters stay at nine pixels of ten, however narrow the page is.
    assert!(super::STYLE.contains(&format!(".bases .file {{ font-size: {}px;", super::FILE_PIXELS)));
    let width: usize = page.split_once(" width=\"").unwrap().1.split('"').next().unwrap().parse().unwrap();
    assert!(page.contains(&format!(".bases {{ min-width: {}px; }}\n</style>", width * 9 / 10)), "{page}");
    assert!(!document.contains("min-width"), "{document}");
}

#[test]
fn long_and_wide_names_are_cut() {
    let wide = "語".repeat(40);
    let long = format!("registry.example/{}:1", "a".repeat(60));
    let text = written(&drawing(&[(&long, &wide)]), GraphFormat::Svg);
    assert!(text.contains(&format!(">{}…</text>", "語".repeat(13))), "{text}");
    assert!(text.contains(">registry.example/aaaaaaaaa…</text>"), "{text}");
    assert!(text.contains(&format!("<title>{long} (external image)</title>")), "{text}");
}
