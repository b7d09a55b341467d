//! `stage-name-duplicate`: every stage has a name of its own.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for (at, stage) in build.stages.iter().enumerate() {
        let Some(name) = &stage.name else { continue };
        let mut earlier = build.stages[..at].iter().filter_map(|stage| stage.name.as_ref());
        if let Some(first) = earlier.find(|earlier| earlier.value == name.value) {
            out.add(&name.place, format!("the name `{}` is given to two stages, and the last one counts", name.place.text()))
                .related(&first.place, "named here first");
        }
    }
}
