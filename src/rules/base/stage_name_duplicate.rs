//! `stage-name-duplicate`: every stage has a name of its own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let mut first: HashMap<&str, &Place> = HashMap::new();
    for name in build.stages.iter().filter_map(|stage| stage.name.as_ref()) {
        match first.entry(&name.value) {
            Entry::Vacant(entry) => {
                entry.insert(&name.place);
            }
            Entry::Occupied(entry) => {
                let message = format!("the name `{}` is given to two stages, and the last one counts", name.place.text());
                out.add(&name.place, message).related(entry.get(), "named here first");
            }
        }
    }
}
