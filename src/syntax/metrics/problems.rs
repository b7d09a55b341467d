//! What is wrong with a body, of each kind as much as anybody reads.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::{MAX_ALIKE, MetricFault, MetricProblem};

/// Problems by kind.
#[derive(Debug, Default)]
pub(super) struct Problems(BTreeMap<MetricFault, Vec<MetricProblem>>);

impl Problems {
    /// Keeps a problem, unless there are enough of its kind: only then its message is made.
    pub(super) fn add(&mut self, line: u32, kind: MetricFault, message: impl FnOnce() -> SmolStr) {
        let alike = self.0.entry(kind).or_default();
        if alike.len() < MAX_ALIKE {
            let is_syntax = kind == MetricFault::Syntax;
            alike.push(MetricProblem { line, is_syntax, kind, message: message() });
        }
    }

    pub(super) fn has(&self, kind: MetricFault) -> bool {
        self.0.contains_key(&kind)
    }

    pub(super) fn has_enough(&self, kind: MetricFault) -> bool {
        self.0.get(&kind).is_some_and(|alike| alike.len() >= MAX_ALIKE)
    }

    /// All of them, in the order of the text.
    pub(super) fn into_sorted(self) -> Vec<MetricProblem> {
        let mut problems: Vec<MetricProblem> = self.0.into_values().flatten().collect();
        problems.sort_by_key(|problem| problem.line);
        problems
    }
}
