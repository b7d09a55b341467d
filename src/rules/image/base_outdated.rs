//! `base-outdated`: an image is built on its base as it is now.

use crate::finding::Findings;
use crate::fleet::planned_base;
use crate::model::{BaseVerdict, ImageSet};
use crate::plan::Plan;
use crate::rules::built_base::{each, name};
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Images(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(set: &ImageSet, plan: &Plan, out: &mut Findings) {
    each(set, plan, out, |at, image, out| {
        let Some(BaseVerdict::Outdated { on, evidence, place }) = set.bases.get(at) else { return };
        let base = &set.images[*on];
        let message = format!("is built on an older `{}` than `{}`: {evidence}", name(set, *on, plan), base.subject);
        let finding = out.add(place, message);
        finding.help("Build it again on the base as it is now.").related(&base.place, "the base as it is now");
        if let Some(planned) = planned_base(image, plan).filter(|planned| planned.is(base)) {
            finding.planned(planned.said);
        }
    });
}
