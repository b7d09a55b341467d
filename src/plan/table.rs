//! The service table of a Markdown plan: rows out, merged with `[services.rows]`; an entry wins over its row.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::cells;
use super::draft::{Draft, RowDraft};
use super::error::PlanError;
use super::fields::Context;
use super::names::normalise;
use super::resolve::machine_names;
use super::stated;
use crate::model::Spanned;
use crate::source::{Source, Span};
use crate::syntax::markdown::{Cell, Heading, Markdown, Table};

/// Rows of one service table.
pub(super) const MAX_ROWS: usize = 50_000;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Service,
    Machines,
    Needs,
    Base,
    /// `7200 / 8200`, or the service port alone.
    Ports,
    HealthPort,
    Paths,
    Python,
}

/// Reads the Markdown plan: its service table into the draft's rows, and what it states beside the TOML.
pub(super) fn read(
    draft: &mut Draft,
    source: &Arc<Source>,
    heading: Option<&Spanned<SmolStr>>,
    errors: &mut Vec<PlanError>,
) {
    let document = Markdown::parse(source.bytes());
    stated::read(&mut draft.plan, source, &document);
    let table = match find(&document, source, heading) {
        Ok(table) => table,
        Err(error) => return errors.push(error),
    };
    let columns: Vec<Option<Column>> = table.header.iter().map(|cell| column(&cell.text)).collect();
    let mut context = Context { source, errors };
    if let Some(row) = table.rows.get(MAX_ROWS) {
        let span = row.first().map_or(table.span, |cell| cell.span);
        context.error(span, format!("a service table has at most {MAX_ROWS} rows"), None);
        return;
    }
    let rows = table.rows.iter().filter_map(|cells| row(cells, &columns, &mut context)).collect();
    merge(draft, rows);
}

/// The service table: the first one below the heading, or the only one where no heading is named.
pub(super) fn find<'a>(
    document: &'a Markdown,
    source: &Arc<Source>,
    heading: Option<&Spanned<SmolStr>>,
) -> Result<&'a Table, PlanError> {
    let is_service =
        |table: &&Table| table.header.iter().any(|cell| column(&cell.text) == Some(Column::Service));
    let Some(heading) = heading else {
        let mut tables = document.tables.iter().filter(is_service);
        let fail = |message: &str| {
            let place = Some(crate::source::Place::new(source, Span::default()));
            let help = Some("name its heading: `services.table.heading`".to_owned());
            PlanError { place, message: message.to_owned(), help }
        };
        let table = tables.next().ok_or_else(|| fail("no table has a `Service` column"))?;
        let other =
            tables.any(|other| other.header.iter().any(|cell| column(&cell.text) == Some(Column::Ports)));
        return if other { Err(fail("more than one table has a `Service` column")) } else { Ok(table) };
    };
    let at = find_heading(document, source, heading)?;
    let found = &document.headings[at];
    let end = document.headings[at + 1..]
        .iter()
        .find(|next| next.level <= found.level)
        .map_or(u32::MAX, |next| next.span.start);
    let below = |table: &&Table| (found.span.end..end).contains(&table.span.start);
    document.tables.iter().filter(below).find(is_service).ok_or_else(|| PlanError {
        place: Some(crate::source::Place::new(source, found.span)),
        message: format!("no table with a `Service` column stands below the heading `{}`", found.text),
        help: None,
    })
}

pub(super) fn find_heading(
    document: &Markdown,
    source: &Arc<Source>,
    heading: &Spanned<SmolStr>,
) -> Result<usize, PlanError> {
    let want = heading.value.trim().to_lowercase();
    let matching = |same: &dyn Fn(&Heading) -> bool| -> Vec<usize> {
        (0..document.headings.len()).filter(|at| same(&document.headings[*at])).collect()
    };
    let mut found = matching(&|heading| heading.text.to_lowercase() == want);
    if found.is_empty() {
        found = matching(&|heading| heading.text.to_lowercase().contains(&want));
    }
    let listed = |at: &mut dyn Iterator<Item = usize>| -> String {
        let names: Vec<_> = at.take(20).map(|at| format!("`{}`", document.headings[at].text)).collect();
        names.join(", ")
    };
    let (message, help) = match found[..] {
        [at] => return Ok(at),
        [] => {
            let message = format!("no heading of `{}` contains `{}`", source.path(), heading.value);
            (message, format!("headings: {}", listed(&mut (0..document.headings.len()))))
        }
        _ => {
            let message =
                format!("{} headings of `{}` contain `{}`", found.len(), source.path(), heading.value);
            (message, format!("write more of it: {}", listed(&mut found.iter().copied())))
        }
    };
    Err(PlanError { place: Some(heading.place.clone()), message, help: Some(help) })
}

/// What a header cell means.
pub(super) fn column(header: &str) -> Option<Column> {
    let lower = header.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let health = has(&["health", "healthcheck"]);
    if has(&["port", "ports"]) || (health && words.len() == 1) {
        let both = has(&["svc", "service", "app", "http"]);
        return Some(if health && !both { Column::HealthPort } else { Column::Ports });
    }
    let meanings: [(&[&str], Column); 6] = [
        (&["machine", "machines", "host", "hosts", "node", "nodes"], Column::Machines),
        (&["path", "paths", "folder", "folders", "directory", "dockerfile", "dockerfiles"], Column::Paths),
        (&["need", "needs", "requires", "hardware"], Column::Needs),
        (&["base", "family", "image"], Column::Base),
        (&["python"], Column::Python),
        (&["service", "services", "name", "agent", "component"], Column::Service),
    ];
    meanings.iter().find(|(names, _)| has(names)).map(|(_, column)| *column)
}

