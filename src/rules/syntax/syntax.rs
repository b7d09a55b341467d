//! `syntax`: the file can be built as it is written.

use super::problems::report_one;
use crate::finding::Findings;
use crate::model::{Build, Problem, ProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let templates: Vec<&Problem> = of_kind(build, ProblemKind::Template).collect();
    for problem in of_kind(build, ProblemKind::Syntax) {
        // What a template does to the text around it is the template's fault.
        // Problems are sorted and templates do not overlap: only the last one that starts before the end can touch it.
        let before = templates.partition_point(|template| template.place.span.start < problem.place.span.end);
        if !templates[..before].last().is_some_and(|template| overlap(template, problem)) {
            report_one(problem, out);
        }
    }
}

fn of_kind(build: &Build, kind: ProblemKind) -> impl Iterator<Item = &Problem> {
    build.problems.iter().filter(move |problem| problem.kind == kind)
}

fn overlap(one: &Problem, other: &Problem) -> bool {
    let (one, other) = (one.place.span, other.place.span);
    one.start < other.end && other.start < one.end
}
