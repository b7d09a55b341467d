//! `port-ssh`: no container offers SSH.

use crate::finding::Findings;
use crate::model::{Build, BuiltImage, Port, Spanned, Unknown, Workload};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Build(check), Check::Workload(workload), Check::Image(image)]);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    if let Some(stage) = build.final_stage() {
        exposed(&stage.layer().ports, out);
    }
}

fn image(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    image.container.layers.iter().for_each(|layer| exposed(&layer.ports, out));
}

fn exposed(ports: &[Spanned<Result<Port, Unknown>>], out: &mut Findings) {
    for said in ports {
        if said.value.as_ref().is_ok_and(|port| port.first == 22 && port.last == 22 && port.protocol == "tcp") {
            out.add(&said.place, "port 22 is exposed: a container is entered by its engine and not by SSH")
                .help("leave the SSH server out, and use `docker exec` or `kubectl exec`");
        }
    }
}

fn workload(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    for said in workload.ports.iter().filter(|said| said.value.protocol == "tcp") {
        if said.value.container == Ok(22) {
            out.add(&said.place, "port 22 is offered: a container is entered by its engine and not by SSH")
                .help("leave the SSH server out, and use `docker exec` or `kubectl exec`");
        }
    }
}
