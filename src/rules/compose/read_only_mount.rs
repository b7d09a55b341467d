//! `read-only-mount`: what the plan wants read only is mounted so.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::Workload;
use crate::path::{below, clean};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::{Place, Span};
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.read_only_mounts.is_empty()
}

fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let items = workload.tree.get("volumes").map(Node::items).unwrap_or_default();
    let said: HashMap<(&str, Span), &Place> = items
        .iter()
        .filter_map(|item| Some((key(&item.place), &item.get("read_only")?.place)))
        .collect();
    for mount in workload.mounts.iter().filter(|mount| !mount.value.read_only) {
        let Some(target) = mount.value.target.certain() else { continue };
        let target = clean(target);
        let wanted = plan.read_only_mounts.iter().find(|path| below(&target, &clean(&path.value)).is_some());
        if let Some(wanted) = wanted {
            let help = match workload.kind.in_pod() {
                true => "add `readOnly: true`",
                false => "append `:ro`, or add `read_only: true` to the long form",
            };
            // Where it says that it is writable, when it does.
            let place = said.get(&key(&mount.place)).copied().unwrap_or(&mount.place);
            let message = format!("mounts `{target}` writable, planned read only");
            out.add(place, message).planned(wanted).help(help);
        }
    }
}

fn key(place: &Place) -> (&str, Span) {
    (place.source.path(), place.span)
}
