//! `syntax`: the file can be built as it is written.

use super::problems::report_one;
use super::trees;
use crate::finding::{Findings, Severity};
use crate::model::{Build, Problem, ProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Build(check),
    Check::Project(trees::project),
    Check::Manifests(trees::manifests),
    Check::Workflow(trees::workflow),
]);

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
    for port in build.stages.iter().flat_map(|stage| &stage.layer().ports) {
        // `${PORT:-80}` has a colon of its own.
        let text = port.place.text();
        if port.value.is_ok() && text.contains(':') && !text.contains('$') {
            out.add(&port.place, format!("EXPOSE takes no host port or address: of `{text}` only the last part counts"))
                .severity(Severity::Warning)
                .help("write the container's port alone, and publish it with `docker run -p` or in compose");
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
