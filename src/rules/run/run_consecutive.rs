//! `run-consecutive`: steps that belong together are one RUN.

use crate::finding::Findings;
use crate::model::{Build, Run};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for pair in stage.runs.windows(2) {
            // Steps with other mounts or another user cannot be one.
            let alike = pair[0].mounts.len() == pair[1].mounts.len()
                && pair[0].exec.is_none()
                && pair[1].exec.is_none();
            if pair[0].order + 1 == pair[1].order && alike && !is_script(&pair[0]) && !is_script(&pair[1]) {
                out.add(&pair[1].place, "two RUN follow each other, and each makes a layer")
                    .subject(stage.label());
            }
        }
    }
}

/// A heredoc is a script of its own.
fn is_script(run: &Run) -> bool {
    run.texts.first().is_some_and(|text| !text.script.redirections.is_empty() && run.texts.len() > 1)
}
