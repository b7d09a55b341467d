//! What is wrong with a project, collected up to a cap.

use smol_str::SmolStr;

use crate::model::{ProjectProblem, ProjectProblemKind};
use crate::source::Place;

/// Problems that are kept of one project.
const MAX_PROBLEMS: usize = 1000;

/// The problems so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<ProjectProblem>,
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

    /// Whether there is one.
    pub(super) fn any(&self) -> bool {
        !self.list.is_empty()
    }

    /// All of them.
    pub(super) fn into_vec(self) -> Vec<ProjectProblem> {
        self.list
    }
}
