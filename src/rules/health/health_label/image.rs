//! The label of a built image.

use super::{compare, write_label};
use crate::finding::Findings;
use crate::model::{BuiltImage, Fact};
use crate::plan::Plan;
use crate::rules::images::{cannot_tell, is_watched, row};

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let Some(label) = plan.health.label.as_ref().filter(|_| is_watched(image, plan)) else { return };
    let row = row(image, plan);
    // The port in the label is the row's: of an image without one nobody can say what to write.
    if row.is_none() && !plan.services.is_empty() {
        return;
    }
    let name = label.value.as_str();
    let port = row.and_then(|row| row.health_port.as_ref());
    match image.container.label(name) {
        Fact::Known { value, origin } => {
            if let Some(port) = port {
                compare(name, &value, &origin, port, out, image.subject.clone());
            }
        }
        Fact::Unknown { why, .. } => {
            out.open(&image.place, cannot_tell(format!("the label `{name}`"), why));
        }
        Fact::Absent => {
            out.add(&image.place, format!("has no label `{name}`"))
                .planned(label)
                .help(write_label(name, port));
        }
    }
}
