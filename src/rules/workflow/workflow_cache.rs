//! `workflow-cache`: builds that push keep their layers in a registry.

use crate::finding::Findings;
use crate::model::{Workflow, WorkflowBuild};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Workflow(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(workflow: &Workflow, _plan: &Plan, out: &mut Findings) {
    // A push of what was built elsewhere has nothing to cache.
    let is_push_alone = |build: &&WorkflowBuild| build.tags.first().is_some_and(|tag| tag.place == build.place);
    let builds = workflow.builds.iter().filter(|build| build.pushes && !is_push_alone(build));
    for build in builds {
        let keeps = |cache: &str| cache.contains("type=registry") || !cache.contains("type=");
        // `cache-from` and `cache-to` may come from an expression.
        if !build.caches.iter().any(|cache| keeps(&cache.value) || cache.value.contains("${{")) {
            out.add(&build.place, format!("the job `{}` builds without a cache in the registry", build.job.value))
                .help("write `cache-from: type=registry,ref=…:cache` and `cache-to: type=registry,ref=…:cache,mode=max`");
        }
    }
}
