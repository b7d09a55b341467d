//! `env-duplicate`: a container sets each variable once.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::Workload;
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::Place;
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    if !workload.kind.in_pod() {
        return;
    }
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for item in workload.tree.get("env").map(Node::items).unwrap_or_default() {
        let Some(node) = item.get("name") else { continue };
        let Some(name) = node.text().filter(|name| !name.is_empty()) else { continue };
        if let Some(first) = seen.get(name) {
            out.add(&node.place, format!("sets `{name}` again, and only this one counts"))
                .related(first, "set here first");
        } else {
            seen.insert(name, &node.place);
        }
    }
}
