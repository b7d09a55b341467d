//! What a built image starts, by its config.

use super::{HELP, no_command, starts_only_init};
use crate::finding::{Findings, Severity};
use crate::model::{BuiltImage, Fact};
use crate::plan::Plan;
use crate::rules::images::is_base;

pub(super) fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    // A base is there for others to say what runs.
    if is_base(image) {
        return;
    }
    let entrypoint = match image.container.entrypoint() {
        Fact::Known { value, .. } => Some(value).filter(|value| !value.words.is_empty()),
        Fact::Absent => None,
        Fact::Unknown { .. } => return,
    };
    let place = match image.container.cmd() {
        Fact::Known { value, .. } if !value.words.is_empty() => return,
        Fact::Known { origin, .. } => origin.place().clone(),
        Fact::Absent => image.place.clone(),
        Fact::Unknown { .. } => return,
    };
    let is_service = image.service.is_some();
    let message = match &entrypoint {
        Some(entrypoint) if starts_only_init(entrypoint) => no_command(&entrypoint.words[0]),
        None if is_service => "there is neither CMD nor ENTRYPOINT, so nothing can be started".to_owned(),
        _ => return,
    };
    let finding = out.add(&place, message).help(HELP);
    // A tool may well be told what to run when it is started.
    if !is_service {
        finding.severity(Severity::Warning);
    }
}
