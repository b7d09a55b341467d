//! The hierarchy of base images: trees, diagrams, tables and sentences that say what an image is built from.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::stated::{self, TreeNode};
use super::claims::{Claims, Value, Voice, key};
use super::statements::{Pattern, Statement, heading_above};
use crate::source::Source;
use crate::syntax::image_reference::ImageReference;
use crate::syntax::markdown::{Block, Markdown, Table};

/// Images of one tree; more are no hierarchy that people planned.
const MAX_NODES: usize = 2000;

static BUILT_FROM: Pattern = Pattern::new(
    "`",
    r"`([a-z0-9][a-z0-9._-]*)`\s*(?:\([^)]*\)\s*)?(?:is built from|built from|is built on|builds on|is based on|based on|stands on|extends|from|<-)\s+`([a-z0-9][a-z0-9._/:@-]*)`",
);
static COMMENT_FROM: Pattern =
    Pattern::new("from", r"#.*\bfrom\s+([a-z0-9][a-z0-9._/-]*[/:][a-z0-9._/:@-]+)");
static NODE: Pattern = Pattern::new(
    "",
    "^\\s*([a-z0-9_][a-z0-9_./:-]*)\\s*(?:[\\[({]+\\s*\"?([^\"\\])}]*)\"?\\s*[\\])}]+)?\\s*$",
);

#[cfg(test)]
pub(super) static ALL: [&Pattern; 3] = [&BUILT_FROM, &COMMENT_FROM, &NODE];

/// One image, what it is built from, and where that is said.
struct Edge {
    image: String,
    parent: Option<String>,
    at: u32,
}

/// Reads trees and diagrams; `bases` are the base families of the service table.
pub(super) fn blocks(
    document: &Markdown,
    source: &Arc<Source>,
    bases: &HashSet<String>,
    claims: &mut Claims,
) {
    for block in &document.blocks {
        let heading = heading_above(document, block.span.start);
        let heading = heading.map(|heading| heading.text.to_lowercase()).unwrap_or_default();
        if stated::is_plain(block) {
            tree(block, source, &heading, bases, claims);
        } else if block.language() == "mermaid" {
            diagram(block, source, claims);
        }
    }
}

/// Whether a word can be an image of the fleet's own.
fn is_image(word: &str) -> bool {
    let fits = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@')
    };
    word.len() <= 200
        && word.chars().all(fits)
        && word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn tree(block: &Block, source: &Arc<Source>, heading: &str, bases: &HashSet<String>, claims: &mut Claims) {
    let nodes = stated::tree(block, source);
    let is_file = |node: &TreeNode| {
        let last = node.word.rsplit('/').next().unwrap_or_default();
        node.word.ends_with('/')
            || node.word.starts_with('/')
            || !is_image(&node.word)
            || [".py", ".md", ".txt", ".toml", ".json", ".yml", ".yaml", ".sh"]
                .iter()
                .any(|end| last.ends_with(end))
    };
    let names: HashSet<&str> = nodes.iter().map(|node| ImageReference::parse(&node.word).name()).collect();
    let speaks = ["image", "base", "hierarch"].iter().any(|word| heading.contains(word));
    let known = names.iter().any(|name| bases.contains(*name));
    let nests = nodes.iter().any(|node| node.parent.is_some());
    if !(2..=MAX_NODES).contains(&nodes.len()) || nodes.iter().any(is_file) || !nests || !(speaks || known) {
        return;
    }
    let edges = nodes.iter().map(|node| {
        let parent = node.parent.and_then(|at| nodes.get(at)).map(|parent| parent.word.clone());
        Edge { image: node.word.clone(), parent, at: node.at }
    });
    let edges: Vec<Edge> = edges.collect();
    let explicit: HashMap<u32, String> = nodes
        .iter()
        .filter_map(|node| {
            let (_, parts) = COMMENT_FROM.first(&node.rest.to_ascii_lowercase(), &node.rest)?;
            Some((node.at, parts[1].to_owned()))
        })
        .collect();
    add(&edges, &explicit, None, claims);
}

