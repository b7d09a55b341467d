//! What the Markdown states beside its service table, against the TOML.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::versions::{items, meant, spelled};
use super::{own_image, short};
use crate::finding::Findings;
use crate::model::Spanned;
use crate::plan::{Plan, PlanIndex, Stated, torch_arch};

pub(super) fn check(plan: &Plan, index: &PlanIndex, out: &mut Findings) {
    // Parents are no images of the fleet by themselves: the root of a tree may be an external image.
    let parents: HashSet<&str> = plan
        .stated
        .iter()
        .filter_map(|stated| match stated {
            Stated::Hierarchy { parent, .. } => parent.as_ref().map(|parent| parent.value.as_str()),
            _ => None,
        })
        .collect();
    for stated in &plan.stated {
        match stated {
            Stated::MachineValue { machine, key, value } => machine_value(plan, *machine, key, value, out),
            Stated::CudaArch(list) => architectures(plan, list, out),
            Stated::Hierarchy { image, parent } => match index.image_of_reference(&image.value) {
                Some(at) => tree(plan, index, at, image, parent.as_ref(), out),
                None if parent.is_none() && parents.contains(image.value.as_str()) => {}
                None => {
                    let message = format!("the tree names `{}`, the hierarchy does not", short(&image.value));
                    let finding = out.add(&image.place, message);
                    finding.help = super::nearest_image(plan, &image.value);
                }
            },
        }
    }
}

fn machine_value(plan: &Plan, machine: usize, key: &str, value: &Spanned<SmolStr>, out: &mut Findings) {
    let Some(machine) = plan.machines.get(machine) else { return };
    let planned = machine.values.iter().find(|(name, planned)| name == key && planned.value != value.value);
    if let Some((_, planned)) = planned {
        let message = format!(
            "the table gives `{}` the value `{}` on `{}`, the plan `{}`",
            short(key),
            short(&value.value),
            short(&machine.name.value),
            short(&planned.value)
        );
        out.add(&value.place, message).planned(planned);
    }
}

fn architectures(plan: &Plan, list: &Spanned<SmolStr>, out: &mut Findings) {
    if list.value.contains(',') || items(&list.value).any(|item| torch_arch(item).is_err()) {
        let wants: Vec<_> = items(&list.value).map(spelled).collect();
        let clear = wants.iter().all(|item| torch_arch(item).is_ok());
        let finding = out.add(&list.place, format!("`{}` is no list that PyTorch reads", short(&list.value)));
        finding.help(if clear {
            format!("PyTorch wants `{}`", wants.join(";"))
        } else {
            "PyTorch wants major and minor numbers, separated by `;`: `8.6;8.9`".to_owned()
        });
    }
    let Some(first) = plan.cuda.arch.first() else { return };
    let planned: HashSet<_> = plan.cuda.arch.iter().map(|arch| meant(&arch.value)).collect();
    if let Some(item) = items(&list.value).find(|item| !planned.contains(&meant(item))) {
        let message = format!("the text builds for `{}`, `cuda.arch` does not", short(&spelled(item)));
        out.add(&list.place, message).planned(first);
    }
}

/// The parent of an image in the tree against the one in the TOML.
fn tree(
    plan: &Plan,
    index: &PlanIndex,
    at: usize,
    image: &Spanned<SmolStr>,
    parent: Option<&Spanned<SmolStr>>,
    out: &mut Findings,
) {
    let from = &plan.images.hierarchy[at].from;
    let name = |text: &str| -> String {
        let last = text.rsplit('/').next().unwrap_or(text);
        last.split([':', '@']).next().unwrap_or(last).to_owned()
    };
    let own = own_image(plan, index, &from.value).is_ok();
    let said = match parent {
        Some(parent) if parent.value == name(&from.value) => return,
        // The root of a tree says nothing about the image that it comes from.
        None if !own => return,
        Some(parent) => format!("under `{}`", short(&parent.value)),
        None => "at the root".to_owned(),
    };
    let message =
        format!("the tree has `{}` {said}, the hierarchy from `{}`", short(&image.value), short(&from.value));
    out.add(&image.place, message).planned(from);
}
