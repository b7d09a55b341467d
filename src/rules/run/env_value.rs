//! `env-value`: variables have a value that the plan allows.

mod deployed;

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{Build, BuiltImage, Spanned, Value};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::{Place, Span};

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Build(check), Check::Workload(deployed::check), Check::Image(image)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.env.is_empty()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    for (name, allowed) in &plan.env {
        let stages = || build.needed_stages();
        for pair in stages().flat_map(|stage| &stage.layer().env) {
            let (key, value) = &pair.value;
            if !is_named(key, name) {
                continue;
            }
            // A value from a variable is judged where the variable gets it, unless this line has a default of its own.
            let written = pair.place.text();
            match written.contains('$') {
                false => judge(key, value, &pair.place, allowed, out),
                true => {
                    let default = written.split_once(":-").and_then(|(_, rest)| rest.split('}').next());
                    if let Some(default) = default.filter(|text| !text.contains('$')) {
                        judge(key, &Value::known(default), &pair.place, allowed, out);
                    }
                }
            }
        }
        for arg in build.global_args.iter().chain(stages().flat_map(|stage| &stage.args)) {
            if let Some(default) = arg.value.default.as_ref().filter(|_| is_named(&arg.value.name, name)) {
                judge(&arg.value.name, default, &arg.place, allowed, out);
            }
        }
    }
}

/// What the config of a built image says, its bases included.
fn image(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let pairs = || image.container.layers.iter().flat_map(|layer| &layer.env);
    for (name, allowed) in &plan.env {
        for pair in pairs().filter(|pair| is_named(&pair.value.0, name)) {
            judge(&pair.value.0, &pair.value.1, &pair.place, allowed, out);
        }
    }
}

/// The planned name, or one with a prefix: `APP_LOG_LEVEL` for `LOG_LEVEL`.
fn is_named(key: &str, name: &str) -> bool {
    key.strip_suffix(name).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('_'))
}

fn judge(key: &str, value: &Value, place: &Place, allowed: &Spanned<Vec<SmolStr>>, out: &mut Findings) {
    let Some(text) = value.certain().filter(|text| !text.is_empty()) else { return };
    if allowed.value.iter().any(|one| one == text) {
        return;
    }
    let list: Vec<String> = allowed.value.iter().map(|one| format!("`{one}`")).collect();
    let message = format!("`{key}` is `{text}`, planned is one of {}", list.join(", "));
    let finding = out.add(place, message).planned(allowed);
    let Some(near) = allowed.value.iter().find(|one| one.eq_ignore_ascii_case(text)) else { return };
    finding.help(format!("write `{near}`"));
    // The last occurrence in `LOG_LEVEL=info` is the value.
    let written = place.text();
    if let Some(at) = written.rfind(text).filter(|at| *at > key.len()) {
        let start = place.span.start + at as u32;
        let span = Span::new(start, start + text.len() as u32);
        finding.unsafe_fix(Place::new(&place.source, span), near.as_str());
    }
}
