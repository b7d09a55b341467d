//! The user of a built image: its numbers come from `/etc/passwd` and `/etc/group` of the layers.

use super::super::accounts::missing_in_image;
use super::{Verdict, finish_for, open_text, planned_text, verdict, wrong_text};
use crate::finding::Findings;
use crate::model::{BuiltImage, Fact};
use crate::plan::Plan;
use crate::rules::images::{cannot_tell, is_started};

const END: &str = "end the image's Dockerfile";

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    if !is_started(image) {
        return;
    }
    let want = &plan.user;
    // `user-exists` reports it.
    if missing_in_image(image).is_some() {
        return;
    }
    match image.container.user() {
        Fact::Known { value: user, origin } => match verdict(&user, want) {
            Verdict::Right => {}
            Verdict::Wrong => {
                finish_for(out.add(&origin, wrong_text(&user, "", want)), want, END);
            }
            Verdict::Open => {
                out.open(&origin, open_text(&user, want));
            }
        },
        Fact::Unknown { why, origin } => {
            out.open(&origin, cannot_tell("the user", why));
        }
        Fact::Absent if want.uid.as_ref().is_some_and(|uid| uid.value == 0) => {}
        Fact::Absent => {
            let message = format!("sets no user, so it runs as `root`, {}", planned_text(want));
            finish_for(out.add(&image.place, message), want, END);
        }
    }
}
