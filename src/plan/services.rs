//! `[machines]` and `[services]` of one plan file.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::cells::{self, Ports};
use super::draft::{Draft, RowDraft, TableReference, merge_by, merge_machines, set};
use super::endpoints::contracts;
use super::fields::{Context, Table};
use super::names::{join, normalise};
use super::sections::{FileScope, scalars};
use super::toml::{Entry, Node, Toml};
use super::types::Machine;
use crate::model::Spanned;

/// Machines of one plan.
const MAX_MACHINES: usize = 1000;

/// `[machines]`
pub(super) fn machines(
    draft: &mut Draft,
    entries: Vec<Entry>,
    scope: &FileScope<'_>,
    context: &mut Context<'_>,
) {
    if let Some(entry) = entries.get(MAX_MACHINES) {
        context.error(entry.key_span, format!("a plan has at most {MAX_MACHINES} machines"), None);
        return;
    }
    let mut new = Vec::with_capacity(entries.len());
    for entry in entries {
        let path = format!("machines.{}", entry.key);
        let name = context.spanned(SmolStr::from(entry.key), entry.key_span);
        let Some(mut table) = Table::of(path.clone(), entry.node, context) else { continue };
        let machine = Machine {
            name,
            alias: table.texts("alias", context).unwrap_or_default(),
            host: table.word("host", context),
            profile: table.word("profile", context).map(|profile| rebased(profile, scope)),
            profile_file: None,
            compose: {
                let files = table.texts("compose", context).unwrap_or_default();
                files.into_iter().map(|file| rebased(file, scope)).collect()
            },
            cuda_arch: table.texts("cuda-arch", context).unwrap_or_default(),
            values: scalars(&format!("{path}.values"), table.map("values", context), context),
        };
        table.finish(context);
        new.push(machine);
    }
    merge_machines(&mut draft.plan.machines, new);
}

/// A path of the file as one relative to the plan.
pub(super) fn rebased(path: Spanned<SmolStr>, scope: &FileScope<'_>) -> Spanned<SmolStr> {
    Spanned::new(SmolStr::from((scope.rebase)(&path.value)), path.place)
}

/// `[services]`
pub(super) fn apply(draft: &mut Draft, mut table: Table, scope: &FileScope<'_>, context: &mut Context<'_>) {
    set(&mut draft.table, table_reference(&mut table, scope, context));
    let new: Vec<_> =
        table.map("rows", context).into_iter().filter_map(|entry| row(entry, scope, context)).collect();
    merge_rows(draft, new);
    let contracts = contracts("services.contracts", table.map("contracts", context), scope, context);
    merge_by(&mut draft.plan.contracts, contracts, |contract| contract.name.value.clone());
    table.finish(context);
}

fn table_reference(
    table: &mut Table,
    scope: &FileScope<'_>,
    context: &mut Context<'_>,
) -> Option<TableReference> {
    let node = table.take("table")?;
    let span = node.span;
    let mut table = Table::of("services.table", node, context)?;
    let wrong = context.errors.len();
    let file = table.word("file", context);
    if file.is_none() && context.errors.len() == wrong {
        context.error(span, "`services.table` names no `file`".to_owned(), None);
    }
    let heading = table.word("heading", context);
    table.finish(context);
    let file = file?;
    Some(TableReference { file: Spanned::new(join(scope.folder, &file.value), file.place), heading })
}

/// Lays the rows of a file over those of earlier files. Two rows of one file with one name are noted.
fn merge_rows(draft: &mut Draft, new: Vec<RowDraft>) {
    let mut index: HashMap<String, usize> =
        draft.rows.iter().enumerate().map(|(i, row)| (normalise(&row.name.value), i)).collect();
    let mut here: HashMap<String, crate::source::Place> = HashMap::new();
    for row in new {
        let name = normalise(&row.name.value);
        if let Some(first) = here.get(&name) {
            let twice = (row.name.value.clone(), first.clone(), row.name.place.clone());
            draft.plan.duplicate_rows.push(twice);
        }
        here.insert(name.clone(), row.name.place.clone());
        match index.get(&name) {
            Some(at) => draft.rows[*at].overlay(row),
            None => {
                index.insert(name, draft.rows.len());
                draft.rows.push(row);
            }
        }
    }
}

fn row(entry: Entry, scope: &FileScope<'_>, context: &mut Context<'_>) -> Option<RowDraft> {
    let path = format!("services.rows.{}", entry.key);
    let mut row = RowDraft::new(context.spanned(SmolStr::from(entry.key), entry.key_span));
    let mut table = Table::of(path.clone(), entry.node, context)?;
    row.on = table.take("on").map(|node| {
        let names = context.texts_of(&table.path_of("on"), &node);
        context.spanned(names, node.span)
    });
    row.base = table.word("base", context);
    if let Some(node) = table.take("ports") {
        ports(&mut row, node, &table.path_of("ports"), context);
    }
    for (key, slot) in [("port", &mut row.service_port), ("health-port", &mut row.health_port)] {
        if let Some(node) = table.take(key) {
            set(slot, context.port_of(&table.path_of(key), &node));
        }
    }
    let paths = table.texts("paths", context).unwrap_or_default();
    row.paths = paths.into_iter().map(|path| rebased(path, scope)).collect();
    row.needs = table.word("needs", context);
    row.python = table.word("python", context);
    row.repository = table.word("repository", context);
    row.contracts = contracts(&format!("{path}.contracts"), table.map("contracts", context), scope, context);
    table.finish(context);
    Some(row)
}

/// `"7212/8212"`, `7212`, `[7212, 8212]` or `{ service = 7212, health = 8212 }`.
fn ports(row: &mut RowDraft, node: Node, path: &str, context: &mut Context<'_>) {
    let span = node.span;
    match node.value {
        Toml::Text(text) => match cells::ports(&text, span) {
            Ok(Ports { service, health }) => {
                row.service_port = service.map(|(port, at)| context.spanned(port, at));
                row.health_port = health.map(|(port, at)| context.spanned(port, at));
            }
            Err(why) => {
                context.error(
                    span,
                    format!("`{path}` {why}"),
                    Some("write it like \"7212/8212\"".to_owned()),
                );
            }
        },
        Toml::Table(entries) => {
            let mut table = Table::new(path, entries);
            for (key, slot) in [("service", &mut row.service_port), ("health", &mut row.health_port)] {
                if let Some(node) = table.take(key) {
                    set(slot, context.port_of(&table.path_of(key), &node));
                }
            }
            table.finish(context);
        }
        Toml::Integer(_) => row.service_port = context.port_of(path, &node),
        Toml::Array(items) if (1..=2).contains(&items.len()) => {
            row.service_port = context.port_of(path, &items[0]);
            row.health_port = items.get(1).and_then(|item| context.port_of(path, item));
        }
        value => context.wrong(path, "ports like \"7212/8212\"", &Node { value, span }),
    }
}
