//! `image-digest`: a deployment names its image by digest.

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    // What is built here has no digest yet.
    if workload.build.is_some() {
        return;
    }
    let Some(image) = &workload.image else { return };
    if let Some(text) = image.value.certain().filter(|text| !text.contains('@')) {
        out.add(&image.place, format!("runs `{text}`, which may be another image tomorrow"))
            .help("add the digest: `name:tag@sha256:…`");
    }
}
