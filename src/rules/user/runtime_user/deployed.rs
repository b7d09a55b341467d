//! What a deployment file says about the user: compose's `user`, a pod's `runAsUser`, `runAsGroup` and `runAsNonRoot`.

use std::collections::HashSet;

use super::{Verdict, open_text, planned_text, verdict, wanted_user, wrong_text};
use crate::finding::{Finding, Findings};
use crate::fleet::Fleet;
use crate::model::{Fact, Spanned, Unknown, User, Workload};
use crate::plan::{Plan, UserPlan};
use crate::rules::common::about;
use crate::rules::deployed::{has_foreign_image, image_place, is_compose, is_ours, of_inner_stages};
use crate::rules::user::accounts::missing_account;

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    if refused(workload, out) {
        return;
    }
    match &workload.overlay().user {
        Some(said) if is_judged(said, workload, plan) => said_here(said, workload, &plan.user, out),
        // The plan is not made for the images of others.
        Some(_) => {}
        None if has_foreign_image(workload) => of_image(workload, &plan.user, out),
        // Otherwise the Dockerfile's own finding stands.
        None => by_argument(workload, plan, out),
    }
}

/// Services that run an inner stage, which no finding of the Dockerfile speaks of.
pub(super) fn check_targets(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    for workload in of_inner_stages(fleet).filter(|workload| workload.overlay().user.is_none()) {
        let target = workload.build.as_ref().and_then(|build| build.target.as_ref());
        let Some(target) = target else { continue };
        let image = workload.image_container();
        let (what, origin) = match image.user() {
            Fact::Known { value, origin } if matches!(verdict(&value, &plan.user), Verdict::Wrong) => {
                (value.describe(), Some(origin))
            }
            Fact::Absent if plan.user.uid.as_ref().is_none_or(|uid| uid.value != 0) => {
                ("root".to_owned(), None)
            }
            _ => continue,
        };
        let message =
            format!("the stage `{}` runs as `{what}`, {}", target.value, planned_text(&plan.user));
        let finding = out.add(&target.place, message);
        about(finding, workload, plan);
        if let Some(origin) = origin {
            finding.related(&origin.last().place, "the stage's user");
        }
        finish(finding, workload, &plan.user);
        finding.help("give the stage a `USER`, or write `user`");
    }
}

/// A service whose build arguments decide the user. The Dockerfile is judged by its own defaults, which may be right.
fn by_argument(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let want = &plan.user;
    let Some(args) = workload.build.as_ref().map(|build| &build.args).filter(|args| !args.is_empty()) else {
        return;
    };
    let Fact::Known { value, origin } = workload.image_container().user() else { return };
    if !matches!(verdict(&value, want), Verdict::Wrong) {
        return;
    }
    let said = &origin.last().place;
    let text = String::from_utf8_lossy(said.source.slice(said.span));
    let used: HashSet<&str> = text.split('$').skip(1).map(variable).collect();
    let Some(arg) = args.iter().find(|arg| used.contains(arg.value.0.as_str())) else { return };
    let message = format!("the build argument `{}` makes the image run as `{}`", arg.value.0, value.describe());
    let finding = out.add(&arg.place, format!("{message}, {}", planned_text(want)));
    about(finding, workload, plan);
    finish(finding, workload, want);
    finding.help("leave the argument out, or give the planned number").related(said, "the image's USER");
}

/// The name at the beginning of what stands behind a `$`: of `NAME`, and of `{NAME…`.
fn variable(behind: &str) -> &str {
    let behind = behind.strip_prefix('{').unwrap_or(behind);
    let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(behind.len());
    &behind[..end]
}

/// Whether the deployment gives the planned user to an image that may not have it.
pub(in crate::rules) fn mends(workload: &Workload, plan: &Plan) -> bool {
    let said = workload.overlay().user.as_ref().and_then(|said| said.value.as_ref().ok());
    said.is_some_and(|user| {
        matches!(verdict(user, &plan.user), Verdict::Right)
            && missing_account(user, &workload.container).is_none()
            && refusal(workload).is_none()
    })
}

/// Whose user is judged: of the images of others only root, when the plan refuses it to everybody.
fn is_judged(said: &Spanned<Result<User, Unknown>>, workload: &Workload, plan: &Plan) -> bool {
    let is_root = said.value.as_ref().is_ok_and(|user| user.uid == Some(0) || user.name == "root");
    is_ours(workload, plan) || (plan.user.uid.is_none() && is_root)
}

fn said_here(
    said: &Spanned<Result<User, Unknown>>,
    workload: &Workload,
    want: &UserPlan,
    out: &mut Findings,
) {
    let user = match &said.value {
        Ok(user) => user,
        Err(why) => {
            out.open(&said.place, format!("cannot tell the user: {why}"));
            return;
        }
    };
    match verdict(user, want) {
        Verdict::Right => {}
        // `user-exists` reports it.
        _ if missing_account(user, &workload.container).is_some() => {}
        Verdict::Open => {
            let message = open_text(user, want);
            out.open(&said.place, message);
        }
        Verdict::Wrong => {
            let message = wrong_text(user, "", want);
            // Where only the group is wrong, that is said elsewhere.
            let uid_is_right = want.uid.as_ref().is_some_and(|uid| user.uid == Some(uid.value));
            let place = workload.run_as_group.as_ref().filter(|_| uid_is_right).unwrap_or(&said.place);
            let finding = out.add(place, message);
            finish(finding, workload, want);
            if let Some(place) = workload.replaced(|layer| layer.user.as_ref().map(|user| &user.place)) {
                finding.related(place, "the image's USER, which this replaces");
            }
        }
    }
}

