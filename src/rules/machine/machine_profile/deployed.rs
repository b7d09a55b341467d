//! Variables of a deployment file that say something else than the machine's planned values.

use smol_str::SmolStr;

use super::is_same;
use crate::finding::Findings;
use crate::model::{Spanned, Value, Workload};
use crate::plan::{Machine, Plan};
use crate::rules::deployed::{is_ours, machines};

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let Some((on, _)) = machines(workload, plan).filter(|_| is_ours(workload, plan)) else { return };
    let machines: Vec<&Machine> = on.iter().filter_map(|index| plan.machines.get(*index)).collect();
    for said in &workload.overlay().env {
        judge(workload, said, &machines, out);
    }
}

fn judge(
    workload: &Workload,
    said: &Spanned<(SmolStr, Value)>,
    machines: &[&Machine],
    out: &mut Findings,
) {
    let (name, value) = &said.value;
    let Some(text) = value.certain() else { return };
    let planned = || {
        machines.iter().filter_map(|machine| {
            let found = machine.values.iter().find(|(key, _)| key == name)?;
            Some((*machine, &found.1))
        })
    };
    // A file for one machine of several may well say that machine's value.
    let Some((machine, want)) = planned().next() else { return };
    if planned().any(|(_, want)| is_same(text, &want.value)) {
        return;
    }
    let of_machine = format!("on `{}`", machine.name.value);
    let finding = out.add(&said.place, format!("`{name}` is `{text}`, planned `{}` {of_machine}", want.value));
    finding.planned(want);
    let replaced = workload.replaced(|layer| layer.env_pair(name).map(|pair| &pair.place));
    if let Some(place) = replaced {
        finding.related(place, "the image's value, which this replaces");
    }
}
