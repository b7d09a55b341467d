//! What the machines of a document are called.
//!
//! Headers, cells and aliases come in; out comes the one machine that a text means. A look-up costs the same however many
//! machines there are, because every sentence of a document may ask.

use std::collections::HashMap;

use super::super::cells::{is_everywhere, names};
use super::super::names::normalise;

/// Machines of one document.
pub(super) const MAX_MACHINES: usize = 200;
/// Other names of one machine.
const MAX_ALIASES: usize = 16;

/// Names of machines: as the plan will call them, and what else they are called.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Name and aliases with the places that say them, in the order of the document.
    pub(super) list: Vec<(String, Vec<(String, u32)>)>,
    /// Machines by normalised name.
    names: HashMap<String, usize>,
    /// Machines by normalised name or alias: every sentence of a document may ask.
    all: HashMap<String, usize>,
    /// Names that `MACHINE=` spells, by normalised name.
    arguments: HashMap<String, String>,
}

impl Names {
    /// No machines yet; `arguments` are the names that `MACHINE=` spells, by normalised name.
    pub(super) fn new(arguments: HashMap<String, String>) -> Self {
        Self { arguments, ..Self::default() }
    }

    /// Whether `MACHINE=` spells a name, which is normalised.
    pub(super) fn is_spelled(&self, normal: &str) -> bool {
        self.arguments.contains_key(normal)
    }

    /// Where the machine of a name stands in the list.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.names.get(&normalise(name)).copied()
    }

    /// The name of a machine that a text means, by name or alias.
    pub(super) fn of(&self, text: &str) -> Option<&str> {
        let machine = self.all.get(&normalise(text))?;
        self.list.get(*machine).map(|(name, _)| name.as_str())
    }

    /// What several machines are called means the first of them.
    fn called(&mut self, name: &str, machine: usize) {
        let first = self.all.entry(normalise(name)).or_insert(machine);
        *first = machine.min(*first);
    }

    /// Takes the machines that rows name as they are.
    pub(super) fn add_used(&mut self, cells: &[String]) {
        for cell in cells {
            for (name, _) in names(cell).into_iter().filter(|(name, _)| !is_everywhere(name)) {
                if self.of(name).is_none() && !name.contains('(') {
                    self.add(name, u32::MAX);
                }
            }
        }
    }

    /// Takes a header or cell such as `MainPC (4090)` as a machine; `None` when there are too many.
    pub(super) fn add(&mut self, text: &str, at: u32) -> Option<String> {
        let (name, rest) = text.split_once('(').unwrap_or((text, ""));
        let aliases = rest.trim_end().trim_end_matches(')').split(',').map(str::trim);
        let aliases = aliases.filter(|alias| !alias.is_empty()).map(str::to_owned);
        let name = name.trim();
        // The name that builds use is the name of the plan: `MainPC` in a header is `mainpc` in `MACHINE=mainpc`.
        let normal = normalise(name);
        let name = self.arguments.get(&normal).cloned().unwrap_or_else(|| name.to_owned());
        if name.is_empty() {
            return None;
        }
        let machine = match self.names.get(&normal) {
            Some(machine) => *machine,
            None if self.list.len() >= MAX_MACHINES => return None,
            None => {
                let machine = self.list.len();
                self.called(&name, machine);
                self.names.insert(normal, machine);
                self.list.push((name, Vec::new()));
                machine
            }
        };
        for alias in aliases {
            self.alias(machine, alias, at);
        }
        Some(self.list[machine].0.clone())
    }

    /// Another name of a machine.
    pub(super) fn alias(&mut self, machine: usize, alias: String, at: u32) {
        let known = &mut self.list[machine].1;
        if known.len() < MAX_ALIASES && !known.iter().any(|(known, _)| *known == alias) {
            known.push((alias.clone(), at));
            self.called(&alias, machine);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_the_first_machine_that_has_it() {
        let arguments = [("mainpc".to_owned(), "mainpc".to_owned())];
        let mut names = Names::new(arguments.into_iter().collect());
        assert_eq!(names.add("MainPC (4090, big)", 1).as_deref(), Some("mainpc"));
        assert_eq!(names.add("PC2 (3060)", 2).as_deref(), Some("PC2"));
        assert_eq!(names.add("pc2 (small)", 3).as_deref(), Some("PC2"));
        names.alias(0, "3060".to_owned(), 4);
        names.alias(1, "mainpc".to_owned(), 5);
        for (text, want) in [
            ("MAINPC", Some("mainpc")),
            ("Big", Some("mainpc")),
            ("pc2", Some("PC2")),
            ("small", Some("PC2")),
            ("3060", Some("mainpc")),
            ("other", None),
            ("", None),
        ] {
            assert_eq!(names.of(text), want, "{text}");
        }
        assert_eq!((names.list.len(), names.position("PC2"), names.add("", 6)), (2, Some(1), None));
    }
}
