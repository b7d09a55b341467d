//! `copy-from-builder`: what `--from` names exists and comes earlier.

use smol_str::SmolStr;

use super::chain::meant_stage;
use crate::finding::Findings;
use crate::model::{Build, Stage, Take, TakeSource};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

/// So many in one stage are judged.
const MAX_TAKES: usize = 1000;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for take in stage.takes.iter().take(MAX_TAKES) {
            judge(build, stage, take, out);
        }
    }
}

fn judge(build: &Build, stage: &Stage, take: &Take, out: &mut Findings) {
    let name = &take.name;
    match take.source {
        TakeSource::Stage(_) => {}
        TakeSource::NotYet(index) if index == stage.index => {
            out.add(&take.place, format!("`{name}` is the stage itself, which cannot take files from itself"))
                .subject(stage.label());
        }
        TakeSource::NotYet(_) => later(stage, take, out),
        TakeSource::Missing => {
            let count = build.stages.len();
            out.add(&take.place, format!("there is no stage `{name}`: the file has {count}, counted from 0"))
                .subject(stage.label());
        }
        TakeSource::Image => match meant_stage(build, take) {
            Some(meant) if meant.eq_ignore_ascii_case(name) => later(stage, take, out),
            Some(meant) => slip(stage, take, meant, out),
            None => {}
        },
    }
}

fn later(stage: &Stage, take: &Take, out: &mut Findings) {
    let message = format!("the stage `{}` comes later, and only earlier stages can be taken from", take.name);
    out.add(&take.place, message).subject(stage.label()).help("move that stage up");
}

fn slip(stage: &Stage, take: &Take, meant: &SmolStr, out: &mut Findings) {
    let message = format!("no stage has the name `{}`, so an image of that name is pulled", take.name);
    let finding = out.add(&take.place, message);
    finding.subject(stage.label()).help(format!("`{meant}` is meant"));
    // Of a mount the place is the whole flag.
    if take.copies {
        finding.unsafe_fix(take.place.clone(), meant.as_str());
    }
}
