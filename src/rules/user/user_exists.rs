//! `user-exists`: somebody in the chain creates the user that the container runs as.

mod image;

use super::accounts::missing_account;
use crate::finding::Findings;
use crate::model::{Build, Fact, Role, Workload};
use crate::plan::Plan;
use crate::rules::common::is_windows;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Workload(deployed), Check::Image(image::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage().filter(|_| !is_windows(build)) else { return };
    let Fact::Known { value: user, origin } = stage.container.user() else { return };
    // A base says it once, at its own line.
    if build.role == Role::Base && stage.layer().user.is_none() {
        return;
    }
    let Some((what, name)) = missing_account(&user, &stage.container) else { return };
    out.add(&origin, message(what, &name, CHAIN)).help(help(what, &name)).subject(stage.label());
}

/// What a compose service says over its image; pods name numbers only.
fn deployed(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    let Some(said) = &workload.overlay().user else { return };
    let Ok(user) = &said.value else { return };
    let Some((what, name)) = missing_account(user, &workload.container) else { return };
    out.add(&said.place, message(what, &name, CHAIN)).help(help(what, &name));
}

/// Where the account is missing, of what only files of the fleet say.
const CHAIN: &str = "nothing in the chain creates";

fn message(what: &str, name: &str, where_not: &str) -> String {
    format!("runs as {what} `{name}`, which {where_not}")
}

fn help(what: &str, name: &str) -> String {
    match what {
        "group" => format!("create it with `groupadd`, or write the group's number instead of `{name}`"),
        _ => format!("create it with `useradd`, or write numbers (`USER 10001:10001`) instead of `{name}`"),
    }
}
