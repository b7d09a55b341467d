//! `live-user`: every process of a container runs as the planned user and group.

use smol_str::SmolStr;

use super::common::{is_alive, is_ours, open, report, shown, who};
use crate::finding::Findings;
use crate::model::{Fact, LiveContainer, Process, User};
use crate::plan::{Plan, UserPlan};
use crate::rules::Check;
use crate::rules::user::{Verdict, planned_user, user_planned, user_verdict};
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Container(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    user_planned(plan)
}

/// Programs of another user that a message names.
const MAX_TOLD: usize = 3;
/// Numbers of processes that the advice names.
const MAX_PIDS: usize = 8;

fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    let Some(demand) = demand(&plan.user).filter(|_| is_alive(container) && is_ours(container, plan)) else {
        return false;
    };
    match container.processes.as_deref() {
        Ok([]) => of_config(container, plan, demand, "the engine lists none", out),
        Ok(processes) => of_processes(container, processes, plan, demand, out),
        Err(why) => of_config(container, plan, demand, why, out),
    }
    true
}

/// The line of the plan that asks for a user.
fn demand(want: &UserPlan) -> Option<&Place> {
    want.uid.as_ref().map(|uid| &uid.place).or(want.non_root.as_ref().map(|said| &said.place))
}

/// Whether a process has the numbers that the plan wants.
fn fits(process: &Process, want: &UserPlan) -> bool {
    match &want.uid {
        Some(uid) => {
            process.uid == uid.value && want.gid.as_ref().is_none_or(|gid| process.gid == gid.value)
        }
        None => process.uid != 0,
    }
}

fn of_processes(
    container: &LiveContainer,
    processes: &[Process],
    plan: &Plan,
    demand: &Place,
    out: &mut Findings,
) {
    let want = &plan.user;
    let wrong: Vec<(usize, &Process)> =
        processes.iter().enumerate().filter(|(_, process)| !fits(process, want)).collect();
    if wrong.is_empty() {
        return groups(container, processes, plan, demand, out);
    }
    let message = format!("{} runs {}, {}", who(container, plan), told(&wrong), planned_user(want));
    let numbers: Vec<String> =
        wrong.iter().take(MAX_PIDS).map(|(_, process)| process.pid.to_string()).collect();
    let more = if wrong.len() > MAX_PIDS { ", …" } else { "" };
    report(out, container, demand, message).help(format!(
        "look at host pid {}{more}, and give the container `user:`, or its image `USER`, as planned",
        numbers.join(", ")
    ));
}

/// The programs of another user, by user: ``PID 1 `tini` as `0:0` and `sh` as `1000:1000` ``.
fn told(wrong: &[(usize, &Process)]) -> String {
    let mut programs: Vec<(String, (u32, u32), usize)> = Vec::new();
    for (at, process) in wrong {
        let name = format!("{}`{}`", if *at == 0 { "PID 1 " } else { "" }, name(process));
        let user = (process.uid, process.gid);
        match programs.iter_mut().find(|(known, as_user, _)| *known == name && *as_user == user) {
            Some((.., count)) => *count += 1,
            None => programs.push((name, user, 1)),
        }
    }
    let mut text = String::new();
    let count = programs.len().min(MAX_TOLD);
    for (at, (name, (uid, gid), times)) in programs.iter().take(MAX_TOLD).enumerate() {
        if at > 0 {
            text += if at + 1 == count && programs.len() <= MAX_TOLD { " and " } else { ", " };
        }
        text += name;
        if *times > 1 {
            text += &format!(" ({times} times)");
        }
        // Neighbours of one user share its number.
        let next = programs[..count].get(at + 1).map(|(_, user, _)| *user);
        if next != Some((*uid, *gid)) {
            text += &format!(" as `{uid}:{gid}`");
        }
    }
    let rest: usize = programs.iter().skip(MAX_TOLD).map(|(.., times)| times).sum();
    match rest {
        0 => text,
        rest => format!("{text} and {rest} more of other users"),
    }
}

fn name(process: &Process) -> SmolStr {
    let program = process.command.first().map(|word| word.rsplit('/').next().unwrap_or(word));
    let name = Some(process.name.as_str()).filter(|name| !name.is_empty()).or(program).unwrap_or("?");
    shown(name).into()
}

/// Processes of the planned user that root's group is given beside it.
fn groups(
    container: &LiveContainer,
    processes: &[Process],
    plan: &Plan,
    demand: &Place,
    out: &mut Findings,
) {
    let Some(gid) = plan.user.gid.as_ref().filter(|gid| gid.value != 0 && plan.user.uid.is_some()) else {
        return;
    };
    let is_in_root =
        |process: &&Process| process.groups.as_ref().is_some_and(|groups| groups.contains(&0));
    if let Some(process) = processes.iter().find(is_in_root) {
        let message = format!(
            "{} runs `{}` in group `0` beside its own, planned gid `{}`",
            who(container, plan),
            name(process),
            gid.value
        );
        report(out, container, demand, message)
            .help("leave root's group out of `group_add`, and of the image's `/etc/group`");
    }
}

/// What the config says where nobody knows the processes: a wrong number is certain, a right one proves nothing.
fn of_config(container: &LiveContainer, plan: &Plan, demand: &Place, why: &str, out: &mut Findings) {
    let want = &plan.user;
    let user = match container.container.user() {
        Fact::Known { value, .. } => Some(value),
        Fact::Absent => Some(User::root()),
        Fact::Unknown { .. } => None,
    };
    let who = who(container, plan);
    match &user {
        Some(user) if matches!(user_verdict(user, want), Verdict::Wrong) => {
            let message = format!("{who} is started as `{}`, {}", user.describe(), planned_user(want));
            report(out, container, demand, message)
                .help(format!("its processes could not be looked at: {why}"));
        }
        user => {
            let started =
                user.as_ref().map(|user| format!("; it is started as `{}`", user.describe()));
            let message = format!(
                "cannot tell who the processes of {who} run as: {why}{}",
                started.unwrap_or_default()
            );
            open(out, container, demand, message);
        }
    }
}
