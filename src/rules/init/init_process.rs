//! `init-process`: the planned init is PID 1.

mod deployed;
mod image;

use super::pid1::{Pid1, behind_script, handed_over, is_init, own_entry, pid1};
use crate::finding::Findings;
use crate::model::{Build, CommandLine, Fact, Form, Origin, Spanned, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::{may_hide, started};

pub(in crate::rules) use deployed::mends;

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Build(check),
    Check::Workload(deployed::check),
    Check::Image(image::check),
]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.init.process.is_some()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let (Some(stage), Some(process)) = (started(build), &plan.init.process) else { return };
    let judge = Judge { build, stage, process, accepted: accepted(plan) };
    if let Some(found) = pid1(&stage.container) {
        judge.judge(found, out);
    }
}

/// The planned init, and the others that will do.
fn accepted(plan: &Plan) -> Vec<&str> {
    plan.init.process.iter().chain(&plan.init.accept).map(|said| said.value.as_str()).collect()
}

/// What to write where nothing starts the init.
fn entrypoint_help(process: &str) -> String {
    format!("write `ENTRYPOINT [\"{process}\", \"--\"]` and give the program to `CMD`")
}

/// The message about another PID 1.
fn wrong_text(what: &str, process: &str) -> String {
    format!("{what}, planned `{process}`")
}

struct Judge<'b> {
    build: &'b Build,
    stage: &'b Stage,
    process: &'b Spanned<smol_str::SmolStr>,
    accepted: Vec<&'b str>,
}

impl Judge<'_> {
    fn judge(&self, found: Pid1, out: &mut Findings) {
        match found {
            Pid1::Exec(words, origin) => {
                let first = words.first().map_or("", |word| word.as_str());
                if !is_init(first, &self.accepted) {
                    let inherited = own_entry(self.build, &origin).is_none();
                    let what = if inherited { "inherits the ENTRYPOINT " } else { "" };
                    let so = if inherited { ", which" } else { "" };
                    self.wrong(&origin, &format!("{what}`{first}`{so} is PID 1"), out);
                }
            }
            Pid1::Shell(text, origin) => {
                let to = handed_over(&text);
                if !to.is_some_and(|to| is_init(to, &self.accepted)) {
                    let shell = self.shell(&origin);
                    let written = own_entry(self.build, &origin);
                    let what = match written.is_some_and(|entry| entry.command.form == Form::Exec) {
                        true => format!("`{shell}` is PID 1"),
                        false => format!("the shell form makes `{shell}` PID 1"),
                    };
                    self.wrong(&origin, &what, out);
                }
            }
            Pid1::CmdAlone(cmd) => self.no_entrypoint(&cmd, out),
            Pid1::Script(script, origin) => self.script(&script, &origin, out),
            Pid1::Unknown(why, origin) => {
                out.open(&origin, format!("cannot tell PID 1: {why}")).subject(self.stage.label());
            }
        }
    }

    /// An entry script that was read says who is PID 1 behind it.
    fn script(&self, script: &str, origin: &Origin, out: &mut Findings) {
        match behind_script(&self.stage.container, script) {
            Some(Some(first)) if is_init(&first, &self.accepted) => {}
            Some(Some(first)) => {
                self.wrong(origin, &format!("`{script}` hands over to `{first}`, which is PID 1"), out);
            }
            Some(None) => {
                let what = format!("`{script}` never calls `exec`, so its shell stays PID 1");
                self.wrong(origin, &what, out);
            }
            None => {
                out.open(origin, format!("cannot tell PID 1: the script `{script}` decides it"))
                    .subject(self.stage.label());
            }
        }
    }

    /// The program that reads a shell form.
    fn shell(&self, origin: &Origin) -> String {
        let exec = own_entry(self.build, origin).filter(|entry| entry.command.form == Form::Exec);
        let first = exec.and_then(|entry| entry.command.words.first().map(ToString::to_string));
        let said = || match self.stage.container.shell() {
            Fact::Known { value, .. } => value.first().map(ToString::to_string),
            _ => None,
        };
        first.or_else(said).unwrap_or_else(|| "/bin/sh".to_owned())
    }

    fn wrong(&self, origin: &Origin, what: &str, out: &mut Findings) {
        let process = &self.process.value;
        let entry = own_entry(self.build, origin);
        let at = match entry {
            Some(entry) if origin.steps.len() == 1 => Origin::here(&entry.argument, "set here"),
            _ => origin.clone(),
        };
        let below = self.below();
        let finding = out.add(&at, wrong_text(what, process));
        finding.planned(self.process).subject(self.stage.label());
        match below {
            Some(below) => {
                finding
                    .help("drop this ENTRYPOINT and give the program to `CMD`: the base has the init already")
                    .related(&below.last().place, "the base's ENTRYPOINT, which this one replaces");
            }
            None => {
                finding.help(entrypoint_help(process));
            }
        }
    }

    /// The planned init as the base's ENTRYPOINT, which one in this stage replaces.
    fn below(&self) -> Option<Origin> {
        self.stage.layer().entrypoint.as_ref()?;
        let (depth, said) = self
            .stage
            .container
            .layers
            .iter()
            .enumerate()
            .skip(1)
            .find_map(|(depth, layer)| Some((depth, layer.entrypoint.as_ref()?)))?;
        let first = said.value.words.first().filter(|_| said.value.form == Form::Exec)?;
        is_init(first, &self.accepted)
            .then(|| self.stage.container.origin(depth, Some(&said.place), "set here"))
    }

    fn no_entrypoint(&self, cmd: &CommandLine, out: &mut Findings) {
        let process = &self.process.value;
        let first = cmd.words.first().map_or("", |word| word.as_str());
        let shell_init =
            cmd.form == Form::Shell && handed_over(first).is_some_and(|to| is_init(to, &self.accepted));
        if shell_init || (cmd.form == Form::Exec && is_init(first, &self.accepted)) {
            return;
        }
        if may_hide(self.build, "ENTRYPOINT") {
            out.open(
                &self.stage.from.place,
                "cannot tell PID 1: a part of the file cannot be read, and may set the ENTRYPOINT",
            );
            return;
        }
        let first = if cmd.form == Form::Shell { "/bin/sh" } else { first };
        out.add(
            &self.stage.from.place,
            format!(
                "sets no ENTRYPOINT, and neither does its base, so `{first}` is PID 1, planned `{process}`"
            ),
        )
        .planned(self.process)
        .help(format!("write `ENTRYPOINT [\"{process}\", \"--\"]`"))
        .subject(self.stage.label());
    }
}
