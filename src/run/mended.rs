//! Findings of Dockerfiles that the deployment files put right.
//!
//! Builds are judged before anybody knows how their images are started. Here the two meet: a finding about the container
//! that an image makes by itself is dropped when the fleet starts the image at least once, and each start says the fact
//! as the plan wants it. One start that does not keeps the finding, because that container runs as the image says.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::fleet::Fleet;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::mends;

/// Drops the findings that every deployment of their image puts right.
pub(super) fn drop(findings: &mut Vec<Finding>, fleet: &Fleet, plan: &Plan) {
    let mut starts: HashMap<&str, Vec<&Workload>> = HashMap::new();
    for workload in fleet.workloads() {
        if let Some(dockerfile) = &workload.dockerfile {
            starts.entry(dockerfile.as_str()).or_default().push(workload);
        }
    }
    if starts.is_empty() {
        return;
    }
    // The findings of a Dockerfile about one rule stand or fall together.
    let mut known: HashMap<(&'static str, &str), bool> = HashMap::new();
    findings.retain(|finding| {
        let Some(mends) = mends(finding.rule) else { return true };
        let Some((path, starts)) = starts.get_key_value(finding.place.source.path()) else { return true };
        let mended = known
            .entry((finding.rule, path))
            .or_insert_with(|| starts.iter().all(|workload| mends(workload, plan)));
        !*mended
    });
}
