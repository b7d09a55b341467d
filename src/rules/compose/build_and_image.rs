//! `build-and-image`: a service says `build` or `image`, not both.

use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::common::about;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, plan: &Plan, out: &mut Findings) {
    for workload in &project.services {
        let (Some(build), Some(image)) = (workload.tree.entry("build"), workload.tree.entry("image")) else {
            continue;
        };
        // Who says when to pull has thought about which of the two counts.
        if workload.tree.get("pull_policy").is_some() {
            continue;
        }
        let message = "says `image` beside `build`: a pull may bring another image than the build makes";
        about(out.add(&image.key.place, message), workload, plan)
            .related(&build.key.place, "built here")
            .help("leave one of the two out, or say `pull_policy: build`");
    }
}
