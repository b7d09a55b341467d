//! `multi-stage`: the image takes what it needs from a builder stage.

use super::chain::meant_stage;
use crate::finding::Findings;
use crate::model::{Build, Role, TakeSource};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::{is_unplanned_base, may_hide};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.build.multi_stage.as_ref().is_some_and(|planned| planned.value)
}

/// So many takes are looked at for a slip in the name.
const MAX_IMAGES: usize = 1000;

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let (Some(planned), Some(stage)) = (&plan.build.multi_stage, build.final_stage()) else { return };
    let own: Vec<_> = build.own_stages().collect();
    // What builds and installs nothing has nothing to leave behind; a planned service is held to the plan all the same.
    let nothing_built = build.role == Role::Other && own.iter().all(|stage| stage.runs.is_empty());
    if build.role == Role::Base || nothing_built || is_unplanned_base(build) {
        return;
    }
    let takes = || own.iter().flat_map(|stage| &stage.takes);
    let from_builder = takes().any(|take| match take.source {
        TakeSource::Stage(index) => own.iter().all(|stage| stage.index != index),
        // A slip in the name is `copy-from-builder`'s.
        TakeSource::NotYet(_) | TakeSource::Missing => true,
        TakeSource::Image => false,
    });
    let slip = || takes().take(MAX_IMAGES).any(|take| meant_stage(build, take).is_some());
    if from_builder || slip() {
        return;
    }
    if may_hide(build, "--FROM=") {
        out.open(&stage.from.place, "cannot tell whether a builder stage is used: a `--from=` stands where the file is broken")
            .planned(planned);
        return;
    }
    let message = if build.stages.len() == 1 {
        "is built in a single stage, planned is a builder stage"
    } else {
        "takes nothing out of another stage, planned is a builder stage"
    };
    let finding = out.add(&stage.from.place, message).planned(planned);
    finding.subject(stage.label());
    if takes().any(|take| take.source == TakeSource::Image) {
        finding.help("an image named in `--from=` is no builder stage; build in a stage of this file and take the result with `COPY --from=`");
    } else {
        finding.help("install and compile in a first stage, and take the result from it with `COPY --from=`");
    }
}
