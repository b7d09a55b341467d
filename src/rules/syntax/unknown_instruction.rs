//! `unknown-instruction`: every line starts with an instruction. Orphans of a lost `\` are `lost-continuation`'s.

use crate::finding::Findings;
use crate::model::{Build, Problem, ProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let problems = build.problems.iter().filter(|problem| problem.kind == ProblemKind::UnknownInstruction);
    let problems: Vec<&Problem> = problems.collect();
    // A run of foreign lines, such as a script that was pasted in, is one fault.
    for group in problems.chunk_by(|above, below| follows(above, below)) {
        let finding = out.add(&group[0].place, group[0].message.clone());
        for further in group.iter().skip(1).take(MAX_RELATED) {
            finding.related(&further.place, "no instruction either");
        }
    }
}

/// Lines that are shown of one run.
const MAX_RELATED: usize = 8;

/// Whether two unknown instructions stand in neighbouring lines, and the lower one is not merely mistyped.
fn follows(above: &Problem, below: &Problem) -> bool {
    let neighbours = below.place.start().line <= above.place.start().line + 1;
    neighbours && !below.message.contains("did you mean")
}
