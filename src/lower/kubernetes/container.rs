//! One container of a pod, laid over its image.
//!
//! What replaces what: `command` replaces ENTRYPOINT and drops CMD, `args` replaces CMD (Kubernetes documentation, "Define
//! a Command and Arguments"; empty lists say nothing). A container's `securityContext` goes before the pod's. kubelet runs
//! no HEALTHCHECK of an image, so the first layer of every container in a pod says `HEALTHCHECK NONE` at the container's
//! own place; what watches it are its probes.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::environment::Environment;
use super::probe::probes;
use super::quantity::{cpu, memory};
use super::scalars::{boolean, integer, port, text, value};
use super::subject;
use crate::lower::images::Images;
use crate::lower::overlay::Below;
use crate::lower::user;
use crate::model::{
    CommandLine, Fact, Form, Healthcheck, KNATIVE_PORT, Layer, Manifest, MountKind, Resources, Spanned,
    Unknown, User, Value, Workload, WorkloadKind, WorkloadMount, WorkloadPort,
};
use crate::source::Place;
use crate::syntax::yaml::Node;

/// What Knative puts into the environment besides `PORT` (knative/serving `pkg/reconciler/revision/resources/env_var.go`).
const KNATIVE_ENV: [&str; 3] = ["K_REVISION", "K_CONFIGURATION", "K_SERVICE"];

/// What a container stands in.
pub(super) struct Surroundings<'a> {
    pub(super) manifest: &'a Manifest,
    /// The pod's `spec`.
    pub(super) spec: &'a Node,
    /// Volumes of the pod by name.
    pub(super) volumes: HashMap<&'a str, &'a Node>,
    pub(super) images: &'a dyn Images,
    /// Whether it is the only container beside init containers.
    pub(super) single: bool,
}

/// Reads one container.
pub(super) fn workload(around: &Surroundings<'_>, at: usize, node: &Node, kind: WorkloadKind) -> Workload {
    let name = node.get("name").and_then(text).filter(|name| !name.value.is_empty());
    let place = name.as_ref().map_or_else(|| first_place(node), |name| name.place.clone());
    let name = name.unwrap_or_else(|| Spanned::new(unnamed(around, at), place.clone()));
    let image = node.get("image").and_then(text).filter(|image| !image.value.is_empty());
    let image = image.map(|image| Spanned::new(value(&image.value), image.place));
    let below = match &image {
        Some(image) => Below::named(image, around.images),
        None => Below::unknown(Unknown::Dynamic("image".into()), "no image", &place),
    };
    let dockerfile = below.dockerfile.clone();
    let ports = ports(node, kind);
    let injected = match kind {
        WorkloadKind::Knative => injected(&ports, around.single, &place),
        _ => Vec::new(),
    };
    let mut environment = Environment::read(node, injected);
    let layer = Layer {
        user: run_as(around.spec, node, &below),
        entrypoint: command(node, "command", &mut environment),
        cmd: command(node, "args", &mut environment),
        workdir: node
            .get("workingDir")
            .and_then(text)
            .filter(|said| !said.value.is_empty())
            .map(|said| Spanned::new(environment.expand(&said.value), said.place)),
        healthcheck: Some(Spanned::new(no_healthcheck(), place.clone())),
        env: std::mem::take(&mut environment.pairs),
        ..Layer::default()
    };
    let context = |key: &str| node.at(&["securityContext", key]);
    Workload {
        kind,
        source: around.manifest.source.clone(),
        subject: subject(around.manifest, &name.value),
        service: None,
        build: None,
        dockerfile,
        container: below.under(layer),
        init: None,
        ports,
        probes: probes(node),
        resources: resources(node),
        mounts: mounts(around, node),
        cap_add: capabilities(node, "add"),
        cap_drop: capabilities(node, "drop"),
        privileged: context("privileged").and_then(boolean),
        read_only: context("readOnlyRootFilesystem").and_then(boolean),
        run_as_non_root: of_pod_or(node, around.spec, "runAsNonRoot").and_then(boolean),
        run_as_group: of_pod_or(node, around.spec, "runAsGroup").map(|group| group.place.clone()),
        image_probes: Vec::new(),
        shared_processes: shared_processes(around.spec),
        env_elsewhere: environment.elsewhere,
        env_references: environment.references,
        tree: node.clone(),
        name,
        place,
        image,
    }
}