/// Whether a root is an image that others make: nothing of the fleet's own shares the first part of its name.
fn is_external(root: &str, own: &HashSet<String>) -> bool {
    let reference = ImageReference::parse(root);
    let first = |name: &str| name.split(['-', '_', '.']).next().unwrap_or_default().to_owned();
    let prefix = first(reference.name());
    let shares = own.iter().any(|name| first(name) == prefix);
    !shares && (reference.tag.is_some() || reference.digest.is_some() || root.contains('/'))
}

/// Claims of the edges. `explicit` are parents that a comment writes out as the Dockerfile will.
fn add(edges: &[Edge], explicit: &HashMap<u32, String>, doubt: Option<&str>, claims: &mut Claims) {
    let name = |word: &str| ImageReference::parse(word).name().to_owned();
    let own: HashSet<String> =
        edges.iter().filter(|edge| edge.parent.is_some()).map(|edge| name(&edge.image)).collect();
    let is_own = |word: &str| own.contains(&name(word)) || !is_external(word, &own);
    for edge in edges {
        let way = key(["images", "hierarchy", &name(&edge.image), "from"]);
        let voice = doubt.map_or(Voice::Text, |why| Voice::Doubtful(why.to_owned()));
        if let Some(parent) = explicit.get(&edge.at) {
            claims.add(way.clone(), Value::Text(parent.clone()), edge.at, voice);
            // The tree says where it belongs, the comment what the Dockerfile says: the first is told, not taken.
            if let Some(parent) = &edge.parent {
                let why = "the tree has it there, and a comment says another FROM".to_owned();
                claims.add(way, Value::Text(name(parent)), edge.at, Voice::Doubtful(why));
            }
            continue;
        }
        match &edge.parent {
            Some(parent) => {
                let parent = if is_own(parent) { name(parent) } else { parent.clone() };
                claims.add(way, Value::Text(parent), edge.at, voice);
            }
            None if is_own(&edge.image) => {
                let guess = match edge.image.split_once('-') {
                    Some((_, rest)) if rest.contains(':') => rest.to_owned(),
                    _ => "?".to_owned(),
                };
                let why = "nothing says what it is built from".to_owned();
                claims.add(way, Value::Text(guess), edge.at, Voice::Doubtful(why));
            }
            None => {}
        }
    }
}

/// A diagram in Mermaid's words: `base-python --> base-utils`.
fn diagram(block: &Block, source: &Arc<Source>, claims: &mut Claims) {
    let text = String::from_utf8_lossy(source.slice(block.span));
    let mut labels: HashMap<String, String> = HashMap::new();
    let mut links: Vec<(String, String, u32)> = Vec::new();
    let mut start = block.span.start;
    for line in text.split_inclusive('\n') {
        let mut above: Option<String> = None;
        for part in line.trim().trim_end_matches(';').split("-->") {
            // `-->|text| node`: the text of the arrow means nothing here.
            let part = part
                .trim_start()
                .strip_prefix('|')
                .and_then(|rest| rest.split_once('|'))
                .map_or(part, |it| it.1);
            let Some((_, parts)) = NODE.first(&part.to_ascii_lowercase(), part) else { break };
            let (id, label) = (parts[1].to_owned(), parts[2].trim());
            if !label.is_empty() {
                labels.insert(id.clone(), label.to_owned());
            }
            if let Some(above) = above.replace(id.clone()).filter(|_| links.len() < MAX_NODES) {
                links.push((above, id, start));
            }
        }
        start += line.len() as u32;
    }
    let name = |id: &String| labels.get(id).unwrap_or(id).clone();
    let links: Vec<(String, String, u32)> =
        links.iter().map(|(from, to, at)| (name(from), name(to), *at)).collect();
    if links.is_empty() || links.iter().any(|(from, to, _)| !is_image(from) || !is_image(to)) {
        return;
    }
    let sources: HashSet<&String> = links.iter().map(|(from, _, _)| from).collect();
    let targets: HashSet<&String> = links.iter().map(|(_, to, _)| to).collect();
    let outside = |word: &&String| word.contains([':', '/']);
    let down = sources.iter().filter(|word| !targets.contains(**word)).any(outside);
    let up = targets.iter().filter(|word| !sources.contains(**word)).any(outside);
    let edge = |(from, to, at): &(String, String, u32)| {
        let (image, parent) = if up && !down { (from, to) } else { (to, from) };
        Edge { image: image.clone(), parent: Some(parent.clone()), at: *at }
    };
    let edges: Vec<Edge> = links.iter().map(edge).collect();
    let doubt = (up == down).then_some("the diagram does not tell which end of an arrow is the base");
    add(&edges, &HashMap::new(), doubt, claims);
}

