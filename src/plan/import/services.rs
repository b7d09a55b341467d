//! The service table: which one it is, how the plan names it, and its rows; or services in a list.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::super::draft::RowDraft;
use super::super::error::PlanError;
use super::super::fields::Context;
use super::super::table::{self, Column};
use super::claims::Voice;
use super::hierarchy;
use super::names::Names;
use super::statements::{Pattern, Statement, heading_above};
use crate::model::Spanned;
use crate::source::{Place, Source, Span};
use crate::syntax::markdown::{Markdown, Table};

static LISTED: Pattern = Pattern::new(
    "",
    r"^`?([a-z][a-z0-9_.-]*(?: [a-z0-9_.-]+){0,3}?)`?\s*(?:\(([^)]*)\)\s*)?(?:on\s+(both machines|all machines|`[^`]+`)\s*)?(?::|\u{2014}|\u{2013}|-)\s*(?:on\s+(both machines|all machines|`[^`]+`),\s*)?(?:(?:base\s+|from\s+)?`([a-z0-9][a-z0-9._-]*)`,\s*)?(?:ports?\s*:?\s*)`?(\d{2,5})(?:\s*/\s*(\d{2,5}))?\b",
);
static HEALTH: Pattern = Pattern::new("health", r"\bhealth(?:\s+port)?(?:\s+on)?\s*:?\s*`?(\d{2,5})\b");

#[cfg(test)]
pub(super) static ALL: [&Pattern; 2] = [&LISTED, &HEALTH];

/// The rows of a document, and where they come from.
#[derive(Default)]
pub(super) struct Services<'a> {
    /// The table, if the rows are of one.
    pub(super) table: Option<&'a Table>,
    /// The heading by which the plan can name the table: `Some(None)` where it needs no heading; `None`: it cannot.
    pub(super) heading: Option<Option<String>>,
    /// Rows in order, those of a list with what is to be thought of them.
    pub(super) rows: Vec<(RowDraft, Voice)>,
    /// Cells that cannot be read.
    pub(super) faults: Vec<PlanError>,
    /// How many other tables have a service column.
    pub(super) others: usize,
}

fn has(table: &Table, wanted: &[Column]) -> bool {
    table.header.iter().any(|cell| table::column(&cell.text).is_some_and(|column| wanted.contains(&column)))
}

/// Finds the table and reads its rows.
///
/// # Errors
/// When several tables may be it, or the heading that was asked for has none.
pub(super) fn find<'a>(
    document: &'a Markdown,
    source: &Arc<Source>,
    heading: Option<&str>,
) -> Result<Services<'a>, PlanError> {
    let services: Vec<&Table> = document
        .tables
        .iter()
        .filter(|table| has(table, &[Column::Service]) && hierarchy::columns(table).is_none())
        .collect();
    let found = match heading {
        Some(text) => {
            let wanted = Spanned::new(SmolStr::from(text), Place::new(source, Span::default()));
            Some(table::find(document, source, Some(&wanted))?)
        }
        None => alone(document, source, &services)?,
    };
    let Some(found) = found else { return Ok(Services::default()) };
    let mut faults = Vec::new();
    let columns: Vec<Option<Column>> = found.header.iter().map(|cell| table::column(&cell.text)).collect();
    let mut context = Context { source, errors: &mut faults };
    let read =
        found.rows.iter().take(table::MAX_ROWS).filter_map(|cells| table::row(cells, &columns, &mut context));
    let rows = read.map(|row| (row, Voice::Text)).collect();
    let heading = name_of(document, source, found);
    Ok(Services { table: Some(found), heading, rows, faults, others: services.len().saturating_sub(1) })
}

/// The one table that has services with ports, or else with bases.
fn alone<'a>(
    document: &Markdown,
    source: &Arc<Source>,
    services: &[&'a Table],
) -> Result<Option<&'a Table>, PlanError> {
    let of = |wanted: &[Column]| -> Vec<&'a Table> {
        services.iter().copied().filter(|table| has(table, wanted)).collect()
    };
    let mut candidates = of(&[Column::Ports, Column::HealthPort]);
    if candidates.is_empty() {
        candidates = of(&[Column::Base, Column::Machines]);
    }
    if candidates.len() < 2 {
        return Ok(candidates.first().copied());
    }
    let line = |table: &Table| source.lines().line_of(table.span.start);
    let named = candidates.iter().take(10).map(|table| match heading_above(document, table.span.start) {
        Some(heading) => format!("`{}` (line {})", heading.text, line(table)),
        None => format!("line {}", line(table)),
    });
    let named: Vec<String> = named.collect();
    Err(PlanError {
        place: candidates
            .get(1)
            .map(|table| Place::new(source, table.header.first().map_or(table.span, |cell| cell.span))),
        message: format!("{} tables list services with ports: {}", candidates.len(), named.join(", ")),
        help: Some("say which one is the plan's: `--heading TEXT`".to_owned()),
    })
}

