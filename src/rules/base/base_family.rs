//! `base-family`: a service stands on the family that the plan gives it.

mod image;

use smol_str::SmolStr;

use super::chain::{image_name, is_planned, outermost};
use crate::finding::Findings;
use crate::model::{Base, Build, Role, Stage, Unknown};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Images(image::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.services.iter().any(|row| row.base.is_some()) || crate::fleet::has_inner_parents(plan)
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let row = build.service.filter(|_| build.role == Role::Service).and_then(|index| plan.services.get(index));
    let (Some(row), Some(stage)) = (row, outermost(build)) else { return };
    let Some(wanted) = &row.base else { return };
    let place = &stage.from.reference_place;
    let is_family = |name: &str| is_planned(plan, name) || name == wanted.value;
    match family(build, stage, is_family) {
        Family::Is(name) if name == wanted.value => {}
        Family::Is(name) => {
            let direct = image_name(&stage.from.reference.text) == Some(name.as_str());
            let through = if direct { String::new() } else { format!(" (through `{}`)", stage.from.reference.text) };
            let message = format!("stands on the family `{name}`{through}, planned `{}`", wanted.value);
            out.add(place, message).planned(wanted);
        }
        Family::None => {
            let image = &stage.from.reference.text;
            let message = format!("stands on `{image}`, which is no planned family; planned `{}`", wanted.value);
            out.add(place, message).planned(wanted);
        }
        Family::Unknown(why) => {
            let message = format!("cannot tell the base family, planned `{}`: {why}", wanted.value);
            out.open(place, message).planned(wanted);
        }
    }
}

enum Family {
    /// The first name of the hierarchy on the way down.
    Is(SmolStr),
    /// The way is known to its end and passes none.
    None,
    Unknown(Unknown),
}

fn family(build: &Build, stage: &Stage, is_family: impl Fn(&str) -> bool) -> Family {
    let first = match &stage.from.base {
        Base::Fleet { name, .. } => Some(name.as_str()),
        // A placeholder for registry or tag does not hide the name.
        _ => image_name(&stage.from.reference.text),
    };
    if let Some(name) = first.filter(|name| is_family(name)) {
        return Family::Is(name.into());
    }
    let layers = build.final_stage().map(|stage| stage.container.layers.as_slice()).unwrap_or_default();
    let names = layers.iter().filter_map(|layer| image_name(&layer.base_name));
    if let Some(name) = names.into_iter().find(|name| is_family(name)) {
        return Family::Is(name.into());
    }
    match (&stage.from.base, build.final_stage().and_then(|stage| stage.container.unknown_end())) {
        (Base::Unknown(why), _) => Family::Unknown(why.clone()),
        // An image of another registry is nobody's family, read or not; only a broken chain of the fleet is open.
        (Base::Fleet { .. }, Some((why @ (Unknown::Cycle | Unknown::Variable(_) | Unknown::File(_)), _))) => {
            Family::Unknown(why.clone())
        }
        _ => Family::None,
    }
}
