//! What is wrong with a deployment file as YAML.

use crate::finding::Findings;
use crate::model::{ManifestFile, Project, ProjectProblemKind, Workflow};
use crate::plan::Plan;
use crate::syntax::yaml::{Problem, ProblemKind};

/// YAML faults of a compose project.
pub(super) fn project(project: &Project, _plan: &Plan, out: &mut Findings) {
    for problem in project.problems.iter().filter(|problem| problem.kind == ProjectProblemKind::Syntax) {
        let finding = out.add(&problem.place, problem.message.clone());
        if let Some(help) = &problem.help {
            finding.help(help.clone());
        }
        if let Some((place, note)) = &problem.related {
            finding.related(place, note.clone());
        }
    }
}

/// YAML faults of a file of Kubernetes objects.
pub(super) fn manifests(file: &ManifestFile, _plan: &Plan, out: &mut Findings) {
    file.problems.iter().for_each(|problem| report(problem, out));
}

/// YAML faults of a workflow; a key that stands twice is `workflow-keys`.
pub(super) fn workflow(workflow: &Workflow, _plan: &Plan, out: &mut Findings) {
    let problems = workflow.problems.iter().filter(|problem| problem.kind != ProblemKind::DuplicateKey);
    problems.for_each(|problem| report(problem, out));
}

fn report(problem: &Problem, out: &mut Findings) {
    let finding = out.add(&problem.place, problem.message.clone());
    if let Some((place, note)) = &problem.related {
        finding.related(place, *note);
    }
}
