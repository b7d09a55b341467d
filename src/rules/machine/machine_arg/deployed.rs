//! The machine that a compose file builds an image for.

use super::USUAL;
use crate::finding::Findings;
use crate::model::{Spanned, Value, Workload};
use crate::plan::Plan;
use crate::rules::deployed::machines;
use crate::rules::machine::copied_profile::{is_called, names};

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let (Some((on, planned)), Some((said, text))) = (machines(workload, plan), argument(workload)) else {
        return;
    };
    let machine = plan.machines.iter().position(|machine| is_called(machine, text));
    let wanted = names(plan, &on);
    let message = match machine {
        Some(machine) if on.contains(&machine) => return,
        Some(_) => {
            format!("builds with `{}={text}`, planned is the service on {wanted}", said.value.0)
        }
        None => format!(
            "builds with `{}={text}`, which is no machine of the plan; planned is the service on {wanted}",
            said.value.0
        ),
    };
    out.add(&said.place, message).planned_at(planned, "planned here");
}

/// Whether the build is given a machine of the service, so that the Dockerfile's default is not used.
pub(in crate::rules) fn mends(workload: &Workload, plan: &Plan) -> bool {
    let (Some((on, _)), Some((_, text))) = (machines(workload, plan), argument(workload)) else {
        return false;
    };
    plan.machines
        .iter()
        .position(|machine| is_called(machine, text))
        .is_some_and(|machine| on.contains(&machine))
}

/// The build argument that names the machine.
fn argument(workload: &Workload) -> Option<(&Spanned<(smol_str::SmolStr, Value)>, &str)> {
    let args = &workload.build.as_ref()?.args;
    let said = args.iter().rev().find(|arg| arg.value.0 == USUAL)?;
    Some((said, said.value.1.certain().filter(|text| !text.is_empty())?))
}
