//! PID 1 of a container that a deployment file starts: compose's `entrypoint` and `init`, a pod's `command`.

use smol_str::SmolStr;

use super::accepted;
use crate::finding::{Finding, Findings};
use crate::model::{Spanned, Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::deployed::{has_foreign_image, image_place, is_compose, is_ours};
use crate::rules::init::pid1::{Who, deciding, has_outer_init, who};

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let Some(process) = &plan.init.process else { return };
    if workload.kind == WorkloadKind::PodInit || has_outer_init(workload) || !is_ours(workload, plan) {
        return;
    }
    let inits = accepted(plan);
    let (place, decided) = match deciding(workload) {
        Some(said) => (&said.place, true),
        None => (image_place(workload), false),
    };
    // A command alone changes nothing where the Dockerfile has no ENTRYPOINT: its own finding stands.
    let here = decided && workload.overlay().entrypoint.is_some();
    if !here && !has_foreign_image(workload) {
        return;
    }
    match who(&workload.container, &inits) {
        Who::Init(_) => {}
        // `override-drops-init` reports it.
        _ if decided && matches!(who(&workload.image_container(), &inits), Who::Init(_)) => {}
        Who::Nothing => {}
        Who::Program(first) => {
            let what = if decided { "" } else { "the image's " };
            let finding = out.add(place, format!("{what}`{first}` is PID 1, planned `{}`", process.value));
            finish(finding, workload, process);
        }
        Who::Script(script) => {
            out.open(place, format!("cannot tell PID 1: the script `{script}` decides it"));
        }
        Who::Unknown(why) => {
            out.open(place, format!("cannot tell PID 1: {why}"));
        }
    }
}

/// Whether the deployment puts an init in front of an image that may have none.
pub(in crate::rules) fn mends(workload: &Workload, plan: &Plan) -> bool {
    let own = || {
        deciding(workload).is_some() && matches!(who(&workload.container, &accepted(plan)), Who::Init(_))
    };
    has_outer_init(workload) || own()
}

fn finish(finding: &mut Finding, workload: &Workload, process: &Spanned<SmolStr>) {
    finding.planned(process).help(match is_compose(workload) {
        true => "write `init: true`".to_owned(),
        false => format!("write `command: [\"{}\", \"--\"]` and give the program to `args`", process.value),
    });
    let replaced = workload.replaced(|layer| layer.entrypoint.as_ref().map(|said| &said.place));
    if let Some(place) = replaced.filter(|_| workload.overlay().entrypoint.is_some()) {
        finding.related(place, "the image's ENTRYPOINT, which this replaces");
    }
}
