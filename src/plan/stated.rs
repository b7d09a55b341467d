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
        match block.language().as_str() {
            "dockerfile" | "docker" | "containerfile" if block.whole => {
                plan.examples.push(Place::new(source, block.span));
            }
            "" | "text" | "txt" | "plain" | "plaintext" | "tree" => {
                hierarchy(plan, block, source, &mut stated)
            }
            _ => {}
        }
    }
    plan.stated.append(&mut stated);
}

/// A table whose first header is `Key` and whose others name machines.
fn machine_values(plan: &Plan, table: &Table, source: &Arc<Source>, out: &mut Vec<Stated>) {
    let Some(first) = table.header.first() else { return };
    let keys = ["key", "keys", "variable", "setting", "environment variable"];
    if !keys.contains(&first.text.to_lowercase().as_str()) {
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
fn architectures(source: &Arc<Source>, document: &Markdown, out: &mut Vec<Stated>) {
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
    let mut tree = Vec::new();
    // Images that are open above the current line, with their columns.
    let mut open: Vec<(usize, Spanned<SmolStr>)> = Vec::new();
    for (column, image) in tree_lines(block, source) {
        while open.last().is_some_and(|(above, _)| *above >= column) {
            open.pop();
        }
        let parent = open.last().map(|(_, parent)| parent.clone());
        open.push((column, image.clone()));
        tree.push(Stated::Hierarchy { image, parent });
    }
    let named = |stated: &&Stated| matches!(stated, Stated::Hierarchy { image, .. } if known.contains(image.value.as_str()));
    if tree.iter().filter(named).count() >= 2 {
        out.append(&mut tree);
    }
}

/// The lines of a tree: the column of each name in characters, and the name without its tag.
fn tree_lines(block: &Block, source: &Arc<Source>) -> Vec<(usize, Spanned<SmolStr>)> {
    let mut lines = Vec::new();
    let mut start = block.span.start;
    for line in source.slice(block.span).split(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let name_at = text.char_indices().enumerate().find(|(_, (_, c))| c.is_alphanumeric() || *c == '#');
        if let Some((column, (offset, _))) = name_at {
            let word = text[offset..].split(char::is_whitespace).next().unwrap_or_default();
            let name = ImageReference::parse(word).name();
            // Invalid bytes would move the offset; such a line is no name anyway.
            if !word.starts_with('#') && !name.is_empty() && name.is_ascii() && text.len() == line.len() {
                let at = start + (offset + (name.as_ptr() as usize - word.as_ptr() as usize)) as u32;
                let place = Place::new(source, Span::new(at, at + name.len() as u32));
                lines.push((column, Spanned::new(SmolStr::from(name), place)));
            }
        }
        start += line.len() as u32 + 1;
    }
    lines
}
