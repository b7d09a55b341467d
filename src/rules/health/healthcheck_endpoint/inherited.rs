//! The image's health check when a compose service changes a variable that it reads.

use super::{Verdict, verdict};
use crate::finding::Findings;
use crate::model::{Fact, Spanned, Workload};
use crate::plan::Plan;
use crate::rules::common::narrow;
use crate::source::Place;

/// Reports the variable of the service that leads the image's check astray. What the check asks without the service is the
/// Dockerfile's matter.
pub(super) fn check(workload: &Workload, plan: &Plan, port: Option<&Spanned<u16>>, out: &mut Findings) {
    let Some(path) = &plan.health.path else { return };
    let names = std::slice::from_ref(&workload.name.value);
    let mut wrong = None;
    for probe in &workload.image_probes {
        match verdict(probe, names, path, port) {
            Verdict::Wrong(message, text) => wrong = wrong.or(Some((message, text))),
            // Further requests beside the planned one do no harm; what a variable from elsewhere does is not told.
            Verdict::Right | Verdict::Open(_) => return,
        }
    }
    let Some((message, text)) = wrong else { return };
    let Fact::Known { value: health, origin } = workload.container.healthcheck() else { return };
    let command = health.command.as_ref().map(|command| command.words.join(" ")).unwrap_or_default();
    let Some((name, place)) = variable(workload, &command) else { return };
    let finding = out.add(&place, format!("{message}, because it reads `{name}`"));
    finding.related(&origin.last().place, "the image's HEALTHCHECK");
    match port.filter(|_| text.starts_with(':')) {
        Some(port) => finding.planned(port).help(format!("write `{name}: {}`, or leave the variable to the image", port.value)),
        None => finding.planned(path),
    };
}

/// The first variable of the service that the command reads, with the place of its value.
fn variable<'w>(workload: &'w Workload, command: &str) -> Option<(&'w str, Place)> {
    workload.overlay().env.iter().find_map(|pair| {
        let (name, value) = (pair.value.0.as_str(), pair.value.1.text.as_str());
        reads(command, name).then(|| (name, narrow(&pair.place, value)))
    })
}

/// Whether a shell text holds `$NAME` or `${NAME…}`.
fn reads(command: &str, name: &str) -> bool {
    command.match_indices('$').any(|(at, _)| {
        let rest = &command[at + 1..];
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let behind = rest.strip_prefix(name).map(|behind| behind.bytes().next());
        behind.is_some_and(|next| next.is_none_or(|next| !next.is_ascii_alphanumeric() && next != b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::reads;

    #[test]
    fn whole_names_count() {
        for text in ["curl x:$PORT/health", "${PORT}", "${PORT:-80}", "a $PORT"] {
            assert!(reads(text, "PORT"), "{text}");
        }
        for text in ["curl x:$PORTAL", "PORT", "${PORT_2}", "$ PORT", ""] {
            assert!(!reads(text, "PORT"), "{text}");
        }
    }
}
