//! PID 1 of a container of a built image. Docker's own init (`--init`) is no part of an image.

use super::{accepted, entrypoint_help, wrong_text};
use crate::finding::Findings;
use crate::model::{BuiltImage, Fact};
use crate::plan::Plan;
use crate::rules::images::{cannot_tell, is_started};
use crate::rules::init::pid1::{Pid1, Who, file_name, pid1, who};
use crate::source::Place;

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let Some(process) = plan.init.process.as_ref().filter(|_| is_started(image)) else { return };
    let place = deciding(image).unwrap_or(&image.place);
    match who(&image.container, &accepted(plan)) {
        Who::Init(_) | Who::Nothing => {}
        Who::Script(script) => {
            out.open(place, cannot_tell("PID 1", format!("the script `{script}` decides it")));
        }
        // Scripts of this name hand over to what is behind them, as a rule.
        Who::Program(first) if file_name(&first).contains("entrypoint") => {
            out.open(place, cannot_tell("PID 1", format!("the program `{first}` decides it")));
        }
        Who::Program(first) => {
            let what = match pid1(&image.container) {
                Some(Pid1::CmdAlone(_)) => format!("sets no ENTRYPOINT, so `{first}` is PID 1"),
                _ => format!("`{first}` is PID 1"),
            };
            out.add(place, wrong_text(&what, &process.value))
                .planned(process)
                .help(entrypoint_help(&process.value));
        }
        Who::Unknown(why) => {
            out.open(place, cannot_tell("PID 1", why));
        }
    }
}

/// What decides over PID 1: the ENTRYPOINT, or CMD when there is none.
fn deciding(image: &BuiltImage) -> Option<&Place> {
    let layer = image.container.layers.first()?;
    let has_entrypoint = matches!(image.container.entrypoint(), Fact::Known { value, .. } if !value.words.is_empty());
    let said = if has_entrypoint { &layer.entrypoint } else { &layer.cmd };
    said.as_ref().map(|said| &said.place)
}
