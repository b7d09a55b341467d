//! `stage-name-case`: names of stages are lower case.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for name in build.stages.iter().filter_map(|stage| stage.name.as_ref()) {
        let written = name.place.text();
        if written != name.value.as_str() {
            // BuildKit compares without case, so nothing changes.
            out.add(&name.place, format!("the stage `{written}` is written with capitals"))
                .help(format!("write `{}`", name.value))
                .safe_fix(name.place.clone(), name.value.as_str());
        }
    }
}
