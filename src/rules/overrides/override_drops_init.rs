//! `override-drops-init`: a deployment file that replaces what an image starts keeps the image's init.

use crate::finding::{Findings, Severity};
use crate::model::{CommandLine, Form, Origin, Spanned, Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::deployed::is_compose;
use crate::rules::init::pid1::{KNOWN_INITS, Who, deciding, has_outer_init, is_init, who};
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let Some(said) = deciding(workload) else { return };
    if workload.kind == WorkloadKind::PodInit || has_outer_init(workload) {
        return;
    }
    let process = &plan.init.process;
    let planned = process.iter().chain(&plan.init.accept).map(|said| said.value.as_str());
    // Without a plan's word any of the known inits counts.
    let known = KNOWN_INITS.iter().copied().filter(|_| process.is_none());
    let inits: Vec<&str> = planned.chain(known).collect();
    let image = workload.image_container();
    let Who::Init(init) = who(&image, &inits) else { return };
    let so = match who(&workload.container, &inits) {
        Who::Program(first) => format!("so `{first}` is PID 1"),
        Who::Nothing => "and starts nothing instead".to_owned(),
        // A script that nobody followed, and no init among what it is given.
        Who::Script(script) if !names_init(workload, &inits) => format!("so `{script}` is PID 1"),
        Who::Init(_) | Who::Script(_) | Who::Unknown(_) => return,
    };
    let (key, instruction) = keys(workload);
    let message = format!("`{key}` replaces the image's {instruction} and drops its init `{init}`, {so}");
    let finding = out.add(&said.place, message);
    match process {
        Some(process) => finding.planned(process),
        None => finding.severity(Severity::Warning),
    };
    if let Some(origin) = origin(&image, instruction) {
        finding.related(&origin.last().place, "the image starts its init here");
    }
    finding.help(help(workload, said, &init));
}

/// Whether the deployment's own words name an init anywhere: `["/entry.sh", "tini", "--", "app"]`.
fn names_init(workload: &Workload, inits: &[&str]) -> bool {
    let overlay = workload.overlay();
    let words = overlay.entrypoint.iter().chain(&overlay.cmd).flat_map(|said| &said.value.words);
    words.flat_map(|word| word.split_ascii_whitespace()).any(|word| is_init(word, inits))
}

/// The key that replaces, and the instruction of the image that it replaces.
fn keys(workload: &Workload) -> (&'static str, &'static str) {
    match (workload.overlay().entrypoint.is_some(), is_compose(workload)) {
        (true, true) => ("entrypoint", "ENTRYPOINT"),
        (true, false) => ("command", "ENTRYPOINT"),
        (false, true) => ("command", "CMD"),
        (false, false) => ("args", "CMD"),
    }
}

fn origin(image: &crate::model::Container, instruction: &str) -> Option<Origin> {
    let fact = if instruction == "CMD" { image.cmd() } else { image.entrypoint() };
    match fact {
        crate::model::Fact::Known { origin, .. } => Some(origin),
        _ => None,
    }
}

fn help(workload: &Workload, said: &Spanned<CommandLine>, init: &str) -> String {
    let replaces = workload.overlay().entrypoint.is_some();
    match (replaces, is_compose(workload)) {
        (true, true) => "give the program to `command`, or write `init: true`".to_owned(),
        (true, false) => "leave `command` out, and give the program to `args`".to_owned(),
        (false, _) if said.value.form == Form::Exec => format!("start the list with `\"{init}\", \"--\"`"),
        (false, _) => format!("start with `{init} --`"),
    }
}
