//! The mistakes of one text, as many as anybody reads.

use super::tree::Problem;

/// Mistakes that one text can have; the rest is not kept.
const MAX_PROBLEMS: usize = 1000;

/// Collects mistakes.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    pub(super) fn push(&mut self, problem: Problem) {
        if self.list.len() < MAX_PROBLEMS {
            self.list.push(problem);
        }
    }

    /// In the order of the text.
    pub(super) fn into_vec(mut self) -> Vec<Problem> {
        self.list.sort_by_key(|problem| problem.place.span.start);
        self.list
    }
}
