//! Circles of `depends_on` and of whatever else makes a service wait for another one.

use std::collections::HashMap;

use super::problems::Problems;
use crate::model::ProjectProblemKind;
use crate::syntax::yaml::Node;

/// Reports each circle once, at the place that closes it.
pub(super) fn check(root: &Node, problems: &mut Problems) {
    let services = root.get("services").map(Node::entries).unwrap_or_default();
    let index: HashMap<&str, usize> =
        services.iter().enumerate().filter_map(|(at, entry)| Some((entry.key.text()?, at))).collect();
    let edges: Vec<Vec<(usize, &Node)>> =
        services.iter().map(|entry| waits_for(&entry.value, &index)).collect();
    // 0: not met, 1: on the way, 2: done.
    let mut state = vec![0u8; services.len()];
    for start in 0..services.len() {
        if state[start] != 0 {
            continue;
        }
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        state[start] = 1;
        while let Some((at, next)) = way.last_mut() {
            let Some((to, node)) = edges[*at].get(*next).copied() else {
                state[*at] = 2;
                way.pop();
                continue;
            };
            *next += 1;
            match state[to] {
                0 => {
                    state[to] = 1;
                    way.push((to, 0));
                }
                1 => {
                    let from = way.iter().position(|(at, _)| *at == to).unwrap_or(0);
                    let name = |at: usize| services[at].key.text().unwrap_or_default();
                    let mut names: Vec<&str> = way[from..].iter().take(8).map(|(at, _)| name(*at)).collect();
                    names.push(name(to));
                    let message = format!("services wait for each other: {}", names.join(" → "));
                    problems.add(ProjectProblemKind::Reference, &node.place, message, None);
                }
                _ => {}
            }
        }
    }
}

fn waits_for<'n>(service: &'n Node, index: &HashMap<&str, usize>) -> Vec<(usize, &'n Node)> {
    let mut found = Vec::new();
    for entry in service.get("depends_on").map(Node::entries).unwrap_or_default() {
        found.extend(entry.key.text().and_then(|name| Some((*index.get(name)?, &entry.key))));
    }
    for key in ["network_mode", "ipc", "pid"] {
        if let Some(mode) = service.get(key) {
            let name = mode.text().and_then(|mode| mode.strip_prefix("service:"));
            found.extend(name.and_then(|name| Some((*index.get(name)?, mode))));
        }
    }
    found
}
