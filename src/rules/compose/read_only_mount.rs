//! `read-only-mount`: what the plan wants read only is mounted so.

use crate::finding::Findings;
use crate::model::Workload;
use crate::path::{below, clean};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::Place;
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.read_only_mounts.is_empty()
}

fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    for mount in workload.mounts.iter().filter(|mount| !mount.value.read_only) {
        let Some(target) = mount.value.target.certain() else { continue };
        let target = clean(target);
        let wanted = plan.read_only_mounts.iter().find(|path| below(&target, &clean(&path.value)).is_some());
        if let Some(wanted) = wanted {
            let help = match workload.kind.in_pod() {
                true => "add `readOnly: true`",
                false => "append `:ro`, or add `read_only: true` to the long form",
            };
            let message = format!("mounts `{target}` writable, planned read only");
            out.add(place(workload, &mount.place), message).planned(wanted).help(help);
        }
    }
}

/// Where a mount says that it is writable; the mount itself when it says nothing.
fn place<'w>(workload: &'w Workload, mount: &'w Place) -> &'w Place {
    let items = workload.tree.get("volumes").map(Node::items).unwrap_or_default();
    let said = items.iter().filter(|item| item.place == *mount).find_map(|item| item.get("read_only"));
    said.map_or(mount, |node| &node.place)
}