/// The first key of a container, where what it lacks is reported when it has no name.
fn first_place(node: &Node) -> Place {
    node.entries().first().map_or_else(|| node.place.clone(), |entry| entry.key.place.clone())
}

/// What a container without a name is called: as Knative calls it, else by its position.
fn unnamed(around: &Surroundings<'_>, at: usize) -> SmolStr {
    match around.manifest.is_knative() && around.single {
        true => "user-container".into(),
        false => SmolStr::new(format!("container {}", at + 1)),
    }
}

fn no_healthcheck() -> Healthcheck {
    Healthcheck {
        command: None,
        interval: None,
        timeout: None,
        start_period: None,
        retries: None,
        probes: Vec::new(),
        can_fail: true,
        ignores_status: false,
        tools: Vec::new(),
    }
}

/// `command` or `args` in exec form, variables put in; an empty list says nothing.
fn command(node: &Node, key: &str, environment: &mut Environment) -> Option<Spanned<CommandLine>> {
    let list = node.get(key).filter(|list| !list.items().is_empty())?;
    let words = list.items().iter().filter_map(text);
    let words = words.map(|word| environment.expand(&word.value).text).collect();
    Some(Spanned::new(CommandLine { form: Form::Exec, words }, list.place.clone()))
}

/// A value of the container's `securityContext`, else of the pod's.
fn of_pod_or<'n>(node: &'n Node, spec: &'n Node, key: &str) -> Option<&'n Node> {
    let own = node.at(&["securityContext", key]);
    own.or_else(|| spec.at(&["securityContext", key])).filter(|said| !said.is_null())
}

/// Where the pod says that its containers share their processes.
fn shared_processes(spec: &Node) -> Option<Place> {
    let said = spec.get("shareProcessNamespace").and_then(boolean);
    said.filter(|said| said.value).map(|said| said.place)
}

/// Who runs the process: `runAsUser` and `runAsGroup` of the container, else of the pod, over the image's user.
fn run_as(spec: &Node, node: &Node, below: &Below) -> Option<Spanned<Result<User, Unknown>>> {
    let said = |key: &str| of_pod_or(node, spec, key);
    let number = |node: &Node| match integer(node) {
        Some(said) => said.value.to_string(),
        None => node.text().unwrap_or_default().to_owned(),
    };
    let group = said("runAsGroup");
    let Some(user) = said("runAsUser") else {
        let group = group?;
        let image = match below.container().user() {
            Fact::Known { value, .. } => Ok(value),
            Fact::Absent => Ok(User::root()),
            Fact::Unknown { why, .. } => Err(why),
        };
        let group_text = number(group);
        let with_group =
            image.map(|user| User { gid: group_text.parse().ok(), group: Some(group_text.into()), ..user });
        return Some(Spanned::new(with_group, group.place.clone()));
    };
    let mut written = number(user);
    if let Some(group) = group {
        written = format!("{written}:{}", number(group));
    }
    let resolved = user::resolve(&value(&written), &below.container());
    Some(Spanned::new(resolved, user.place.clone()))
}

/// The ports that a container declares.
fn ports(node: &Node, kind: WorkloadKind) -> Vec<Spanned<WorkloadPort>> {
    let items = node.get("ports").map(Node::items).unwrap_or_default();
    let said = items.iter().filter_map(|item| {
        let number = item.get("containerPort");
        let at = number.map_or_else(|| item.place.clone(), |number| number.place.clone());
        let container = match number {
            Some(number) => port(number),
            // Knative fills the number in.
            None if kind == WorkloadKind::Knative => Ok(KNATIVE_PORT),
            None => return None,
        };
        let host = item.get("hostPort").and_then(|host| port(host).ok()).filter(|host| *host > 0);
        let text_of = |key: &str| item.get(key).and_then(text).filter(|said| !said.value.is_empty());
        let protocol =
            text_of("protocol").map_or_else(|| "tcp".to_owned(), |said| said.value.to_ascii_lowercase());
        let port = WorkloadPort {
            container,
            host: host.map(|host| (host, host)),
            host_place: item.get("hostPort").map(|node| node.place.clone()),
            host_ip: text_of("hostIP").map(|said| said.value),
            protocol: protocol.into(),
            name: text_of("name").map(|said| said.value),
        };
        Some(Spanned::new(port, at))
    });
    said.collect()
}

