//! `knative-port`: one port, which Knative takes and on which the container listens.
//!
//! knative/serving `pkg/apis/serving/k8s_validation.go`: `validateContainersPorts`, `validateContainerPorts`,
//! `validateContainerPortBasic`; the port without one: `pkg/networking/constants.go`.

use crate::finding::Findings;
use crate::model::{
    Container, Fact, KNATIVE_PORT, ManifestFile, Pod, Spanned, Workload, WorkloadKind, WorkloadPort,
};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::{place_of, whole_pods};
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Ports of Knative's own proxy in the pod.
const RESERVED: [u16; 6] = [8008, 8012, 8013, 8022, 9090, 9091];

fn check(file: &ManifestFile, plan: &Plan, out: &mut Findings) {
    for (object, pod) in whole_pods(&file.objects).filter(|(object, _)| object.is_knative()) {
        let serving = || pod.containers.iter().filter(|one| one.kind == WorkloadKind::Knative);
        let declared: Vec<(&Workload, &Spanned<WorkloadPort>)> =
            serving().flat_map(|one| one.ports.iter().map(move |port| (one, port))).collect();
        if let Some((workload, first)) = declared.first() {
            one_port(workload, first, out);
        }
        for (workload, extra) in declared.iter().skip(1) {
            let message = "is a second port, and Knative takes one port of all containers";
            out.add(&extra.place, message).subject(workload.subject.clone());
        }
        if declared.is_empty() && serving().count() > 1 {
            let message = "none of its containers says a port, so Knative cannot tell which one serves";
            out.add(&pod.place, message)
                .subject(object.label())
                .help("give the container that serves `ports: [{containerPort: …}]`");
        }
        for workload in serving() {
            of_the_host(workload, out);
        }
        listens(pod, plan, out);
    }
}

/// `hostPort` and `hostIP`, which the mask of a port leaves out (`fieldmask.go`, `ContainerPortMask`).
fn of_the_host(workload: &Workload, out: &mut Findings) {
    let items = workload.tree.get("ports").map(Node::items).unwrap_or_default();
    for entry in items.iter().flat_map(Node::entries) {
        if let Some(key) = entry.key.text().filter(|key| matches!(*key, "hostPort" | "hostIP")) {
            let message = format!("says `{key}`, which Knative refuses");
            out.add(&entry.key.place, message).subject(workload.subject.clone());
        }
    }
}

/// The name, protocol and number of the port.
fn one_port(workload: &Workload, port: &Spanned<WorkloadPort>, out: &mut Findings) {
    let item = workload.tree.get("ports").map(Node::items).unwrap_or_default().first();
    let place = |key: &str| item.and_then(|item| place_of(item, key)).unwrap_or(&port.place);
    if let Some(name) = port.value.name.as_ref().filter(|name| !matches!(name.as_str(), "http1" | "h2c")) {
        let message = format!("names its port `{name}`, and Knative takes `http1` and `h2c` only");
        out.add(place("name"), message).subject(workload.subject.clone());
    }
    if port.value.protocol != "tcp" {
        let message = format!("is a port of `{}`, and Knative takes TCP only", port.value.protocol.to_uppercase());
        out.add(place("protocol"), message).subject(workload.subject.clone());
    }
    if let Ok(number) = port.value.container
        && (number == 0 || RESERVED.contains(&number))
    {
        let message = match number {
            0 => "is no port".to_owned(),
            _ => format!("is `{number}`, which Knative's own proxy in the pod listens on"),
        };
        out.add(&port.place, message).subject(workload.subject.clone());
    }
}

/// Whether the container listens where Knative sends requests: the plan and the command say where.
fn listens(pod: &Pod, plan: &Plan, out: &mut Findings) {
    for workload in &pod.containers {
        let Some(port) = workload.knative_port() else { continue };
        let row = workload.service.and_then(|row| plan.services[row].service_port.as_ref());
        if workload.ports.is_empty()
            && let Some(planned) = row.filter(|planned| planned.value != KNATIVE_PORT)
        {
            let message = format!(
                "says no port, so Knative sends requests to `{KNATIVE_PORT}`, planned `{}`",
                planned.value
            );
            out.add(&workload.place, message)
                .planned(planned)
                .subject(workload.subject.clone())
                .help(format!("add `ports: [{{containerPort: {}}}]`", planned.value));
            continue;
        }
        // A port beside the plan is another rule's.
        if row.is_some_and(|planned| planned.value != port) {
            continue;
        }
        if let Some(fixed) = fixed_port(&workload.container).filter(|fixed| *fixed != port) {
            let place = workload.ports.first().map_or(&workload.place, |said| &said.place);
            let message = format!("Knative sends requests to `{port}`, and the command listens on `{fixed}`");
            out.add(place, message)
                .subject(workload.subject.clone())
                .help("let the server read `$PORT`, or say its port as `containerPort`");
        }
    }
}

/// The port that the command names by itself: `--port 8000`, `--port=8000`, `--bind 0.0.0.0:8000`.
fn fixed_port(container: &Container) -> Option<u16> {
    let words = |fact: Fact<crate::model::CommandLine>| match fact {
        Fact::Known { value, .. } => value.words,
        _ => Vec::new(),
    };
    let all: Vec<String> = words(container.entrypoint())
        .into_iter()
        .chain(words(container.cmd()))
        .flat_map(|word| word.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut found = None;
    for (at, word) in all.iter().enumerate() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (word.as_str(), all.get(at + 1).map(String::as_str)),
        };
        let number = match flag {
            "--port" => value.and_then(|value| value.parse().ok()),
            "--bind" | "-b" => value.and_then(|value| value.rsplit_once(':')?.1.parse().ok()),
            _ => None,
        };
        found = number.or(found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::fixed_port;
    use crate::lower::{NoImages, kubernetes::manifests};
    use crate::source::Source;
    use crate::syntax::yaml;

    #[test]
    fn commands_name_their_port() {
        for (command, want) in [
            ("[uvicorn, \"a:b\", --port, \"8000\"]", Some(8000)),
            ("[uvicorn, \"a:b\", --port=8001]", Some(8001)),
            ("[gunicorn, -b, \"0.0.0.0:8002\", a]", Some(8002)),
            ("[sh, -c, \"exec uvicorn a:b --port 8003\"]", Some(8003)),
            ("[sh, -c, \"exec uvicorn a:b --port $PORT\"]", None),
            ("[uvicorn, \"a:b\", --port, \"$(PORT)\"]", Some(8080)),
            ("[app, --report, \"8000\"]", None),
        ] {
            let text = format!("apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {{template: {{spec: {{containers: [{{image: x, command: {command}}}]}}}}}}\n");
            let source = Source::new("s.yaml", text.into_bytes());
            let file = manifests(&source, yaml::parse(&source), &NoImages);
            let pod = file.objects[0].pod.as_ref().unwrap();
            assert_eq!(fixed_port(&pod.containers[0].container), want, "{command}");
        }
    }
}
