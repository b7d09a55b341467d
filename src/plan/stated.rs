//! What a Markdown plan states beside its service table: machine values, CUDA architectures, the tree of base images,
//! and its example Dockerfiles. Kept as it is written; the `plan-contradiction` rule compares it with the TOML.

use std::collections::HashSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::resolve::{machine_named, machine_names};
use super::types::{Plan, Stated};
use crate::model::Spanned;
use crate::source::{Place, Source, Span};
use crate::syntax::image_reference::ImageReference;
use crate::syntax::markdown::{Block, Markdown, Table};

const ARCH_LIST: &[u8] = b"TORCH_CUDA_ARCH_LIST";

/// Reads all of it.
pub(super) fn read(plan: &mut Plan, source: &Arc<Source>, document: &Markdown) {
    let mut stated = Vec::new();
    for table in &document.tables {
        machine_values(plan, table, source, &mut stated);
    }
    architectures(source, document, &mut stated);
    for block in &document.blocks {
        if is_dockerfile(block) {
            plan.examples.push(Place::new(source, block.span));
        } else if is_plain(block) {
            hierarchy(plan, block, source, &mut stated);
        }
    }
    plan.stated.append(&mut stated);
}

/// Whether a header says that its column holds keys of the machine profile.
pub(super) fn is_key_header(text: &str) -> bool {
    ["key", "keys", "variable", "setting", "environment variable"].contains(&text.to_lowercase().as_str())
}

/// Whether a block may hold an indented tree: it is in no language.
pub(super) fn is_plain(block: &Block) -> bool {
    matches!(block.language().as_str(), "" | "text" | "txt" | "plain" | "plaintext" | "tree")
}

/// Whether a block is a Dockerfile that can be read.
pub(super) fn is_dockerfile(block: &Block) -> bool {
    block.whole && matches!(block.language().as_str(), "dockerfile" | "docker" | "containerfile")
}

/// A table whose first header is `Key` and whose others name machines.
fn machine_values(plan: &Plan, table: &Table, source: &Arc<Source>, out: &mut Vec<Stated>) {
    let Some(first) = table.header.first() else { return };
    if !is_key_header(&first.text) {
        return;
    }
    let names = machine_names(&plan.machines);
    let columns: Vec<_> = table.header.iter().map(|cell| machine_named(&names, &cell.text)).collect();
    for row in &table.rows {
        let Some(key) = row.first().filter(|cell| !cell.text.is_empty()) else { continue };
        for (cell, machine) in row.iter().zip(&columns).skip(1) {
            if let Some(machine) = machine.filter(|_| !cell.text.is_empty()) {
                let value = Spanned::new(SmolStr::from(&cell.text), Place::new(source, cell.span));
                out.push(Stated::MachineValue { machine, key: SmolStr::from(&key.text), value });
            }
        }
    }
}

/// `TORCH_CUDA_ARCH_LIST="8.6;8.9"` outside of code blocks.
pub(super) fn architectures(source: &Arc<Source>, document: &Markdown, out: &mut Vec<Stated>) {
    let bytes = source.bytes();
    for at in memchr::memmem::find_iter(bytes, ARCH_LIST) {
        let block = document.blocks.partition_point(|block| block.span.end as usize <= at);
        if document.blocks.get(block).is_some_and(|block| (block.span.start as usize) <= at) {
            continue;
        }
        let mut rest = &bytes[at + ARCH_LIST.len()..];
        let skip = |rest: &mut &[u8], any: &[u8]| {
            let count = rest.iter().take_while(|byte| any.contains(byte)).count();
            *rest = &rest[count..];
            count
        };
        skip(&mut rest, b" `");
        if skip(&mut rest, b"=:") == 0 {
            continue;
        }
        skip(&mut rest, b" `");
        let quoted = rest.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        rest = &rest[usize::from(quoted.is_some())..];
        let ends = |byte: &u8| match quoted {
            Some(quote) => *byte == quote || *byte == b'\n',
            None => byte.is_ascii_whitespace() || matches!(byte, b'`' | b',' | b')'),
        };
        let len = rest.iter().take(200).position(ends).unwrap_or(rest.len().min(200));
        let start = (bytes.len() - rest.len()) as u32;
        let place = Place::new(source, Span::new(start, start + len as u32));
        let text = place.text().trim_end_matches('.').to_owned();
        if !text.is_empty() {
            out.push(Stated::CudaArch(Spanned::new(SmolStr::from(text), place)));
        }
    }
}

/// An indented tree that names at least two images of the hierarchy.
fn hierarchy(plan: &Plan, block: &Block, source: &Arc<Source>, out: &mut Vec<Stated>) {
    let known: HashSet<&str> =
        plan.images.hierarchy.iter().map(|image| ImageReference::parse(&image.name.value).name()).collect();
    let nodes = tree(block, source);
    let image = |node: &TreeNode| {
        let name = ImageReference::parse(&node.word).name();
        let span = ImageReference::span_of(&node.word, name);
        let place = Place::new(source, Span::new(node.at + span.start, node.at + span.end));
        Spanned::new(SmolStr::from(name), place)
    };
    let mut tree: Vec<Stated> = nodes
        .iter()
        .map(|node| {
            let parent = node.parent.and_then(|at| nodes.get(at)).map(image);
            Stated::Hierarchy { image: image(node), parent }
        })
        .collect();
    let named = |stated: &&Stated| matches!(stated, Stated::Hierarchy { image, .. } if known.contains(image.value.as_str()));
    if tree.iter().filter(named).count() >= 2 {
        out.append(&mut tree);
    }
}

/// One line of an indented tree.
pub(super) struct TreeNode {
    /// The first word: an image as written, with its tag.
    pub(super) word: String,
    /// What follows the word.
    pub(super) rest: String,
    /// Where the word stands in the file.
    pub(super) at: u32,
    /// The line above it that is indented less.
    pub(super) parent: Option<usize>,
}

/// The lines of a tree that name something, each below the nearest line above that is indented less.
pub(super) fn tree(block: &Block, source: &Arc<Source>) -> Vec<TreeNode> {
    let mut nodes: Vec<TreeNode> = Vec::new();
    // Nodes that are open above the current line, with their columns in characters.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut start = block.span.start;
    for line in source.slice(block.span).split(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let name_at = text.char_indices().enumerate().find(|(_, (_, c))| c.is_alphanumeric() || *c == '#');
        if let Some((column, (offset, _))) = name_at {
            let word = text[offset..].split(char::is_whitespace).next().unwrap_or_default();
            let name = ImageReference::parse(word).name();
            // Invalid bytes would move the offset; such a line is no name anyway.
            if !word.starts_with('#') && !name.is_empty() && name.is_ascii() && text.len() == line.len() {
                while open.last().is_some_and(|(above, _)| *above >= column) {
                    open.pop();
                }
                let parent = open.last().map(|(_, node)| *node);
                open.push((column, nodes.len()));
                let rest = text[offset + word.len()..].trim().to_owned();
                nodes.push(TreeNode { word: word.to_owned(), rest, at: start + offset as u32, parent });
            }
        }
        start += line.len() as u32 + 1;
    }
    nodes
}
