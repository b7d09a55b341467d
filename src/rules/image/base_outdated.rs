//! `base-outdated`: an image is built on its base as it is now.

use crate::finding::Findings;
use crate::fleet::{Newest, Older, planned_base};
use crate::model::{BaseVerdict, BuiltImage, ImageSet};
use crate::plan::Plan;
use crate::rules::built_base::{each, name};
use crate::rules::{Check, always};
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Images(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(set: &ImageSet, plan: &Plan, out: &mut Findings) {
    let newest = Newest::new(set);
    each(set, plan, out, |at, image, out| match set.bases.get(at) {
        Some(BaseVerdict::Outdated { on, evidence, place }) => {
            report(set, plan, out, &Outdated { image, base: *on, evidence, place });
        }
        Some(BaseVerdict::Built { .. }) => {
            let Some(Older { on, newer }) = newest.older_base(at) else { return };
            let older = &set.images[on];
            let evidence = format!("its layers begin with those of the older `{}`", older.subject);
            let place = image.layer_place(older.diff_ids.len().saturating_sub(1));
            report(set, plan, out, &Outdated { image, base: newer, evidence: &evidence, place });
        }
        _ => {}
    });
}

/// An image on an older build of its base.
struct Outdated<'a> {
    image: &'a BuiltImage,
    /// The base as it is now, as an index into the set.
    base: usize,
    /// How it shows, as a phrase.
    evidence: &'a str,
    place: &'a Place,
}

fn report(set: &ImageSet, plan: &Plan, out: &mut Findings, outdated: &Outdated<'_>) {
    let Outdated { image, base: on, evidence, place } = outdated;
    let base = &set.images[*on];
    let message = format!("is built on an older `{}` than `{}`: {evidence}", name(set, *on, plan), base.subject);
    let finding = out.add(*place, message);
    finding.help("build it again on the base as it is now").related(&base.place, "the base as it is now");
    if let Some(planned) = planned_base(image, plan).filter(|planned| planned.is(base)) {
        finding.planned(planned.said);
    }
}
