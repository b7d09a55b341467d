//! `cmd-multiple`: each stage has one CMD, one ENTRYPOINT and one HEALTHCHECK.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in &build.stages {
        for keyword in ["CMD", "ENTRYPOINT", "HEALTHCHECK"] {
            let mut entries = stage.entries.iter().rev().filter(|entry| entry.keyword == keyword);
            let Some(last) = entries.next() else { continue };
            for entry in entries {
                out.add(&entry.place, format!("this {keyword} has no effect: a later one of the stage replaces it"))
                    .subject(stage.label())
                    .related(&last.place, "this one counts");
            }
        }
    }
}
