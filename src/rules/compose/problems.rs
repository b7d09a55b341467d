//! Problems of a project as findings.

use crate::finding::{Finding, Findings};
use crate::model::ProjectProblem;

/// Reports one problem with its help and its other place.
pub(in crate::rules) fn report<'f>(problem: &ProjectProblem, out: &'f mut Findings) -> &'f mut Finding {
    let finding = out.add(&problem.place, problem.message.clone());
    if let Some(help) = &problem.help {
        finding.help(help.clone());
    }
    if let Some((place, note)) = &problem.related {
        finding.related(place, note.clone());
    }
    finding
}
