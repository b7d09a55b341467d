//! The health check of a built image. A config of the OCI's media type has no place for one: some tools write it all the
//! same, others drop it without a word, so its absence there proves nothing.

use super::{SWITCHED_OFF, WRITE, finish_for};
use crate::finding::Findings;
use crate::model::{BuiltImage, Fact, MediaKind};
use crate::plan::Plan;
use crate::rules::images::{cannot_tell, is_watched};

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    if !is_watched(image, plan) {
        return;
    }
    match image.container.healthcheck() {
        Fact::Known { value, .. } if value.command.is_some() => {}
        Fact::Known { origin, .. } => {
            finish_for(out.add(&origin, SWITCHED_OFF), plan, WRITE);
        }
        Fact::Unknown { why, .. } => {
            out.open(&image.place, cannot_tell("whether there is a health check", why));
        }
        Fact::Absent if image.media == MediaKind::Oci => {
            let why = "an OCI config cannot carry one, and copying an image into this format drops it without a word";
            out.open(&image.place, cannot_tell("whether there is a health check", why))
                .help("look at the image in Docker's format (`docker-archive:`, or the registry it was pushed to)");
        }
        Fact::Absent => {
            finish_for(out.add(&image.place, "has no health check, and the plan wants one"), plan, WRITE);
        }
    }
}
