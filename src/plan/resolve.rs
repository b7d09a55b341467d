//! Names to indices: the draft becomes the plan that rules see.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::cells;
use super::draft::{Draft, RowDraft};
use super::names::normalise;
use super::types::{Machine, Plan, ServiceRow};
use crate::model::Spanned;

/// Machines by normalised name and alias; of two with one name the first counts.
pub(super) fn machine_names(machines: &[Machine]) -> HashMap<String, usize> {
    let mut names = HashMap::new();
    for (at, machine) in machines.iter().enumerate() {
        for name in std::iter::once(&machine.name).chain(&machine.alias) {
            names.entry(normalise(&name.value)).or_insert(at);
        }
    }
    names
}

/// The machine of a name as tables write it: `mainpc`, `MainPC (4090)`.
pub(super) fn machine_named(names: &HashMap<String, usize>, text: &str) -> Option<usize> {
    let mut words = std::iter::once(text).chain(text.split(['(', ')', ',', '/']));
    words.find_map(|word| names.get(&normalise(word)).copied())
}

/// The plan of a draft.
pub(super) fn resolve(draft: Draft) -> Plan {
    let Draft { mut plan, rows, .. } = draft;
    let names = machine_names(&plan.machines);
    plan.services = rows.into_iter().map(|row| service(row, &names, plan.machines.len())).collect();
    plan
}

fn service(row: RowDraft, names: &HashMap<String, usize>, machines: usize) -> ServiceRow {
    let (on, unknown_machines) = match row.on {
        Some(list) => on(list, names, machines),
        None => (None, Vec::new()),
    };
    ServiceRow {
        name: row.name,
        on,
        unknown_machines,
        base: row.base,
        service_port: row.service_port,
        health_port: row.health_port,
        paths: row.paths,
        needs: row.needs,
        python: row.python,
        repository: row.repository,
        contracts: row.contracts,
        disagreements: row.disagreements,
    }
}

type Machines = (Option<Spanned<Vec<usize>>>, Vec<Spanned<SmolStr>>);

/// Indices of the named machines, and the names that no machine has. `both` and `all` are every machine; where the plan
/// has no machines, they say nothing.
fn on(list: Spanned<Vec<Spanned<SmolStr>>>, names: &HashMap<String, usize>, machines: usize) -> Machines {
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for name in list.value {
        match machine_named(names, &name.value) {
            Some(at) => known.push(at),
            None if cells::is_everywhere(&name.value) && machines == 0 => return (None, Vec::new()),
            None if cells::is_everywhere(&name.value) => known.extend(0..machines),
            None => unknown.push(name),
        }
    }
    known.sort_unstable();
    known.dedup();
    (Some(Spanned::new(known, list.place)), unknown)
}
