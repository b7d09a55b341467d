//! `base-proof`: what an image is built on is proven by its layers, and nothing it says contradicts them.

use crate::finding::Findings;
use crate::model::{BaseVerdict, ImageSet};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::built_base::{Standing, each, name, standing};

pub(in crate::rules) const CHECK: Check = Check::Images(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.images.hierarchy.is_empty() || plan.services.iter().any(|row| row.base.is_some())
}

fn check(set: &ImageSet, plan: &Plan, out: &mut Findings) {
    each(set, plan, out, |at, image, out| match standing(set, at, plan) {
        Standing::Open { planned, why } => {
            let message = format!("cannot prove that it is built on `{}`: {why}", planned.said.value);
            out.open(&image.place, message).planned(planned.said);
        }
        // The wrong family is the cause; a claim of the right one follows from it.
        Standing::Elsewhere { .. } | Standing::Outdated => {}
        Standing::NotPlanned | Standing::AsPlanned => {
            let Some(BaseVerdict::Built { on, contradicts: Some(claim), .. }) = set.bases.get(at) else { return };
            let base = name(set, *on, plan);
            let message = format!("{} names `{}`, but its layers are those of `{base}`", claim.by, claim.name);
            out.add(&claim.place, message).related(&set.images[*on].place, format!("`{base}`"));
        }
    });
}

#[cfg(test)]
mod tests;
