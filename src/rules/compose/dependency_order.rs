//! `dependency-order`: dependencies stand in the order of their names.

use super::order::misplaced;
use super::written::{each_service, own, own_items};
use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for service in each_service(project) {
        let Some(depends_on) = service.value.get("depends_on") else { continue };
        let nodes: Vec<_> =
            own(depends_on).map(|entry| &entry.key).chain(own_items(depends_on)).collect();
        let names: Vec<&str> = nodes.iter().map(|node| node.text().unwrap_or_default()).collect();
        if let Some((late, before)) = misplaced(&names) {
            let message = format!("the dependency `{}` stands behind `{}`", names[late], names[before]);
            out.add(&nodes[late].place, message)
                .related(&nodes[before].place, "it comes before this one")
                .subject(service.key.text().unwrap_or_default());
        }
    }
}
