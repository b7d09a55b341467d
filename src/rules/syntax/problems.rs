//! Problems of one kind as findings.

use crate::finding::{Finding, Findings};
use crate::model::{Build, Problem, ProblemKind};
use crate::source::{Place, Span};

/// Reports every problem of a kind, with its further places and its repair.
pub(super) fn report(build: &Build, kind: ProblemKind, out: &mut Findings) {
    for problem in build.problems.iter().filter(|problem| problem.kind == kind) {
        report_one(problem, out);
    }
}

/// Reports one problem.
pub(super) fn report_one<'f>(problem: &Problem, out: &'f mut Findings) -> &'f mut Finding {
    let finding = out.add(&problem.place, problem.message.clone());
    for (place, note) in &problem.related {
        finding.related(place, note.clone());
    }
    if let Some(insert) = &problem.insert {
        let end = problem.place.span.end;
        finding.safe_fix(Place::new(&problem.place.source, Span::new(end, end)), insert.as_str());
    }
    finding
}
