//! `graph --format svg`: a drawing that is XML, says the whole fleet, and loops on no cycle.

use std::collections::BTreeSet;

use crate::support::{folder, plimsoll, repository, write};

/// Whether every element is closed in order and every attribute and text is escaped.
fn assert_xml(text: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, rest) = part.split_once('>').unwrap_or_else(|| panic!("an open tag: {part}"));
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{part}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
        for entity in rest.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
            assert!(known.iter().any(|known| entity.starts_with(known)), "{part}");
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_image_of_a_fleet_is_drawn_once() {
    let fleet = repository("testdata/fleets/blueprint");
    let run = plimsoll(&fleet, &["graph", "--format", "svg"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_xml(&run.stdout);
    let dot = plimsoll(&fleet, &["graph", "--format", "dot"]).stdout;
    let names: BTreeSet<&str> = dot.split('"').skip(1).step_by(2).collect();
    assert!(names.len() > 60, "{}", names.len());
    assert_eq!(run.stdout.matches("<g class=\"node ").count(), names.len());
    for name in names {
        assert!(run.stdout.contains(&format!("<title>{name} (")), "{name}");
    }
    assert_eq!(
        run.stdout,
        plimsoll(&fleet, &["graph", "--format", "svg"]).stdout,
        "the same bytes every time"
    );
}

#[test]
fn cycles_and_hostile_names_are_drawn() {
    let folder = folder("graph-cycle");
    write(&folder.join("plimsoll.toml"), "extends = []\n[images.hierarchy]\na = \"b\"\nb = \"a\"\n");
    write(&folder.join("a/Dockerfile"), "FROM b\n");
    write(&folder.join("b/Dockerfile"), "FROM a\n");
    write(&folder.join("c/Dockerfile"), "FROM <svg/onload=x>&\"'\u{202e}\n");
    let run = plimsoll(&folder, &["graph", "--format", "svg"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_xml(&run.stdout);
    assert_eq!(run.stdout.matches(">cycle</text>").count(), 1, "{}", run.stdout);
    assert!(run.stdout.contains("; 1 cycle."), "{}", run.stdout);
    assert!(!run.stdout.contains("onload=x>") && !run.stdout.contains('\u{202e}'), "{}", run.stdout);
}
