//! `cmd-empty`: the container has something to run.

mod image;

use super::command::only_init;
use crate::finding::{Findings, Severity};
use crate::model::{Build, CommandLine, Fact, Form, Role};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::{is_unplanned_base, may_hide};

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image::check)]);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    // A base is there for others to say what runs.
    let Some(stage) = build.final_stage().filter(|_| build.role != Role::Base) else { return };
    let (entrypoint, cmd) = (stage.container.entrypoint(), stage.container.cmd());
    let no_entrypoint = match &entrypoint {
        Fact::Known { value, .. } => value.words.is_empty(),
        Fact::Absent => true,
        Fact::Unknown { .. } => return,
    };
    let (no_cmd, cmd_origin) = match &cmd {
        Fact::Known { value, origin } => (value.words.is_empty(), Some(origin)),
        Fact::Absent => (true, None),
        Fact::Unknown { .. } => return,
    };
    let init = entrypoint.known().filter(|entrypoint| starts_only_init(entrypoint));
    let nothing = no_entrypoint && build.role == Role::Service;
    if is_unplanned_base(build) {
        return;
    }
    if !no_cmd || !(nothing || init.is_some()) {
        return;
    }
    if may_hide(build, "CMD") || may_hide(build, "ENTRYPOINT") {
        out.open(&stage.from.place, "cannot tell what runs: a CMD or ENTRYPOINT may stand where the file is broken");
        return;
    }
    let finding = match (&entrypoint, init, cmd_origin) {
        (_, Some(init), Some(origin)) => out.add(origin, format!("`{}` gets no command: CMD is empty", init.words[0])),
        (Fact::Known { origin, .. }, Some(init), None) if origin.steps.len() == 1 => {
            out.add(origin, format!("`{}` gets no command: an inherited CMD does not reach it, and none is set here", init.words[0]))
        }
        (_, Some(init), None) => {
            out.add(&stage.from.place, format!("the inherited {}", no_command(&init.words[0])))
        }
        (_, None, Some(origin)) => out.add(origin, "CMD is empty and there is no ENTRYPOINT, so nothing can be started"),
        (_, None, None) => {
            out.add(&stage.from.place, "there is neither CMD nor ENTRYPOINT, here or in the base, so nothing can be started")
        }
    };
    finding.help(HELP);
    // A tool may well be told what to run when it is started.
    if build.role != Role::Service {
        finding.severity(Severity::Warning);
    }
}

const HELP: &str = "set CMD to what the service runs";

fn no_command(init: &str) -> String {
    format!("`{init}` gets no command: there is no CMD")
}

fn starts_only_init(entrypoint: &CommandLine) -> bool {
    match entrypoint.form {
        Form::Exec => only_init(&entrypoint.words),
        Form::Shell => {
            let words = entrypoint.words.first().map(|text| text.split_ascii_whitespace().map(Into::into).collect());
            words.is_some_and(|words: Vec<smol_str::SmolStr>| only_init(&words))
        }
    }
}
