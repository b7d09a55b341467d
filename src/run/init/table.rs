//! The table of services in a Markdown file of the repository, when there is one that the plan's own reader understands
//! and whose rows are services of this repository.

use std::collections::BTreeMap;

use super::draft::{list, quoted};
use super::look::Seen;
use super::overlay::{Overlay, PLAN};
use crate::lower::{FileKind, Files};
use crate::path;
use crate::plan::{Plan, PlanIndex, PlanRequest, load};
use crate::syntax::markdown::Markdown;

/// Folders in which a plan is looked for, and files of each.
const FOLDERS: [&str; 6] = [".", "docs", "doc", "documentation", "plan", "plans"];
const MAX_FILES: usize = 100;
/// Largest file that is read, in bytes; tables of one file.
const MAX_BYTES: usize = 1 << 20;
const MAX_TABLES: usize = 20;

/// A table of services.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Path of the file.
    pub(super) file: String,
    /// The heading above it; `None`: it is the only one.
    pub(super) heading: Option<String>,
    /// Its rows.
    pub(super) rows: usize,
    /// Rows that a Dockerfile of the repository belongs to.
    pub(super) found: usize,
    /// Machines that its rows name, with the number of rows.
    pub(super) machines: BTreeMap<String, usize>,
}

impl Table {
    /// The setting that names it.
    pub(super) fn setting(&self) -> String {
        let heading = self.heading.as_ref().map(|heading| format!(", heading = {}", quoted(heading)));
        format!("table = {{ file = {}{} }}", quoted(&self.file), heading.unwrap_or_default())
    }
}

/// The table whose rows name most of the repository's services.
pub(super) fn find(seen: &Seen, files: &dyn Files) -> Option<Table> {
    let mut best: Option<Table> = None;
    for file in markdown_files(files) {
        for candidate in candidates(&file, files) {
            let Some(table) = understood(candidate, seen, files) else { continue };
            if best.as_ref().is_none_or(|best| table.found > best.found) {
                best = Some(table);
            }
        }
    }
    best
}

fn markdown_files(files: &dyn Files) -> Vec<String> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let names = files.list(folder);
        let markdown =
            |name: &str| name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("md"));
        let names = names.iter().filter(|(name, kind)| *kind == FileKind::File && markdown(name));
        found.extend(names.take(MAX_FILES).map(|(name, _)| path::clean(&format!("{folder}/{name}"))));
    }
    found
}

/// Tables with a column of services, each with the heading above it.
fn candidates(file: &str, files: &dyn Files) -> Vec<(String, Option<String>)> {
    let Some(source) = files.read(file).filter(|source| source.bytes().len() <= MAX_BYTES) else {
        return Vec::new();
    };
    // Most Markdown has no table at all.
    if memchr::memchr(b'|', source.bytes()).is_none() {
        return Vec::new();
    }
    let document = Markdown::parse(source.bytes());
    let words = |text: &str, word: &str| {
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|it| it == word)
    };
    let tables = document.tables.iter().filter(|table| {
        let says = |wanted: [&str; 2]| {
            table.header.iter().any(|cell| wanted.iter().any(|word| words(&cell.text, word)))
        };
        says(["service", "services"]) && says(["port", "ports"]) && !table.rows.is_empty()
    });
    let heading = |at: u32| document.headings.iter().rev().find(|heading| heading.span.end <= at);
    tables
        .take(MAX_TABLES)
        .map(|table| (file.to_owned(), heading(table.span.start).map(|it| it.text.clone())))
        .collect()
}

/// The table as a plan reads it; `None` when it cannot, or when fewer than half of its rows are services of this
/// repository.
fn understood((file, heading): (String, Option<String>), seen: &Seen, files: &dyn Files) -> Option<Table> {
    let mut table = Table { file, heading, rows: 0, found: 0, machines: BTreeMap::new() };
    let plan = loaded(&format!("{}\n", table.setting()), files)?;
    let index = PlanIndex::new(&plan);
    let mut is_found = vec![false; plan.services.len()];
    for service in seen.services.iter().filter_map(|service| index.service_of(&service.path)) {
        is_found[service] = true;
    }
    table.rows = plan.services.len();
    table.found = is_found.iter().filter(|found| **found).count();
    for name in plan.services.iter().flat_map(|row| &row.unknown_machines) {
        *table.machines.entry(name.value.to_string()).or_default() += 1;
    }
    (table.found > 0 && table.found * 2 >= table.rows).then_some(table)
}

fn loaded(services: &str, files: &dyn Files) -> Option<Plan> {
    let overlay =
        Overlay::new(files, &format!("extends = {}\n[services]\n{services}", list(["recommended"])));
    load(&PlanRequest { path: Some(PLAN), packs: &[], known_rule: &crate::rules::known }, &overlay).ok()
}
