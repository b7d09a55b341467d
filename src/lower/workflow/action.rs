//! Build steps that are actions: `docker/build-push-action`, with the tags of `docker/metadata-action`.

use super::{Stated, Step, narrow};
use crate::source::Place;
use crate::syntax::yaml::Node;

/// Tags and other items of one value.
const MAX_PARTS: usize = 256;

/// What a step builds with, as written.
pub(super) fn read<'a>(step: &Step<'a>, steps: &'a [Node]) -> Option<Stated> {
    let uses = step.node.get("uses")?;
    let name = uses.text()?.split('@').next()?;
    let with = step.node.get("with");
    let of = |key: &str| with.and_then(|with| with.get(key));
    match name {
        "docker/build-push-action" => {}
        // The files that a bake names are not read.
        "docker/bake-action" => {
            let mut stated = Stated::at(uses.place.clone());
            stated.pushes = pushes(of("push"), None);
            stated.tags.push(("${{ bake }}".to_owned(), uses.place.clone()));
            return Some(stated);
        }
        _ => return None,
    }
    let mut stated = Stated::at(uses.place.clone());
    stated.context = of("context").and_then(text);
    stated.dockerfile = of("file").and_then(text);
    stated.platforms = of("platforms").map(parts).unwrap_or_default();
    stated.caches = ["cache-from", "cache-to"].iter().filter_map(|key| of(key)).flat_map(lines).collect();
    stated.pushes = pushes(of("push"), of("outputs"));
    for (tag, place) in of("tags").map(parts).unwrap_or_default() {
        match metadata(&tag, steps) {
            Some(tags) => stated.tags.extend(tags.into_iter().map(|tag| (tag, place.clone()))),
            None => stated.tags.push((tag, place)),
        }
    }
    Some(stated)
}

/// Whether a build pushes; what the run decides counts as yes.
fn pushes(push: Option<&Node>, outputs: Option<&Node>) -> bool {
    let outputs = outputs.and_then(Node::text).unwrap_or_default();
    match push.and_then(Node::text) {
        Some(push) => push != "false",
        None => outputs.contains("push=true") || outputs.contains("type=registry"),
    }
}

fn text(node: &Node) -> Option<(String, Place)> {
    Some((node.text()?.trim().to_owned(), node.place.clone()))
}

/// The lines of a value, each with its place.
fn lines(node: &Node) -> Vec<(String, Place)> {
    let text = node.text().unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| (line.to_owned(), narrow(&node.place, line))).collect()
}

/// The items of a value that commas or lines separate.
fn parts(node: &Node) -> Vec<(String, Place)> {
    let split = |(line, place): (String, Place)| {
        let items: Vec<(String, Place)> = line
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| (item.to_owned(), narrow(&place, item)))
            .collect();
        items
    };
    // An expression may hold a comma.
    let is_expression = |line: &str| line.starts_with("${{") && line.find("}}") == Some(line.len() - 2);
    lines(node)
        .into_iter()
        .flat_map(
            |(line, place)| if is_expression(&line) { vec![(line, place)] } else { split((line, place)) },
        )
        .take(MAX_PARTS)
        .collect()
}

/// The references that `${{ steps.ID.outputs.tags }}` stands for, when that step is a `docker/metadata-action`.
fn metadata(tag: &str, steps: &[Node]) -> Option<Vec<String>> {
    let inside = tag.strip_prefix("${{")?.strip_suffix("}}")?.trim();
    let id = inside.strip_prefix("steps.")?.strip_suffix(".outputs.tags")?;
    let step = steps.iter().find(|step| step.get("id").and_then(Node::text) == Some(id))?;
    step.get("uses").and_then(Node::text).filter(|uses| uses.starts_with("docker/metadata-action@"))?;
    let of = |key: &str| step.at(&["with", key]).map(lines).unwrap_or_default();
    let tags: Vec<String> = match of("tags") {
        // What the action does by itself depends on the event.
        tags if tags.is_empty() => vec!["${{ metadata }}".to_owned()],
        tags => tags.iter().map(|(line, _)| metadata_tag(line)).collect(),
    };
    let images = of("images");
    let name = |line: &str| {
        let fields = line.split(',').map(str::trim);
        let named = fields.clone().find_map(|field| field.strip_prefix("name="));
        named.or_else(|| fields.clone().next()).unwrap_or_default().to_owned()
    };
    let all =
        images.iter().flat_map(|(image, _)| tags.iter().map(move |tag| format!("{}:{tag}", name(image))));
    Some(all.take(MAX_PARTS).collect())
}

/// The tag of one rule: `type=raw,value=1.2`; every other type depends on the event.
fn metadata_tag(line: &str) -> String {
    let field = |name: &str| line.split(',').find_map(|field| field.trim().strip_prefix(name));
    match (field("type="), field("value=")) {
        (Some("raw"), Some(value)) if field("enable=").is_none() => value.to_owned(),
        _ => "${{ metadata }}".to_owned(),
    }
}
