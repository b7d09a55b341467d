//! `live-init`: the planned init is PID 1 of a container.

use smol_str::SmolStr;

use super::common::{is_alive, is_ours, open, report, shown, who};
use crate::finding::Findings;
use crate::model::{LiveContainer, Process, Spanned};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::init::pid1::{Who, file_name, is_init, who as pid1_of_config};

pub(in crate::rules) const CHECK: Check = Check::Container(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.init.process.is_some()
}

/// The engine's own init, which `--init` puts in front.
const ENGINE_INITS: [&str; 2] = ["docker-init", "catatonit"];

fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    let planned = plan.init.process.as_ref().filter(|_| is_alive(container) && is_ours(container, plan));
    let Some(process) = planned else { return false };
    let inits: Vec<&str> =
        plan.init.process.iter().chain(&plan.init.accept).map(|said| said.value.as_str()).collect();
    match container.processes.as_deref() {
        _ if container.init => {}
        Ok([]) => of_config(container, plan, process, &inits, "the engine lists no process", out),
        Ok([first, ..]) => of_process(container, plan, process, &inits, first, out),
        Err(why) => of_config(container, plan, process, &inits, why, out),
    }
    true
}

fn of_process(
    container: &LiveContainer,
    plan: &Plan,
    process: &Spanned<SmolStr>,
    inits: &[&str],
    first: &Process,
    out: &mut Findings,
) {
    let program = first.command.first().unwrap_or(&first.name);
    let names = [program.as_str(), first.name.as_str()];
    let is_accepted = |name: &&str| is_init(name, inits) || is_engines(name);
    if !names.iter().any(is_accepted) {
        wrong(container, plan, process, program, out);
    }
}

/// Whether a program is the engine's own init; podman's is catatonit below `/run`.
fn is_engines(program: &str) -> bool {
    let name = file_name(program);
    name == ENGINE_INITS[0] || (name == ENGINE_INITS[1] && program.starts_with("/run/"))
}

fn wrong(
    container: &LiveContainer,
    plan: &Plan,
    process: &Spanned<SmolStr>,
    program: &str,
    out: &mut Findings,
) {
    let message = format!(
        "`{}` is PID 1 of {}, planned `{}`",
        shown(program),
        who(container, plan),
        process.value
    );
    report(out, container, &process.place, message).help(format!(
        "make `{}` the image's ENTRYPOINT, or start the container with `init: true`",
        process.value
    ));
}

/// What the config says where nobody knows the processes.
fn of_config(
    container: &LiveContainer,
    plan: &Plan,
    process: &Spanned<SmolStr>,
    inits: &[&str],
    why: &str,
    out: &mut Findings,
) {
    let says = match pid1_of_config(&container.container, inits) {
        // What is started is PID 1 as long as it does not hand over, and an init never does.
        Who::Init(_) => return,
        Who::Program(program) => format!("; it is started with `{}`", shown(&program)),
        Who::Script(script) => format!("; it is started with the script `{}`", shown(&script)),
        Who::Nothing | Who::Unknown(_) => String::new(),
    };
    let message = format!("cannot tell PID 1 of {}: {why}{says}", who(container, plan));
    open(out, container, &process.place, message);
}
