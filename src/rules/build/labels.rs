//! `labels`: the image has the labels that the plan wants, with the values that it wants.

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{Build, Fact, Role, Spanned, Stage, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::may_hide;
use crate::rules::deployed::is_ours;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Workload(deployed)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.labels.required.is_empty() || !plan.labels.values.is_empty()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage().filter(|_| build.role != Role::Base) else { return };
    for (name, value) in &plan.labels.values {
        has_value(build, stage, name, value, out);
    }
    for name in &plan.labels.required {
        // A label with a planned value is judged once.
        if plan.labels.values.iter().all(|(other, _)| *other != name.value) {
            is_there(build, stage, name, out);
        }
    }
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

fn has_value(build: &Build, stage: &Stage, name: &str, wanted: &Spanned<SmolStr>, out: &mut Findings) {
    match stage.container.label(name) {
        Fact::Known { value, origin } => match value.certain() {
            Some(text) if text == wanted.value => {}
            Some(text) => {
                let message = format!("the label `{name}` is `{text}`, planned `{}`", wanted.value);
                out.add(&origin, message).planned(wanted);
            }
            None => {
                let why = value.unknown.map(|why| why.to_string()).unwrap_or_default();
                out.open(&origin, format!("cannot tell whether the label `{name}` is `{}`: {why}", wanted.value))
                    .planned(wanted);
            }
        },
        fact => absent(build, stage, name, &fact, wanted, out),
    }
}

fn is_there(build: &Build, stage: &Stage, name: &Spanned<SmolStr>, out: &mut Findings) {
    match stage.container.label(&name.value) {
        // A value that comes with the build is as good as one written here.
        Fact::Known { value, origin } => {
            if value.certain() == Some("") {
                out.add(&origin, format!("the label `{}` is empty, planned is a value", name.value)).planned(name);
            }
        }
        fact => absent(build, stage, &name.value, &fact, name, out),
    }
}

fn absent<T, V>(build: &Build, stage: &Stage, name: &str, fact: &Fact<V>, planned: &Spanned<T>, out: &mut Findings) {
    let place = &stage.from.place;
    if let Fact::Unknown { why, .. } = fact {
        out.open(place, format!("cannot tell whether the label `{name}` is set: {why}")).planned(planned);
    } else if may_hide(build, "LABEL") || may_hide(build, &name.to_ascii_uppercase()) {
        let message = format!("cannot tell whether the label `{name}` is set: it may stand where the file is broken");
        out.open(place, message).planned(planned);
    } else {
        out.add(place, format!("the label `{name}` is missing"))
            .planned(planned)
            .help(format!("add `LABEL {name}=\"…\"`, or set it when the image is built"));
    }
}
