//! `reserved-env`: no container sets a variable that Knative sets.
//!
//! knative/serving `pkg/apis/serving/k8s_validation.go`: `reservedEnvVars`; a container that does not serve, and an init
//! container, may set `PORT`.

use crate::finding::Findings;
use crate::model::{ManifestFile, Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) use crate::rules::always as planned;

const RESERVED: [&str; 3] = ["K_SERVICE", "K_CONFIGURATION", "K_REVISION"];

fn check(file: &ManifestFile, _plan: &Plan, out: &mut Findings) {
    for object in file.objects.iter().filter(|object| object.is_knative()) {
        let Some(pod) = &object.pod else { continue };
        let several = pod.containers.iter().filter(|one| one.kind == WorkloadKind::Knative).count() > 1;
        for workload in &pod.containers {
            let serves = workload.kind == WorkloadKind::Knative && (!several || !workload.ports.is_empty());
            container(workload, serves, out);
        }
    }
}

fn container(workload: &Workload, serves: bool, out: &mut Findings) {
    for item in workload.tree.get("env").map(Node::items).unwrap_or_default() {
        let Some((name, node)) = item.get("name").and_then(|node| Some((node.text()?, node))) else { continue };
        let reserved = RESERVED.contains(&name) || (name == "PORT" && serves);
        if !reserved {
            continue;
        }
        let message = format!("sets `{name}`, which Knative sets itself and refuses");
        let finding = out.add(&node.place, message).subject(workload.subject.clone());
        if name == "PORT" {
            finding.help("leave it out, and say the port as `ports: [{containerPort: …}]`");
        } else {
            finding.help("leave it out");
        }
    }
}
