//! `health-label`: the planned label holds the health port.

mod image;
mod live;

use smol_str::SmolStr;

use super::watch::watched;
use crate::finding::Findings;
use crate::model::{Build, Fact, Origin, Spanned, Value, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::may_hide;
use crate::rules::deployed::row;

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Build(check),
    Check::Workload(deployed),
    Check::Image(image::check),
    Check::Container(live::check),
]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.health.label.is_some()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let (Some(stage), Some(label)) = (watched(build, plan), &plan.health.label) else { return };
    // The port in the label is the row's: of an image without one nobody can say what to write.
    if build.service.is_none() && !plan.services.is_empty() {
        return;
    }
    let name = label.value.as_str();
    let row = build.service.and_then(|index| plan.services.get(index));
    let port = row.and_then(|row| row.health_port.as_ref());
    let from = &stage.from.place;
    match stage.container.label(name) {
        Fact::Known { value, origin } => {
            if let Some(port) = port {
                compare(name, &value, &origin, port, out, stage.label());
            }
        }
        Fact::Unknown { why, .. } => {
            out.open(from, format!("cannot tell the label `{name}`: {why}")).subject(stage.label());
        }
        Fact::Absent if may_hide(build, "LABEL") || may_hide(build, &name.to_ascii_uppercase()) => {
            out.open(from, format!("cannot tell the label `{name}`: a part of the file cannot be read"))
                .subject(stage.label());
        }
        Fact::Absent => {
            let finding = out.add(from, format!("has no label `{name}`, and neither does its base"));
            finding.planned(label).help(write_label(name, port)).subject(stage.label());
        }
    }
}

/// What to write in a Dockerfile.
fn write_label(name: &str, port: Option<&Spanned<u16>>) -> String {
    let value = port.map_or_else(|| "<health port>".to_owned(), |port| port.value.to_string());
    format!("write `LABEL {name}=\"{value}\"`")
}

/// What a compose service says over its image: labels of the container win.
fn deployed(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let port = row(workload, plan).and_then(|row| row.health_port.as_ref());
    let (Some(label), Some(port)) = (&plan.health.label, port) else { return };
    let mut labels = workload.overlay().labels.iter().rev();
    let is_it = |said: &&Spanned<(Value, Value)>| said.value.0.certain() == Some(label.value.as_str());
    let Some(said) = labels.find(is_it) else { return };
    let at = Origin::here(&said.place, "set here");
    compare(&label.value, &said.value.1, &at, port, out, workload.subject.clone());
}

fn compare(
    name: &str,
    value: &Value,
    origin: &Origin,
    port: &Spanned<u16>,
    out: &mut Findings,
    subject: SmolStr,
) {
    match value.certain() {
        Some(text) if text.trim().parse() == Ok(port.value) => {}
        Some(text) => {
            out.add(
                origin,
                format!(
                    "the label `{name}` says `{text}`, but the health port is planned as `{}`",
                    port.value
                ),
            )
            .planned(port)
            .help(format!("write `{name}=\"{}\"`", port.value))
            .subject(subject);
        }
        None => {
            let why = value.unknown.as_ref().map(ToString::to_string).unwrap_or_default();
            out.open(origin, format!("cannot tell what the label `{name}` says: {why}"))
                .subject(subject);
        }
    }
}
