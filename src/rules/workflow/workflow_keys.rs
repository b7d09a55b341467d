//! `workflow-keys`: no key of a workflow stands twice in one mapping.

use crate::finding::Findings;
use crate::model::Workflow;
use crate::plan::Plan;
use crate::rules::{Check, always};
use crate::syntax::yaml::ProblemKind;

pub(in crate::rules) const CHECK: Check = Check::Workflow(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(workflow: &Workflow, _plan: &Plan, out: &mut Findings) {
    for problem in workflow.problems.iter().filter(|problem| problem.kind == ProblemKind::DuplicateKey) {
        let finding = out.add(&problem.place, problem.message.clone());
        finding.help("GitHub refuses such a file: keep one of the two, or put both values below it");
        if let Some((place, note)) = &problem.related {
            finding.related(place, *note);
        }
    }
}
