//! `runtime-user`: the container runs as the planned user.

mod deployed;
mod image;

use super::accounts::missing_account;
use crate::finding::{Finding, Findings};
use crate::model::{Build, Fact, Origin, Stage, User};
use crate::plan::{Plan, UserPlan};
use crate::rules::Check;
use crate::rules::common::{may_hide, started};

pub(in crate::rules) use deployed::mends;

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Build(check),
    Check::Workload(deployed::check),
    Check::Fleet(deployed::check_targets),
    Check::Image(image::check),
]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.user.uid.is_some() || plan.user.non_root.as_ref().is_some_and(|said| said.value)
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(stage) = started(build) else { return };
    let want = &plan.user;
    match stage.container.user() {
        Fact::Known { value, origin } => known(&value, &origin, stage, want, out),
        Fact::Unknown { why, origin } => {
            out.open(&origin, format!("cannot tell the user: {why}")).subject(stage.label());
        }
        Fact::Absent if want.uid.as_ref().is_some_and(|uid| uid.value == 0) => {}
        Fact::Absent if may_hide(build, "USER") => {
            out.open(
                &stage.from.place,
                "cannot tell the user: a part of the file cannot be read, and may set it",
            );
        }
        Fact::Absent => {
            let message = format!(
                "sets no user, and neither does its base, so it runs as `root`, {}",
                planned_text(want)
            );
            finish(out.add(&stage.from.place, message), stage, want);
        }
    }
}

/// What the plan wants, for the end of a message.
pub(in crate::rules) fn planned_text(want: &UserPlan) -> String {
    match (&want.uid, &want.gid) {
        (Some(uid), Some(gid)) => format!("planned `{}:{}`", uid.value, gid.value),
        (Some(uid), None) => format!("planned uid `{}`", uid.value),
        _ => "planned any user but root".to_owned(),
    }
}

/// The message about a user whose numbers nobody tells.
fn open_text(user: &User, want: &UserPlan) -> String {
    format!("cannot tell the user's numbers: runs as `{}`, {}", user.describe(), planned_text(want))
}

/// The message about a user that is not the planned one; `how` stands behind it.
fn wrong_text(user: &User, how: &str, want: &UserPlan) -> String {
    format!("runs as `{}`{how}, {}", user.describe(), planned_text(want))
}

/// `USER` as the plan wants it.
fn wanted_user(want: &UserPlan) -> Option<String> {
    let uid = want.uid.as_ref()?.value;
    Some(want.gid.as_ref().map_or_else(|| uid.to_string(), |gid| format!("{uid}:{}", gid.value)))
}

fn finish<'f>(finding: &'f mut Finding, stage: &Stage, want: &UserPlan) -> &'f mut Finding {
    finish_for(finding, want, "end the final stage").subject(stage.label())
}

/// Names the plan's line, and where the planned `USER` belongs.
fn finish_for<'f>(finding: &'f mut Finding, want: &UserPlan, end: &str) -> &'f mut Finding {
    if let Some(uid) = &want.uid {
        finding.planned(uid);
    } else if let Some(non_root) = &want.non_root {
        finding.planned(non_root);
    }
    if let Some(user) = wanted_user(want) {
        finding.help(format!("{end} with `USER {user}`"));
    }
    finding
}

/// A user that somebody set: right, wrong, or not known well enough.
fn known(user: &User, origin: &Origin, stage: &Stage, want: &UserPlan, out: &mut Findings) {
    match verdict(user, want) {
        Verdict::Right => {}
        // `user-exists` reports it.
        Verdict::Wrong | Verdict::Open if missing_account(user, &stage.container).is_some() => {}
        Verdict::Open => {
            out.open(origin, open_text(user, want)).subject(stage.label());
        }
        Verdict::Wrong => {
            let system =
                if user.system { ", a system account with a number between 100 and 999" } else { "" };
            let message = wrong_text(user, system, want);
            let finding = finish(out.add(origin, message), stage, want);
            let own = stage.layer().user.as_ref().filter(|said| said.place == *origin.place());
            if let (Some(said), Some(text)) = (own, wanted_user(want)) {
                finding.unsafe_fix(said.place.clone(), text);
            }
        }
    }
}

/// How a user compares with the planned one.
pub(in crate::rules) enum Verdict {
    /// It is that.
    Right,
    /// It is another.
    Wrong,
    /// Its numbers are not known.
    Open,
}

/// Compares a user with the planned one.
pub(in crate::rules) fn verdict(user: &User, want: &UserPlan) -> Verdict {
    let is_root = user.uid == Some(0) || user.name == "root";
    let Some(uid) = &want.uid else {
        return match user.uid {
            _ if is_root => Verdict::Wrong,
            None if !user.system && !user.unnumbered => Verdict::Open,
            _ => Verdict::Right,
        };
    };
    match user.uid {
        Some(found) if found != uid.value => return Verdict::Wrong,
        None if is_root && uid.value != 0 => return Verdict::Wrong,
        None if user.system && uid.value >= 1000 => return Verdict::Wrong,
        None => return Verdict::Open,
        Some(_) => {}
    }
    match (&want.gid, user.gid) {
        (None, _) => Verdict::Right,
        (Some(gid), Some(found)) if found == gid.value => Verdict::Right,
        (Some(_), Some(_)) => Verdict::Wrong,
        (Some(_), None) => Verdict::Open,
    }
}
