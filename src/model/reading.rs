//! What a pip command reads: its requirement and constraint files, nested ones included, each once.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::install::{PipInstall, Requirement, RequirementsFile, RequirementsUse};

/// All that one pip command reads.
#[derive(Debug, Default)]
pub struct Reading<'a> {
    /// Requirements on the command line.
    pub command_line: &'a [Requirement],
    /// Requirement files that were read, in the order in which they are named.
    pub files: Vec<&'a RequirementsFile>,
    /// Constraint files that were read.
    pub constraints: Vec<&'a RequirementsFile>,
    /// Files named with `-r` that could not be read.
    pub unread: Vec<&'a RequirementsUse>,
    /// Files named with `-c` that could not be read.
    pub unread_constraints: Vec<&'a RequirementsUse>,
    /// Lines of constraint files by package, made on the first question.
    by_name: OnceCell<HashMap<&'a str, Vec<&'a Requirement>>>,
}

impl PipInstall {
    /// Follows every `-r` and `-c` from the command line down.
    #[must_use]
    pub fn reading(&self) -> Reading<'_> {
        let mut reading = Reading { command_line: &self.requirements, ..Reading::default() };
        let mut seen = HashSet::new();
        let mut waiting: Vec<(&RequirementsUse, bool)> = Vec::new();
        push(&mut waiting, &self.constraints, true);
        push(&mut waiting, &self.files, false);
        while let Some((used, constrains)) = waiting.pop() {
            match &used.file {
                // One file may be read as both; its address tells it from others of its kind.
                Ok(file) if !seen.insert((std::sync::Arc::as_ptr(file), constrains)) => {}
                Ok(file) => {
                    let list = if constrains { &mut reading.constraints } else { &mut reading.files };
                    list.push(file);
                    push(&mut waiting, &file.constraints, true);
                    push(&mut waiting, &file.nested, constrains);
                }
                Err(_) if constrains => reading.unread_constraints.push(used),
                Err(_) => reading.unread.push(used),
            }
        }
        reading
    }
}

/// Puts uses on the stack so that the first one is taken first.
fn push<'a>(waiting: &mut Vec<(&'a RequirementsUse, bool)>, uses: &'a [RequirementsUse], constrains: bool) {
    waiting.extend(uses.iter().rev().map(|used| (used, constrains)));
}

impl<'a> Reading<'a> {
    /// Every requirement: those of the command line first, then those of the files.
    pub fn requirements(&self) -> impl Iterator<Item = &'a Requirement> + '_ {
        self.command_line.iter().chain(self.files.iter().flat_map(|file| &file.requirements))
    }

    /// The lines of constraint files about a package.
    #[must_use]
    pub fn constraints_on(&self, name: &str) -> &[&'a Requirement] {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: HashMap<&str, Vec<&Requirement>> = HashMap::new();
            for line in self.constraints.iter().flat_map(|file| &file.requirements) {
                by_name.entry(line.name.as_str()).or_default().push(line);
            }
            by_name
        });
        by_name.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}
