//! Questions that rules of several groups ask.

use crate::model::{Build, ProblemKind};

/// Whether an instruction with this keyword may hide in a part of the file that could not be read, so that "it is
/// missing" cannot be said: the text of an orphaned line, a template or a misspelt instruction mentions it.
#[must_use]
pub(in crate::rules) fn may_hide(build: &Build, keyword: &str) -> bool {
    let mentions = |text: &str| text.to_ascii_uppercase().contains(keyword);
    build.problems.iter().any(|problem| match problem.kind {
        // A template alone on its line may stand for anything.
        ProblemKind::Template => {
            let line = problem
                .place
                .source
                .lines()
                .span_of(problem.place.start().line, problem.place.source.bytes());
            let line = String::from_utf8_lossy(problem.place.source.slice(line)).trim().to_owned();
            line == problem.place.text().trim() || mentions(&line)
        }
        _ => {
            mentions(&problem.place.text())
                || problem.related.iter().any(|(place, _)| mentions(&place.text()))
        }
    })
}
