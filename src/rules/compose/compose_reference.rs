//! `compose-reference`: what a project names is defined and there.

use crate::finding::Findings;
use crate::model::{Project, ProjectProblemKind};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for problem in &project.problems {
        if !matches!(problem.kind, ProjectProblemKind::Reference | ProjectProblemKind::MissingFile) {
            continue;
        }
        let finding = out.add(&problem.place, problem.message.clone());
        if let Some(help) = &problem.help {
            finding.help(help.clone());
        }
        if let Some((place, note)) = &problem.related {
            finding.related(place, note.clone());
        }
    }
}
