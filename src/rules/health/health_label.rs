//! `health-label`: the planned label holds the health port.

use super::watch::watched;
use crate::finding::Findings;
use crate::model::{Build, Fact, Origin, Spanned, Stage, Value};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::may_hide;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

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
                compare(name, &value, &origin, port, stage, out);
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
            let value = port.map_or_else(|| "<health port>".to_owned(), |port| port.value.to_string());
            let finding = out.add(from, format!("has no label `{name}`, and neither does its base"));
            finding.planned(label).help(format!("write `LABEL {name}=\"{value}\"`")).subject(stage.label());
        }
    }
}

fn compare(
    name: &str,
    value: &Value,
    origin: &Origin,
    port: &Spanned<u16>,
    stage: &Stage,
    out: &mut Findings,
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
            .subject(stage.label());
        }
        None => {
            let why = value.unknown.as_ref().map(ToString::to_string).unwrap_or_default();
            out.open(origin, format!("cannot tell what the label `{name}` says: {why}"))
                .subject(stage.label());
        }
    }
}
