//! `image-registry`: the images of planned services come from the planned registry.

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.images.registry.is_some() && !plan.services.is_empty()
}

fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let (Some(registry), Some(image), Some(_)) = (&plan.images.registry, &workload.image, workload.service) else {
        return;
    };
    // A name given to what is built here need not be one of the registry.
    let Some(text) = image.value.certain().filter(|_| workload.build.is_none()) else { return };
    let prefix = registry.value.trim_end_matches('/');
    if text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/')) {
        return;
    }
    out.add(&image.place, format!("runs `{text}`, planned is an image of `{prefix}`")).planned(registry);
}
