//! `container-name-duplicate`: no two services of one engine want the same container name.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::fleet::Fleet;
use crate::model::{Project, Workload};
use crate::plan::Plan;
use crate::rules::common::{about, are_variants, certain_text, machines_of, never_together};
use crate::rules::{Check, always};
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

struct Claim<'f> {
    project: usize,
    workload: &'f Workload,
    node: &'f Node,
}

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let machines: Vec<Vec<usize>> =
        fleet.projects.iter().map(|project| machines_of(project, plan)).collect();
    let meet = |one: usize, other: usize| {
        one == other
            || (machines[one].iter().any(|machine| machines[other].contains(machine))
                && !are_variants(&fleet.projects[one], &fleet.projects[other]))
    };
    let mut taken: HashMap<&str, Vec<Claim<'_>>> = HashMap::new();
    for (at, project) in fleet.projects.iter().enumerate().filter(|(_, project)| project.runs_by_itself()) {
        for (workload, node, name) in names(project) {
            let earlier = taken.entry(name).or_default();
            let other = earlier
                .iter()
                .find(|other| meet(other.project, at) && !never_together(other.workload, workload));
            if let Some(other) = other {
                let message =
                    format!("the container name `{name}` is the one of `{}` already", other.workload.subject);
                about(out.add(&node.place, message), workload, plan)
                    .related(&other.node.place, "the other service");
            }
            // A few are enough to meet each further one, and keep a hostile file linear.
            if earlier.len() < 8 {
                earlier.push(Claim { project: at, workload, node });
            }
        }
    }
}

/// Container names that are certain.
fn names(project: &Project) -> impl Iterator<Item = (&Workload, &Node, &str)> {
    project.services.iter().filter_map(|workload| {
        let node = workload.tree.get("container_name")?;
        let name = certain_text(node).filter(|name| !name.is_empty())?;
        Some((workload, node, name))
    })
}
