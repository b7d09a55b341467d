//! Planned services against the containers of an engine.

use std::collections::HashSet;

use crate::finding::{Findings, Severity};
use crate::model::LiveFleet;
use crate::plan::Plan;
use crate::rules::live::common::is_ours;

pub(super) fn check(fleet: &LiveFleet, plan: &Plan, out: &mut Findings) {
    let Some(expected) = &fleet.expected else { return };
    let found: HashSet<usize> = fleet.containers.iter().filter_map(|container| container.service).collect();
    for row in expected.iter().filter(|row| !found.contains(row)).filter_map(|row| plan.services.get(*row)) {
        let name = &row.name.value;
        out.add(&row.name.place, format!("no container of the engine runs `{name}`"))
            .help("start it; name its container, its compose service or its image after the row")
            .service(name.clone());
    }
    let Some(required) = plan.deploy.required.as_ref().filter(|required| required.value) else { return };
    // Databases and proxies of others are nobody's row.
    let strangers = fleet.containers.iter().filter(|it| it.service.is_none() && is_ours(it, plan));
    for container in strangers {
        let message = format!("container `{}` runs the fleet's own image, and no row of the plan names it", container.name);
        out.add(&required.place, message)
            .severity(Severity::Note)
            .subject(format!("container:{}", container.name));
    }
}
