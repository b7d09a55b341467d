//! `stage-name-reserved`: no stage has a name that means something else.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for name in build.stages.iter().filter_map(|stage| stage.name.as_ref()) {
        let means = match name.value.as_str() {
            "scratch" => "the empty image",
            "context" => "the build context",
            _ => continue,
        };
        out.add(&name.place, format!("a stage is called `{}`, which is the name of {means}", name.value));
    }
}
