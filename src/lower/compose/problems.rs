//! What is wrong with a project, collected up to a cap.

use std::collections::{BTreeSet, HashSet};

use smol_str::SmolStr;

use crate::model::{ProjectProblem, ProjectProblemKind};
use crate::source::{Place, Span};
use crate::syntax::yaml::Node;

/// Problems that are kept of one project.
const MAX_PROBLEMS: usize = 1000;

/// Variables that are remembered of one project.
const MAX_USED: usize = 100_000;

/// The problems so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<ProjectProblem>,
    /// Values of the document at hand that have a variable without a value.
    open: HashSet<Span>,
    /// Variables that were put in, with their values.
    used: BTreeSet<(SmolStr, SmolStr)>,
}

impl Problems {
    /// Adds one.
    pub(super) fn add(
        &mut self,
        kind: ProjectProblemKind,
        place: &Place,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.push(ProjectProblem {
            kind,
            place: place.clone(),
            message: message.into(),
            help,
            related: None,
        });
    }

    /// Adds that a value cannot be read; that of a value which lacks a variable may be right once it is given.
    pub(super) fn unreadable(&mut self, node: &Node, message: impl Into<String>) {
        let open = node.variables().iter().any(|variable| !variable.is_set);
        let kind = if open { ProjectProblemKind::Required } else { ProjectProblemKind::Value };
        self.add(kind, &node.place, message, None);
    }

    /// Adds one that has another place to it.
    pub(super) fn relate(
        &mut self,
        kind: ProjectProblemKind,
        place: &Place,
        message: impl Into<String>,
        related: (Place, &'static str),
    ) {
        let related = Some((related.0, SmolStr::new_static(related.1)));
        self.push(ProjectProblem {
            kind,
            place: place.clone(),
            message: message.into(),
            help: None,
            related,
        });
    }

    /// Adds one that is made already. The same one of the same place is told once, however often a file is loaded.
    pub(super) fn push(&mut self, problem: ProjectProblem) {
        let known = |other: &ProjectProblem| {
            other.place == problem.place && other.kind == problem.kind && other.message == problem.message
        };
        if self.list.len() < MAX_PROBLEMS && !self.list.iter().rev().take(64).any(known) {
            self.list.push(problem);
        }
    }

    /// Notes that a value has a variable without a value.
    pub(super) fn open(&mut self, place: &Place) {
        self.open.insert(place.span);
    }

    /// Notes that a variable was put in.
    pub(super) fn used(&mut self, name: &str, value: &str) {
        if self.used.len() < MAX_USED {
            self.used.insert((name.into(), value.into()));
        }
    }

    /// Every variable that was put in, with each of its values.
    pub(super) fn variables(&mut self) -> Vec<(SmolStr, SmolStr)> {
        std::mem::take(&mut self.used).into_iter().collect()
    }

    /// Adds what the schema says of the document at hand. What is wrong with a value that lacks a variable may be right
    /// once that is given.
    pub(super) fn schema(&mut self, found: Vec<ProjectProblem>) {
        for mut problem in found {
            if self.open.contains(&problem.place.span) {
                problem.kind = ProjectProblemKind::Required;
            }
            self.push(problem);
        }
        self.open.clear();
    }

    /// Whether there is one.
    pub(super) fn any(&self) -> bool {
        !self.list.is_empty()
    }

    /// All of them.
    pub(super) fn into_vec(self) -> Vec<ProjectProblem> {
        self.list
    }
}