fn finish(finding: &mut Finding, workload: &Workload, want: &UserPlan) {
    if let Some(uid) = &want.uid {
        finding.planned(uid);
    } else if let Some(non_root) = &want.non_root {
        finding.planned(non_root);
    }
    match (wanted_user(want), is_compose(workload)) {
        (Some(user), true) => finding.help(format!("write `user: \"{user}\"`, or leave it to the image")),
        (Some(user), false) => {
            let (uid, gid) = user.split_once(':').unwrap_or((&user, ""));
            let group = if gid.is_empty() { String::new() } else { format!(" and `runAsGroup: {gid}`") };
            finding.help(format!("write `runAsUser: {uid}`{group}"))
        }
        (None, true) => finding.help("leave the line out when the image has a user of its own, or write its number"),
        (None, false) => finding.help("write a number other than 0"),
    };
}

/// What a planned service runs as when nobody of the fleet makes its image.
fn of_image(workload: &Workload, want: &UserPlan, out: &mut Findings) {
    let place = image_place(workload);
    match workload.container.user() {
        Fact::Known { value, .. } => match verdict(&value, want) {
            Verdict::Right => {}
            Verdict::Wrong => {
                let message = format!("the image runs as `{}`, {}", value.describe(), planned_text(want));
                finish(out.add(place, message), workload, want);
            }
            Verdict::Open => {
                out.open(place, format!("cannot tell the numbers of the image's user `{}`", value.name));
            }
        },
        Fact::Absent if want.uid.as_ref().is_some_and(|uid| uid.value == 0) => {}
        Fact::Absent => {
            let message = format!("the image sets no user, so it runs as `root`, {}", planned_text(want));
            finish(out.add(place, message), workload, want);
        }
        // The kubelet itself sees to it that it is not root.
        Fact::Unknown { .. } if want.uid.is_none() && is_non_root(workload) => {}
        Fact::Unknown { why, .. } => {
            out.open(place, format!("cannot tell the user: {why}"));
        }
    }
}

fn is_non_root(workload: &Workload) -> bool {
    workload.run_as_non_root.as_ref().is_some_and(|said| said.value)
}

/// Why the kubelet refuses to start a container with `runAsNonRoot: true` (kubelet, `verifyRunAsNonRoot`).
enum Refusal {
    /// `runAsUser: 0` beside it.
    Zero,
    /// The image runs as root.
    Root,
    /// The image names its user, and the kubelet reads no passwd.
    Name(User),
}

fn refusal(workload: &Workload) -> Option<Refusal> {
    if !is_non_root(workload) {
        return None;
    }
    if let Some(said) = &workload.overlay().user {
        let is_zero = said.value.as_ref().is_ok_and(|user| user.uid == Some(0));
        return is_zero.then_some(Refusal::Zero);
    }
    match workload.image_container().user() {
        Fact::Absent => Some(Refusal::Root),
        Fact::Known { value, .. } if value.name == "root" || value.name == "0" => Some(Refusal::Root),
        Fact::Known { value, .. } if value.name.parse::<u32>().is_err() && is_written(workload) => {
            Some(Refusal::Name(value))
        }
        _ => None,
    }
}

/// Whether a Dockerfile of the chain says the user; what a public image says may be a number by another name.
fn is_written(workload: &Workload) -> bool {
    workload.replaced(|layer| layer.user.as_ref().map(|user| &user.place)).is_some()
}

/// Reports a container that the kubelet refuses; whether there was something to report.
fn refused(workload: &Workload, out: &mut Findings) -> bool {
    let (Some(refusal), Some(asked)) = (refusal(workload), &workload.run_as_non_root) else { return false };
    let user = workload.overlay().user.as_ref().map(|user| &user.place);
    let of_image = workload.replaced(|layer| layer.user.as_ref().map(|user| &user.place));
    match refusal {
        Refusal::Zero => {
            out.add(
                user.unwrap_or(&asked.place),
                "runs as `0` under `runAsNonRoot: true`, so the kubelet refuses to start it",
            )
            .related(&asked.place, "this wants another user")
            .help("write the number of another user");
        }
        Refusal::Root => {
            let finding = out.add(
                &asked.place,
                "`runAsNonRoot: true`, but the image runs as `root`, so the kubelet refuses to start it",
            );
            finding.related(of_image.unwrap_or_else(|| image_place(workload)), "the image's user");
            finding.help("give the image a `USER` by number, or write `runAsUser`");
        }
        Refusal::Name(user) => {
            let message = format!(
                "`runAsNonRoot: true`, but the kubelet cannot verify the image's user `{}`, which is a name, and refuses to start it",
                user.name
            );
            let finding = out.add(&asked.place, message);
            if let Some(place) = of_image {
                finding.related(place, "the image's user");
            }
            finding.help(match user.uid {
                Some(uid) => format!("write `runAsUser: {uid}`, or the number in the image's `USER`"),
                None => "write `runAsUser`, or the number in the image's `USER`".to_owned(),
            });
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_behind_a_dollar_end_where_variables_do() {
        for (behind, name) in [("USER_ID", "USER_ID"), ("{UID:-0}:5", "UID"), ("UID:GID", "UID"), ("{}", ""), ("", "")] {
            assert_eq!(variable(behind), name, "{behind}");
        }
    }
}
