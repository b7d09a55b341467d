//! Workflows that build the fleet: what they build and push against the plan and against what the fleet wants.

mod built;

rules! { "workflow":
    workflow_keys "workflow-keys" Error on,
    workflow_matrix "workflow-matrix" Error on,
    workflow_tag "workflow-tag" Error on,
    workflow_scan "workflow-scan" Warning off,
    workflow_cache "workflow-cache" Note off,
}
