//! The label of a running container: those of the image, with what was given at its start over them.

use crate::finding::Findings;
use crate::model::{Fact, LiveContainer};
use crate::plan::Plan;
use crate::rules::live::common::{open, report, row, shown, who};

pub(super) fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    let row = row(container, plan);
    // The port in the label is the row's: of a container without one nobody can say what to write.
    let Some(label) = plan.health.label.as_ref().filter(|_| row.is_some() || plan.services.is_empty()) else {
        return false;
    };
    let name = label.value.as_str();
    let port = row.and_then(|row| row.health_port.as_ref());
    let help = |port: u16| format!("make the container anew with the label `{name}={port}`");
    match container.container.label(name) {
        Fact::Known { value, .. } => match port {
            Some(port) if value.text.trim().parse() != Ok(port.value) => {
                let message = format!(
                    "the label `{name}` of {} says `{}`, but the health port is planned as `{}`",
                    who(container, plan),
                    shown(&value.text),
                    port.value
                );
                report(out, container, &port.place, message).help(help(port.value));
            }
            _ => {}
        },
        Fact::Unknown { why, .. } => {
            let message = format!("cannot tell the label `{name}` of {}: {why}", who(container, plan));
            open(out, container, &label.place, message);
        }
        Fact::Absent => {
            let message = format!("{} has no label `{name}`", who(container, plan));
            let finding = report(out, container, &label.place, message);
            if let Some(port) = port {
                finding.help(help(port.value));
            }
        }
    }
    true
}
