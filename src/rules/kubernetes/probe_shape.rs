//! `probe-shape`: a probe does one thing, and says what it needs for it.
//!
//! Kubernetes `pkg/apis/core/validation` (`validateHandler`): exactly one handler, with a port; knative/serving
//! `pkg/apis/serving/k8s_validation.go` (`validateProbe`, `validateReadinessProbe`), which fills in the port, and a TCP
//! handler for a readiness probe.

use crate::finding::Findings;
use crate::model::{ProbeKind, Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::stays;
use crate::source::Place;
use crate::syntax::yaml::{Node, Resolved, Typing};

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) use crate::rules::always as planned;

const HANDLERS: [&str; 4] = ["httpGet", "tcpSocket", "exec", "grpc"];

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    // A container without an image is a part of one, laid over a whole.
    if !workload.kind.in_pod() || workload.tree.get("image").is_none() {
        return;
    }
    for probe in &workload.probes {
        let kind = probe.value.kind;
        let Some(node) = workload.tree.get(kind.key()) else { continue };
        if !stays(workload) {
            out.add(&probe.place, format!("an init container takes no `{}`", kind.key()));
            continue;
        }
        shape(node, kind, workload.kind == WorkloadKind::Knative, &probe.place, out);
    }
}

fn shape(node: &Node, kind: ProbeKind, knative: bool, place: &Place, out: &mut Findings) {
    let said: Vec<_> = HANDLERS.iter().filter_map(|key| node.entry(key)).collect();
    match said.as_slice() {
        [] if knative && kind == ProbeKind::Readiness => {}
        [] => {
            let message = format!("`{}` says none of {}", kind.key(), list(&HANDLERS));
            out.add(place, message);
        }
        [one] => {
            let key = one.key.text().unwrap_or_default();
            if key != "exec" && !knative && one.value.get("port").is_none_or(Node::is_null) {
                out.add(&one.key.place, format!("`{key}` of `{}` says no port", kind.key()));
            }
        }
        [_, second, ..] => {
            let message = format!("`{}` says more than one of {}", kind.key(), list(&HANDLERS));
            out.add(&second.key.place, message);
        }
    }
    let number = |key: &str| match node.get(key)?.scalar()?.resolve(Typing::Kubernetes) {
        Resolved::Int(number) => Some((number, node.entry(key)?)),
        _ => None,
    };
    // Knative probes as fast as it can, and in its own way, when the period is written as 0.
    if knative && kind == ProbeKind::Readiness && number("periodSeconds").is_some_and(|(period, _)| period == 0) {
        for key in ["failureThreshold", "timeoutSeconds"] {
            if let Some((_, entry)) = number(key).filter(|(number, _)| *number != 0) {
                out.add(&entry.key.place, format!("`{key}` beside `periodSeconds: 0` is refused by Knative"));
            }
        }
    }
    if kind != ProbeKind::Readiness
        && let Some((threshold, entry)) = number("successThreshold").filter(|(number, _)| *number > 1)
    {
        let message = format!("`successThreshold` of `{}` is `{threshold}`, and has to be `1`", kind.key());
        out.add(&entry.value.place, message);
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
