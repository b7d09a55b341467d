//! `user-id-low`: the user's number is none that the host gives to its own users.

use crate::finding::Findings;
use crate::model::{Fact, Workload};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

/// The highest number that hosts give to people and services.
const HIGHEST: u32 = 10_000;

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    let Fact::Known { value, origin } = workload.container.user() else { return };
    // Root is reported by `runtime-user`.
    let low = |id: Option<u32>| id.is_some_and(|id| id <= HIGHEST);
    if !workload.kind.in_pod() || value.uid == Some(0) || !(low(value.uid) || low(value.gid)) {
        return;
    }
    let message = format!("runs as `{}`, and the host has users up to `{HIGHEST}`", value.describe());
    out.add(&origin, message);
}