pub(super) fn row(cells: &[Cell], columns: &[Option<Column>], context: &mut Context<'_>) -> Option<RowDraft> {
    let of =
        |want: Column| columns.iter().position(|column| *column == Some(want)).and_then(|at| cells.get(at));
    let name = of(Column::Service).filter(|cell| !cells::is_nothing(&cell.text))?;
    let said = |want: Column| of(want).filter(|cell| !cells::is_nothing(&cell.text));
    let text = |cell: &Cell, context: &Context<'_>| context.spanned(SmolStr::from(&cell.text), cell.span);
    let mut row = RowDraft::new(text(name, context));
    row.base = said(Column::Base).map(|cell| text(cell, context));
    row.needs = said(Column::Needs).map(|cell| text(cell, context));
    row.python = said(Column::Python).map(|cell| text(cell, context));
    row.on = said(Column::Machines).map(|cell| context.spanned(parts(cell, context), cell.span));
    row.paths = said(Column::Paths).map(|cell| paths(cell, context)).unwrap_or_default();
    for (want, health_only) in [(Column::Ports, false), (Column::HealthPort, true)] {
        let Some(cell) = said(want) else { continue };
        match cells::ports(&cell.text, cell.span) {
            Ok(ports) if health_only && ports.health.is_none() => {
                row.health_port = ports.service.map(|(port, _)| within(port, cell, context));
            }
            Ok(ports) => {
                row.service_port = ports.service.map(|(port, _)| within(port, cell, context));
                row.health_port = ports.health.map(|(port, _)| within(port, cell, context));
            }
            Err(why) => {
                let help = Some("write it like `7200 / 8200`, or `-` for none".to_owned());
                context.error(cell.span, format!("the port cell of `{}` {why}", name.text), help);
            }
        }
    }
    Some(row)
}

/// The port with its place in the cell; marks around it make the text's own offsets useless.
fn within(port: u16, cell: &Cell, context: &Context<'_>) -> Spanned<u16> {
    context.spanned(port, sub_span(cell, &port.to_string(), context))
}

/// Where a part of a cell's text stands in the file; the whole cell when it is not found as it is.
fn sub_span(cell: &Cell, part: &str, context: &Context<'_>) -> Span {
    let raw = context.source.slice(cell.span);
    match memchr::memmem::find(raw, part.as_bytes()) {
        Some(at) if !part.is_empty() => {
            let start = cell.span.start + at as u32;
            Span::new(start, start + part.len() as u32)
        }
        _ => cell.span,
    }
}

fn parts(cell: &Cell, context: &Context<'_>) -> Vec<Spanned<SmolStr>> {
    let name = |(name, _): (&str, u32)| context.spanned(SmolStr::from(name), sub_span(cell, name, context));
    cells::names(&cell.text).into_iter().map(name).collect()
}

/// Paths of a cell, split at commas and white space.
fn paths(cell: &Cell, context: &Context<'_>) -> Vec<Spanned<SmolStr>> {
    let split = cell.text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
    split.map(|part| context.spanned(SmolStr::from(part), sub_span(cell, part, context))).collect()
}

/// Puts the table's rows first and lays the entries over them by name.
fn merge(draft: &mut Draft, rows: Vec<RowDraft>) {
    let mut merged: Vec<RowDraft> = Vec::with_capacity(rows.len());
    let mut index: HashMap<String, usize> = HashMap::new();
    for row in rows {
        match index.get(&normalise(&row.name.value)) {
            Some(first) => {
                let first = merged[*first].name.place.clone();
                let twice = (row.name.value.clone(), first, row.name.place.clone());
                draft.plan.duplicate_rows.push(twice);
            }
            None => {
                index.insert(normalise(&row.name.value), merged.len());
                merged.push(row);
            }
        }
    }
    let machines = machine_names(&draft.plan.machines);
    for entry in std::mem::take(&mut draft.rows) {
        match index.get(&normalise(&entry.name.value)) {
            Some(at) => merged[*at].overlay_table(entry, &machines),
            None => merged.push(entry),
        }
    }
    draft.rows = merged;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_matched_by_meaning() {
        let cases = [
            ("Service", Some(Column::Service)),
            ("Service name", Some(Column::Service)),
            ("Machine(s)", Some(Column::Machines)),
            ("Host", Some(Column::Machines)),
            ("Needs", Some(Column::Needs)),
            ("Base Family", Some(Column::Base)),
            ("Base image", Some(Column::Base)),
            ("Ports (svc/health)", Some(Column::Ports)),
            ("Port", Some(Column::Ports)),
            ("Service port", Some(Column::Ports)),
            ("Health port", Some(Column::HealthPort)),
            ("Health", Some(Column::HealthPort)),
            ("Health endpoint", None),
            ("Path(s)", Some(Column::Paths)),
            ("Dockerfile", Some(Column::Paths)),
            ("Owner", None),
            ("", None),
        ];
        for (header, want) in cases {
            assert_eq!(column(header), want, "{header}");
        }
    }
}
