//! `labels`: the image has the labels that the plan wants, with the values that it wants.

mod image;
mod live;

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{Build, Fact, Role, Spanned, Stage, Value, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::may_hide;
use crate::rules::deployed::is_ours;
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Build(check),
    Check::Workload(deployed),
    Check::Image(image::check),
    Check::Container(live::check),
]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.labels.required.is_empty() || !plan.labels.values.is_empty()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage().filter(|_| build.role != Role::Base) else { return };
    for (name, value) in &plan.labels.values {
        let fact = stage.container.label(name);
        if !has_value(&fact, name, value, out) {
            absent(build, stage, name, &fact, value, out);
        }
    }
    for name in required(plan) {
        let fact = stage.container.label(&name.value);
        if !is_there(&fact, name, out) {
            absent(build, stage, &name.value, &fact, name, out);
        }
    }
}

/// Labels that are required with any value; one with a planned value is judged once.
fn required(plan: &Plan) -> impl Iterator<Item = &Spanned<SmolStr>> {
    let has_value = |name: &SmolStr| plan.labels.values.iter().any(|(other, _)| other == name);
    plan.labels.required.iter().filter(move |name| !has_value(&name.value))
}

/// Labels that a compose service gives its container: they win over the image's.
fn deployed(workload: &Workload, plan: &Plan, out: &mut Findings) {
    if !is_ours(workload, plan) {
        return;
    }
    for said in &workload.overlay().labels {
        let (Some(name), Some(text)) = (said.value.0.certain(), said.value.1.certain()) else { continue };
        let wanted = plan.labels.values.iter().find(|(label, _)| label == name);
        let required = plan.labels.required.iter().find(|label| label.value == name);
        let finding = match (wanted, required) {
            (Some((_, wanted)), _) if text != wanted.value => {
                let message = format!("the label `{name}` is `{text}`, planned `{}`", wanted.value);
                out.add(&said.place, message).planned(wanted)
            }
            (None, Some(required)) if text.is_empty() => {
                let message = format!("the label `{name}` is empty, planned is a value");
                out.add(&said.place, message).planned(required)
            }
            _ => continue,
        };
        let replaced = workload.replaced(|layer| {
            let mut labels = layer.labels.iter().rev();
            labels.find(|pair| pair.value.0.certain() == Some(name)).map(|pair| &pair.place)
        });
        if let Some(place) = replaced {
            finding.related(place, "the image's label, which this replaces");
        }
    }
}

/// Compares a label that is set; whether it is.
fn has_value(fact: &Fact<Value>, name: &str, wanted: &Spanned<SmolStr>, out: &mut Findings) -> bool {
    let Fact::Known { value, origin } = fact else { return false };
    match value.certain() {
        Some(text) if text == wanted.value => {}
        Some(text) => {
            let message = format!("the label `{name}` is `{text}`, planned `{}`", wanted.value);
            out.add(origin, message).planned(wanted);
        }
        None => {
            let why = value.unknown.as_ref().map(ToString::to_string).unwrap_or_default();
            out.open(origin, format!("cannot tell whether the label `{name}` is `{}`: {why}", wanted.value))
                .planned(wanted);
        }
    }
    true
}

/// Looks at a label that is set; whether it is.
fn is_there(fact: &Fact<Value>, name: &Spanned<SmolStr>, out: &mut Findings) -> bool {
    let Fact::Known { value, origin } = fact else { return false };
    // A value that comes with the build is as good as one written here.
    if value.certain() == Some("") {
        out.add(origin, format!("the label `{}` is empty, planned is a value", name.value)).planned(name);
    }
    true
}

fn absent<T>(build: &Build, stage: &Stage, name: &str, fact: &Fact<Value>, planned: &Spanned<T>, out: &mut Findings) {
    let place = &stage.from.place;
    if let Fact::Unknown { why, .. } = fact {
        out.open(place, format!("cannot tell whether the label `{name}` is set: {why}")).planned(planned);
    } else if may_hide(build, "LABEL") || may_hide(build, &name.to_ascii_uppercase()) {
        let message = format!("cannot tell whether the label `{name}` is set: it may stand where the file is broken");
        out.open(place, message).planned(planned);
    } else {
        missing(place, name, planned, out);
    }
}

fn missing<T>(place: &Place, name: &str, planned: &Spanned<T>, out: &mut Findings) {
    out.add(place, format!("the label `{name}` is missing"))
        .planned(planned)
        .help(format!("add `LABEL {name}=\"…\"`, or set it when the image is built"));
}
