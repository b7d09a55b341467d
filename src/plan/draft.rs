//! The plan while files are laid over each other: names still unresolved, later files win.

use std::collections::{BTreeSet, HashMap};

use smol_str::SmolStr;

use super::cells::is_everywhere;
use super::names::normalise;
use super::resolve::machine_named;
use super::types::{Contract, Machine, Plan};
use crate::model::Spanned;
use crate::source::Place;

/// A plan whose rows still name their machines.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) plan: Plan,
    pub(super) rows: Vec<RowDraft>,
    pub(super) table: Option<TableReference>,
}

/// `[services] table`
#[derive(Debug, Clone)]
pub(super) struct TableReference {
    /// Display path of the Markdown file.
    pub(super) file: Spanned<String>,
    pub(super) heading: Option<Spanned<SmolStr>>,
}

/// A service row as one table row or one `[services.rows]` entry says it.
#[derive(Debug, Clone)]
pub(super) struct RowDraft {
    pub(super) name: Spanned<SmolStr>,
    /// Machine names, and the place of the whole cell or list.
    pub(super) on: Option<Spanned<Vec<Spanned<SmolStr>>>>,
    pub(super) base: Option<Spanned<SmolStr>>,
    pub(super) service_port: Option<Spanned<u16>>,
    pub(super) health_port: Option<Spanned<u16>>,
    pub(super) paths: Vec<Spanned<SmolStr>>,
    pub(super) needs: Option<Spanned<SmolStr>>,
    pub(super) python: Option<Spanned<SmolStr>>,
    pub(super) repository: Option<Spanned<SmolStr>>,
    pub(super) contracts: Vec<Contract>,
    /// Fields that this row and the one it was laid over say differently: field, place below, place above.
    pub(super) disagreements: Vec<Disagreement>,
}

impl RowDraft {
    pub(super) fn new(name: Spanned<SmolStr>) -> Self {
        Self {
            name,
            on: None,
            base: None,
            service_port: None,
            health_port: None,
            paths: Vec::new(),
            needs: None,
            python: None,
            repository: None,
            contracts: Vec::new(),
            disagreements: Vec::new(),
        }
    }

    /// Lays the row of a later file over this one; what differs is meant to.
    pub(super) fn overlay(&mut self, above: Self) {
        self.lay(above, &HashMap::new());
    }

    /// Lays the entry over the table's row of the same name and notes what differs. `machines` are the plan's machines
    /// by name and alias, so that two names of one machine do not differ.
    pub(super) fn overlay_table(&mut self, entry: Self, machines: &HashMap<String, usize>) {
        let mut differ = self.lay(entry, machines);
        self.disagreements.append(&mut differ);
    }

    fn lay(&mut self, above: Self, machines: &HashMap<String, usize>) -> Vec<Disagreement> {
        let mut differ = Vec::new();
        self.name = above.name;
        lay("base", &mut self.base, above.base, &mut differ, |a, b| a == b);
        lay("service port", &mut self.service_port, above.service_port, &mut differ, |a, b| a == b);
        lay("health port", &mut self.health_port, above.health_port, &mut differ, |a, b| a == b);
        lay("needs", &mut self.needs, above.needs, &mut differ, |a, b| a.eq_ignore_ascii_case(b));
        lay("python", &mut self.python, above.python, &mut differ, |a, b| a == b);
        lay("repository", &mut self.repository, above.repository, &mut differ, |a, b| a == b);
        lay("machines", &mut self.on, above.on, &mut differ, |a, b| {
            machine_keys(a, machines) == machine_keys(b, machines)
        });
        if !above.paths.is_empty() {
            self.paths = above.paths;
        }
        merge_by(&mut self.contracts, above.contracts, |contract| contract.name.value.clone());
        differ
    }
}

/// Which field, the place below and the place above.
type Disagreement = (&'static str, Place, Place);

/// The named machines: by index, or by the name that no machine has. `both` and `all` are every index.
fn machine_keys(
    list: &[Spanned<SmolStr>],
    machines: &HashMap<String, usize>,
) -> BTreeSet<Result<usize, String>> {
    let mut keys = BTreeSet::new();
    for name in list {
        let plain = normalise(&name.value);
        match machine_named(machines, &name.value) {
            Some(at) => drop(keys.insert(Ok(at))),
            None if is_everywhere(&name.value) => keys.extend(machines.values().map(|at| Ok(*at))),
            None => drop(keys.insert(Err(plain))),
        }
    }
    keys
}

fn lay<T>(
    field: &'static str,
    below: &mut Option<Spanned<T>>,
    above: Option<Spanned<T>>,
    differ: &mut Vec<Disagreement>,
    same: impl Fn(&T, &T) -> bool,
) {
    let Some(above) = above else { return };
    if let Some(old) = below.as_ref().filter(|old| !same(&old.value, &above.value)) {
        differ.push((field, old.place.clone(), above.place.clone()));
    }
    *below = Some(above);
}

/// A later value wins; no later value changes nothing.
pub(super) fn set<T>(slot: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *slot = value;
    }
}

/// Puts new items into a list that has one item per key; an item with a known key takes its place.
pub(super) fn merge_by<T, K: Eq + std::hash::Hash>(list: &mut Vec<T>, new: Vec<T>, key: impl Fn(&T) -> K) {
    let mut index: HashMap<K, usize> = list.iter().enumerate().map(|(i, item)| (key(item), i)).collect();
    for item in new {
        match index.get(&key(&item)) {
            Some(at) => list[*at] = item,
            None => {
                index.insert(key(&item), list.len());
                list.push(item);
            }
        }
    }
}

/// Lays machines of a later file over those that are there, key by key.
pub(super) fn merge_machines(list: &mut Vec<Machine>, new: Vec<Machine>) {
    for machine in new {
        // Machines are few: a plan with thousands of them has other troubles, and the cap keeps this cheap.
        let known = list.iter_mut().find(|known| known.name.value == machine.name.value);
        let Some(known) = known else {
            list.push(machine);
            continue;
        };
        known.name = machine.name;
        set(&mut known.host, machine.host);
        set(&mut known.profile, machine.profile);
        if !machine.alias.is_empty() {
            known.alias = machine.alias;
        }
        if !machine.compose.is_empty() {
            known.compose = machine.compose;
        }
        if !machine.cuda_arch.is_empty() {
            known.cuda_arch = machine.cuda_arch;
        }
        merge_by(&mut known.values, machine.values, |(key, _)| key.clone());
    }
}
