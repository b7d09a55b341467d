//! Whether built images stand on the base that the plan gives them: one judgement, of which each rule reports its part, so
//! that one cause is one finding.

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::fleet::{PlannedBase, chain, is_ancestor, planned_base};
use crate::model::{BaseVerdict, BuiltImage, ImageSet};
use crate::plan::Plan;
use crate::syntax::image_reference::ImageReference;

/// How an image stands to the base that the plan gives it.
pub(in crate::rules) enum Standing<'p> {
    /// The plan gives it none.
    NotPlanned,
    /// Its layers begin with those of the planned base, and between them are only images that the hierarchy does not have.
    AsPlanned,
    /// Its layers prove another base: an index into [`ImageSet::images`]. `base-family` says it.
    Elsewhere {
        /// The base of the plan.
        planned: PlannedBase<'p>,
        /// The nearest image of the hierarchy; else the last image that it is built on.
        on: usize,
    },
    /// It, or what it is built on, has an older build of a base below it. `base-outdated` says it.
    Outdated,
    /// Nothing proves a base. `base-proof` says it.
    Open {
        /// The base of the plan.
        planned: PlannedBase<'p>,
        /// Why not, as a phrase.
        why: String,
    },
}

/// Judges one image of a set.
pub(in crate::rules) fn standing<'p>(set: &ImageSet, at: usize, plan: &'p Plan) -> Standing<'p> {
    let image = &set.images[at];
    let Some(planned) = planned_base(image, plan) else { return Standing::NotPlanned };
    let chain = chain(set, at);
    let below = || chain.iter().skip(1).copied();
    let is_in_call = set.images.iter().any(|other| planned.is(other) && other.platform == image.platform);
    let missing = || format!("no image of the call is `{}`", planned.said.value);
    if let Some(on) = below().find(|on| set.images[*on].hierarchy.is_some() || planned.is(&set.images[*on])) {
        let may_stand_between = match (set.images[on].hierarchy, planned.hierarchy) {
            (Some(nearest), Some(planned)) => !is_in_call && is_ancestor(plan, nearest, planned),
            _ => false,
        };
        return match planned.is(&set.images[on]) {
            true => Standing::AsPlanned,
            false if may_stand_between => Standing::Open { planned, why: missing() },
            false => Standing::Elsewhere { planned, on },
        };
    }
    let end = chain.last().copied().unwrap_or(at);
    let why = match &set.bases[end] {
        BaseVerdict::Outdated { .. } => return Standing::Outdated,
        BaseVerdict::Unknown(why) if end != at && is_in_call && why == BaseVerdict::NO_BASE => {
            return Standing::Elsewhere { planned, on: end };
        }
        BaseVerdict::Unknown(why) if why == BaseVerdict::NO_BASE && !is_in_call => missing(),
        BaseVerdict::Unknown(why) => why.to_string(),
        BaseVerdict::Claimed { claim, on: None } => {
            format!("{} names `{}`, which is no image of the call", claim.by, claim.name)
        }
        BaseVerdict::Claimed { claim, on: Some(_) } => {
            format!(
                "{} names `{}`, but its layers are not those of that image in this call",
                claim.by, claim.name
            )
        }
        // A chain ends only in images that are built on nothing of the call.
        BaseVerdict::Built { .. } => missing(),
    };
    let why =
        if end == at { why } else { format!("it is built on `{}`, and of that {why}", name(set, end, plan)) };
    Standing::Open { planned, why }
}

/// Lets a rule speak about each image of a set that is judged.
pub(in crate::rules) fn each(
    set: &ImageSet,
    plan: &Plan,
    out: &mut Findings,
    say: impl Fn(usize, &BuiltImage, &mut Findings),
) {
    for (at, image) in set.images.iter().enumerate().filter(|(_, image)| !image.is_candidate) {
        let service = image.service.and_then(|row| plan.services.get(row)).map(|row| row.name.value.clone());
        out.concern(service, Some(image.subject.clone()));
        say(at, image, out);
    }
    out.concern(None, None);
}

/// How a sentence calls an image: by its name in the hierarchy, else by its repository, else as it was given.
pub(in crate::rules) fn name(set: &ImageSet, at: usize, plan: &Plan) -> SmolStr {
    let image = &set.images[at];
    if let Some(planned) = image.hierarchy.and_then(|own| plan.images.hierarchy.get(own)) {
        return planned.name.value.clone();
    }
    let named = image.reference.as_ref().map(|said| ImageReference::parse(&said.value).name());
    named.filter(|name| !name.is_empty()).map_or_else(|| image.subject.clone(), SmolStr::new)
}