/// What Knative adds to the environment of a container: `PORT` where it serves, and the names of its owners.
fn injected(ports: &[Spanned<WorkloadPort>], single: bool, place: &Place) -> Vec<Spanned<(SmolStr, Value)>> {
    let names = KNATIVE_ENV.iter().map(|name| {
        let unknown = Value { text: "".into(), unknown: Some(Unknown::Dynamic("Knative".into())) };
        Spanned::new((SmolStr::new(name), unknown), place.clone())
    });
    let port = match ports.first() {
        Some(port) => match &port.value.container {
            Ok(number) => Some((Value::known(number.to_string()), &port.place)),
            Err(why) => Some((Value { text: "".into(), unknown: Some(why.clone()) }, &port.place)),
        },
        // Of several containers the one with a port serves.
        None => single.then(|| (Value::known(KNATIVE_PORT.to_string()), place)),
    };
    let port = port.map(|(value, place)| Spanned::new(("PORT".into(), value), place.clone()));
    names.chain(port).collect()
}

fn resources(node: &Node) -> Resources {
    let at = |list: &str, key: &str| node.at(&["resources", list, key]);
    Resources {
        cpu_limit: at("limits", "cpu").and_then(cpu),
        memory_limit: at("limits", "memory").and_then(memory),
        cpu_reserved: at("requests", "cpu").and_then(cpu),
        memory_reserved: at("requests", "memory").and_then(memory),
    }
}

/// Mounts with what the pod's volume of the name is.
fn mounts(around: &Surroundings<'_>, node: &Node) -> Vec<Spanned<WorkloadMount>> {
    let items = node.get("volumeMounts").map(Node::items).unwrap_or_default();
    let mounts = items.iter().filter_map(|item| {
        let target = item.get("mountPath").and_then(text)?;
        let name = item.get("name").and_then(text);
        let volume = name.as_ref().and_then(|name| around.volumes.get(name.value.as_str()));
        let (kind, source, always_read_only) = match volume {
            Some(volume) => volume_kind(volume),
            None => (MountKind::Other, name.as_ref().map(|name| value(&name.value)), false),
        };
        let read_only = item.get("readOnly").and_then(boolean).is_some_and(|said| said.value);
        let mount = WorkloadMount {
            kind,
            source,
            target: value(&target.value),
            read_only: read_only || always_read_only,
        };
        Some(Spanned::new(mount, target.place))
    });
    mounts.collect()
}

/// What a volume is, where it comes from, and whether it can only be read: config maps, secrets and projections are
/// (Kubernetes documentation, "Volumes").
fn volume_kind(volume: &Node) -> (MountKind, Option<Value>, bool) {
    let of = |path: &[&str]| volume.at(path).and_then(text).map(|said| value(&said.value));
    let is = |key: &str| volume.get(key).is_some();
    let name = of(&["name"]);
    if is("hostPath") {
        return (MountKind::Bind, of(&["hostPath", "path"]), false);
    }
    if is("emptyDir") {
        let in_memory = of(&["emptyDir", "medium"]).is_some_and(|medium| medium.text == "Memory");
        return (if in_memory { MountKind::Tmpfs } else { MountKind::Volume }, name, false);
    }
    if is("persistentVolumeClaim") {
        let read_only = volume.at(&["persistentVolumeClaim", "readOnly"]).and_then(boolean);
        let claim = of(&["persistentVolumeClaim", "claimName"]);
        return (MountKind::Other, claim, read_only.is_some_and(|said| said.value));
    }
    let fixed = ["configMap", "secret", "projected", "downwardAPI"].iter().any(|key| is(key));
    let source = of(&["configMap", "name"]).or_else(|| of(&["secret", "secretName"])).or(name);
    (MountKind::Other, source, fixed)
}

/// Capabilities in upper case, without `CAP_`.
fn capabilities(node: &Node, key: &str) -> Vec<Spanned<SmolStr>> {
    let items = node.at(&["securityContext", "capabilities", key]).map(Node::items).unwrap_or_default();
    let said = items.iter().filter_map(text).map(|said| {
        let upper = said.value.to_ascii_uppercase();
        Spanned::new(SmolStr::new(upper.strip_prefix("CAP_").unwrap_or(&upper)), said.place)
    });
    said.collect()
}