/// The columns of a table that says what images are built from: image, parent, Dockerfile, repository.
pub(super) fn columns(table: &Table) -> Option<[Option<usize>; 4]> {
    let find = |names: &[&str]| {
        table.header.iter().position(|cell| names.contains(&cell.text.to_lowercase().trim_end_matches(':')))
    };
    let clear = ["parent", "from", "built from", "based on", "builds on", "parent image", "inherits from"];
    let image = find(&["image", "base image", "image name", "image family", "family", "base family"]);
    let parent = find(&clear).or_else(|| image.and_then(|_| find(&["base"])));
    // A table of names is one of images only where it says `from`.
    let image = image.or_else(|| find(&["name"]).filter(|_| find(&clear).is_some()))?;
    let parent = parent.filter(|parent| *parent != image)?;
    Some([Some(image), Some(parent), find(&["dockerfile", "path"]), find(&["repository"])])
}

/// Reads such a table.
pub(super) fn table(table: &Table, columns: [Option<usize>; 4], claims: &mut Claims) {
    let [Some(image), ..] = columns else { return };
    for row in table.rows.iter().take(MAX_NODES) {
        let Some(name) = row.get(image).filter(|cell| !cell.text.is_empty()) else { continue };
        for (field, column) in ["from", "path", "repository"].iter().zip(&columns[1..]) {
            let cell = column.and_then(|at| row.get(at));
            if let Some(cell) = cell.filter(|cell| !super::super::cells::is_nothing(&cell.text)) {
                let way = key(["images", "hierarchy", &name.text, *field]);
                let word = cell.text.split_whitespace().count() == 1;
                let voice = match word && !name.text.contains(char::is_whitespace) {
                    true => Voice::Text,
                    false => Voice::Doubtful("it is no name of an image".to_owned()),
                };
                claims.add(way, Value::Text(cell.text.clone()), cell.span.start, voice);
            }
        }
    }
}

/// Sentences: "`base-utils` is built from `base-python`".
pub(super) fn sentence(statement: &Statement, claims: &mut Claims) {
    if !statement.speaks_of(&["image", "base", "hierarch"]) {
        return;
    }
    for found in BUILT_FROM.find_all(&statement.lower) {
        let (Some(image), Some(parent)) = (found[1].clone(), found[2].clone()) else { continue };
        let at = image.start;
        let (Some(image), Some(parent)) = (statement.lower.get(image), statement.text.get(parent)) else {
            continue;
        };
        let way = key(["images", "hierarchy", image, "from"]);
        claims.add(way, Value::Text(parent.to_owned()), statement.offset(at), statement.voice(at, &[]));
    }
}

/// Lists in lists: an item stands on the item that it is nested in.
pub(super) fn lists(statements: &[Statement], claims: &mut Claims) {
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut edges: Vec<Edge> = Vec::new();
    for statement in statements {
        let under =
            ["base image", "hierarch", "image tree"].iter().any(|word| statement.under.contains(word));
        let name =
            statement.text.strip_prefix('`').and_then(|rest| rest.split_once('`')).map(|(name, _)| name);
        while open.last().is_some_and(|(depth, _)| *depth >= statement.depth) {
            open.pop();
        }
        let Some(name) = name.filter(|name| under && statement.depth > 0 && is_image(name)) else { continue };
        let parent = open.last().map(|(_, name)| name.clone());
        open.push((statement.depth, name.to_owned()));
        edges.push(Edge { image: name.to_owned(), parent, at: statement.offset(0) });
    }
    // A flat list names images and says nothing of their order.
    if edges.iter().any(|edge| edge.parent.is_some()) && edges.len() <= MAX_NODES {
        let nested: Vec<Edge> = edges
            .into_iter()
            .filter(|edge| {
                edge.parent.is_some()
                    || claims.of(&key(["images", "hierarchy", &edge.image, "from"])).is_empty()
            })
            .collect();
        add(&nested, &HashMap::new(), None, claims);
    }
}