/// The shortest way in which `services.table` can name a table, tried as the plan's reader will.
fn name_of(document: &Markdown, source: &Arc<Source>, wanted: &Table) -> Option<Option<String>> {
    let is_it = |heading: Option<&str>| {
        let heading =
            heading.map(|text| Spanned::new(SmolStr::from(text), Place::new(source, Span::default())));
        table::find(document, source, heading.as_ref()).is_ok_and(|found| found.span == wanted.span)
    };
    if let Some(heading) = heading_above(document, wanted.span.start) {
        let text = heading.text.trim();
        // `6. Fleet table`, `F. Fleet table`: numbers change when a section comes or goes.
        let plain = match text.split_once(['.', ')']) {
            Some((number, rest)) if number.len() <= 3 && number.chars().all(char::is_alphanumeric) => {
                rest.trim()
            }
            _ => text.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start(),
        };
        for name in [plain, text] {
            if !name.is_empty() && is_it(Some(name)) {
                return Some(Some(name.to_owned()));
            }
        }
    }
    is_it(None).then_some(None)
}

/// Words that items of a list begin with and that are no services.
const NO_SERVICES: [&str; 18] = [
    "port",
    "ports",
    "health",
    "health port",
    "service port",
    "container port",
    "host port",
    "endpoint",
    "metrics",
    "default",
    "example",
    "note",
    "expose",
    "exposed port",
    "http",
    "registry",
    "database",
    "service",
];

/// Services that a list names with their ports: `- curator: port 8002`.
pub(super) fn listed(
    statements: &[Statement],
    source: &Arc<Source>,
    machines: &Names,
) -> Vec<(RowDraft, Voice)> {
    let mut rows: Vec<(RowDraft, Voice)> = Vec::new();
    let mut names = HashSet::new();
    for statement in statements.iter().filter(|statement| statement.depth > 0) {
        if !statement.speaks_of(&["service", "agent", "component", "fleet", "container", "machine"]) {
            continue;
        }
        let Some((at, parts)) = LISTED.first(&statement.lower, &statement.text) else { continue };
        if NO_SERVICES.contains(&parts[1].to_lowercase().as_str()) || machines.of(parts[1]).is_some() {
            continue;
        }
        let place = |part: &str| {
            let start = statement.offset(at + statement.text.find(part).unwrap_or(0));
            Place::new(source, Span::new(start, start))
        };
        let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
        let spanned = |text: &str| Spanned::new(SmolStr::from(text), place(text));
        let mut row = RowDraft::new(spanned(parts[1]));
        row.service_port = port(parts[6]).map(|port| Spanned::new(port, place(parts[6])));
        let health = HEALTH.first(&statement.lower, &statement.text).map_or("", |(_, groups)| groups[1]);
        let health = if parts[7].is_empty() { health } else { parts[7] };
        row.health_port = port(health).map(|port| Spanned::new(port, place(health)));
        row.base = Some(parts[5]).filter(|base| !base.is_empty()).map(spanned);
        let on = if parts[3].is_empty() { parts[4] } else { parts[3] };
        if !on.is_empty() {
            let list = vec![spanned(on.trim_matches('`'))];
            row.on = Some(Spanned::new(list, place(on)));
        }
        if row.service_port.is_some() && names.insert(parts[1].to_owned()) && rows.len() < table::MAX_ROWS {
            rows.push((row, statement.voice(at, &[])));
        }
    }
    rows
}

/// What the rows say of machines, each text once, and the base families.
pub(super) fn used(services: &Services<'_>) -> (Vec<String>, HashSet<String>) {
    let mut machines: BTreeMap<String, usize> = BTreeMap::new();
    let mut bases = HashSet::new();
    for (row, _) in &services.rows {
        for name in row.on.iter().flat_map(|on| &on.value) {
            let next = machines.len();
            machines.entry(name.value.to_string()).or_insert(next);
        }
        bases.extend(row.base.iter().map(|base| base.value.to_string()));
    }
    let mut machines: Vec<(String, usize)> = machines.into_iter().collect();
    machines.sort_by_key(|(_, order)| *order);
    (machines.into_iter().map(|(name, _)| name).collect(), bases)
}
