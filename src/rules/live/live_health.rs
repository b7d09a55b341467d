//! `live-health`: a container runs, and Docker calls it healthy.

use super::common::{is_ours, open, report, row, shown, who};
use crate::finding::{Finding, Findings, Severity};
use crate::model::{ContainerState, DockerHealth, LiveContainer};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::health::healthcheck_planned;
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Container(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    crate::rules::always(plan)
}

/// Restarts of a container that is just starting again which make a loop: the engine waits longer before each.
const LOOP: u32 = 3;

fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    if !is_ours(container, plan) {
        return false;
    }
    let who = who(container, plan);
    match &container.state {
        ContainerState::Running => running(container, &who, plan, out),
        ContainerState::Paused => {
            say(container, out, format!("{who} is paused, so its health is what it was before"))
                .help("`docker unpause` lets it go on");
        }
        ContainerState::Restarting => {
            let memory = if container.oom_killed { " for its memory" } else { "" };
            let times = times(container.restarts);
            say(container, out, format!("{who} ends{memory} and is started again, {times} so far"))
                .help("`docker logs` tells why it ends");
        }
        ContainerState::Exited(0) if is_job(container, plan) => {}
        ContainerState::Exited(code) => {
            let memory = if container.oom_killed { ", killed for its memory" } else { "" };
            let finding = say(container, out, format!("{who} has ended with exit code `{code}`{memory}"));
            finding.help(match (container.oom_killed, code) {
                (true, _) => "give it more memory, or let it take less",
                (_, 126 | 127) => "its program is not there, or may not be started",
                (_, 137 | 143) => "something stopped it: `docker start` starts it again",
                _ => "`docker logs` tells why",
            });
        }
        ContainerState::Other(state) if state == "created" => {
            say(container, out, format!("{who} was made and never started"))
                .help("`docker start` tells why, when it cannot be");
        }
        ContainerState::Other(state) => {
            say(container, out, format!("{who} does not run: it is `{}`", shown(state)));
        }
    }
    true
}

/// Whether it may well end: it has no planned port, and nobody starts it again.
fn is_job(container: &LiveContainer, plan: &Plan) -> bool {
    let row = row(container, plan);
    let has_port = row.is_some_and(|row| row.service_port.is_some() || row.health_port.is_some());
    !has_port && matches!(container.restart_policy.as_str(), "" | "no" | "on-failure")
}

fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

fn say<'o>(container: &LiveContainer, out: &'o mut Findings, message: String) -> &'o mut Finding {
    report(out, container, &container.place, message)
}

fn running(container: &LiveContainer, who: &str, plan: &Plan, out: &mut Findings) {
    let restarts = container.restarts;
    match &container.health {
        DockerHealth::Unhealthy { streak, exit_code, output } => {
            let message = unhealthy(who, *streak, *exit_code, output);
            let finding = say(container, out, message);
            if let Some(advice) = advice(*exit_code, output) {
                finding.help(advice);
            }
        }
        DockerHealth::Starting if restarts >= LOOP => {
            let times = times(restarts);
            say(container, out, format!("{who} is started again and again, {times} so far"))
                .help("`docker logs` tells why it ends");
        }
        DockerHealth::Starting => {
            let message = format!("cannot tell whether {who} is healthy: it is still starting");
            open(out, container, &container.place, message).help("`--wait 60s` waits for it");
        }
        DockerHealth::None | DockerHealth::Disabled if is_watched(container, plan) => {
            let how = match container.health {
                DockerHealth::Disabled => "has its health check switched off",
                _ => "has no health check",
            };
            let message = format!("{who} {how}, and the plan wants one");
            report(out, container, demand(container, plan), message)
                .help("give its image a `HEALTHCHECK`, or the service a `healthcheck:`");
        }
        _ if restarts > 0 => {
            let times = times(restarts);
            say(container, out, format!("{who} was started again {times}"))
                .severity(Severity::Note)
                .help("`docker logs` tells why it ended");
        }
        _ => {}
    }
}

/// Whether the plan wants a health check of it.
fn is_watched(container: &LiveContainer, plan: &Plan) -> bool {
    healthcheck_planned(plan) && (container.service.is_some() || plan.services.is_empty())
}

fn demand<'a>(container: &'a LiveContainer, plan: &'a Plan) -> &'a Place {
    let required = plan.health.required.as_ref().map(|said| &said.place);
    required.or(plan.health.path.as_ref().map(|said| &said.place)).unwrap_or(&container.place)
}

fn unhealthy(who: &str, streak: u32, exit_code: Option<i64>, output: &str) -> String {
    let failures = match streak {
        0 => "its checks fail".to_owned(),
        1 => "its last check failed".to_owned(),
        streak => format!("its last {streak} checks failed"),
    };
    let output = shown(output);
    let how = match (exit_code, output.as_str()) {
        (None, "") => String::new(),
        (None, output) => format!(", with the output `{output}`"),
        (Some(code), "") => format!(", with exit code `{code}`"),
        (Some(code), output) => format!(", with exit code `{code}` and the output `{output}`"),
    };
    format!("{who} is unhealthy: {failures}{how}")
}

/// What the last output of a health check is known to mean.
fn advice(exit_code: Option<i64>, output: &str) -> Option<&'static str> {
    let text = output.to_ascii_lowercase();
    let says = |part: &str| text.contains(part);
    if exit_code == Some(127) || says("executable file not found") || says("command not found") || says(": not found")
    {
        return Some("the program that asks is not in the image: install it, or ask with one that is there");
    }
    if exit_code == Some(126) || says("permission denied") {
        return Some("the user of the container may not run the check");
    }
    if says("connection refused") || says("failed to connect") || says("couldn't connect") {
        return Some("nobody listens where the check asks: compare its port with that of the server");
    }
    if says("exceeded timeout") || says("timed out") {
        return Some("the server does not answer in the time of the check");
    }
    if says("returned error: 404") || says("404 not found") {
        return Some("the check asks for a path that the server does not have");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_of_checks_are_put_into_words() {
        for (streak, code, output, want) in [
            (5, Some(127), "curl: not found", "its last 5 checks failed, with exit code `127` and the output `curl: not found`"),
            (1, Some(7), "", "its last check failed, with exit code `7`"),
            (1, None, "no `x`\n", "its last check failed, with the output `no 'x'`"),
            (0, None, "", "its checks fail"),
            (1, None, "login with DB_PASSWORD=hunter2hunter2 failed", "its last check failed, with the output `***`"),
        ] {
            assert_eq!(unhealthy("w", streak, code, output), format!("w is unhealthy: {want}"));
        }
    }

    #[test]
    fn causes_are_known_by_code_and_output() {
        for (code, output, part) in [
            (Some(1), "/bin/sh: curl: not found", Some("not in the image")),
            (Some(127), "", Some("not in the image")),
            (Some(1), "curl: (7) Failed to connect to localhost port 8000", Some("nobody listens")),
            (Some(-1), "Health check exceeded timeout (10s)", Some("in the time")),
            (Some(22), "curl: (22) The requested URL returned error: 404 Not Found", Some("a path")),
            (Some(22), "curl: (22) The requested URL returned error: 503", None),
        ] {
            let told = advice(code, output);
            assert_eq!(told.is_some(), part.is_some(), "{output}: {told:?}");
            assert!(told.unwrap_or_default().contains(part.unwrap_or_default()), "{output}: {told:?}");
        }
    }
}
