//! One container as a deployment file starts it: a compose service or a container of a pod, laid over its image.

use std::sync::Arc;

use smol_str::SmolStr;

use super::command::{CommandLine, Duration, Probe};
use super::container::{Container, Layer};
use super::fact::{Spanned, Unknown, Value};
use super::lookups::MissingSources;
use super::quantity::Quantity;
use crate::source::{Place, Source};
use crate::syntax::yaml::Node;

/// A container that a deployment file starts.
///
/// kubelet runs no HEALTHCHECK of an image: the first layer of a container in a pod says `HEALTHCHECK NONE` at
/// [`Workload::place`], and what watches it are its [`Workload::probes`]. Rules of health ask [`WorkloadKind::in_pod`]
/// first.
///
/// Its [`Container`] has the deployment's own words as the first layer and the image's layers below, so that every
/// question to a container answers what will run, with the way there: the line of the deployment file, the `FROM`s, the
/// line of the Dockerfile.
#[derive(Debug)]
pub struct Workload {
    /// What kind of container.
    pub kind: WorkloadKind,
    /// The file that starts it; of several, the one that names it first.
    pub source: Arc<Source>,
    /// The name of the compose service or of the container, with its place.
    pub name: Spanned<SmolStr>,
    /// As reports name it: `api`, `Deployment/web: app`.
    pub subject: SmolStr,
    /// Where something missing is reported: the key of a compose service, the `name` of a container, or the item itself.
    pub place: Place,
    /// The planned service, as an index into [`crate::plan::Plan::services`].
    pub service: Option<usize>,
    /// `image`.
    pub image: Option<Spanned<Value>>,
    /// What it is built from, when the file says so and the Dockerfile is known.
    pub build: Option<WorkloadBuild>,
    /// The Dockerfile of the fleet that makes its image, whether it is built here or only named.
    pub dockerfile: Option<SmolStr>,
    /// What will run.
    pub container: Container,
    /// `init` of compose: Docker puts its own init in front.
    pub init: Option<Spanned<bool>>,
    /// Ports that it publishes or declares. Knative's default ([`KNATIVE_PORT`]) is declared by nobody and not in here.
    pub ports: Vec<Spanned<WorkloadPort>>,
    /// Health probes of a pod's container. Compose's health check is in the container's first layer.
    pub probes: Vec<Spanned<PodProbe>>,
    /// Limits and reservations.
    pub resources: Resources,
    /// Mounts in order.
    pub mounts: Vec<Spanned<WorkloadMount>>,
    /// `cap_add`, `securityContext.capabilities.add`, in order, without `CAP_`, in upper case.
    pub cap_add: Vec<Spanned<SmolStr>>,
    /// `cap_drop`, `securityContext.capabilities.drop`.
    pub cap_drop: Vec<Spanned<SmolStr>>,
    /// `privileged`.
    pub privileged: Option<Spanned<bool>>,
    /// `read_only`, `readOnlyRootFilesystem`.
    pub read_only: Option<Spanned<bool>>,
    /// `runAsNonRoot`, the container's own before the pod's: the kubelet refuses an image whose user is root or a name.
    pub run_as_non_root: Option<Spanned<bool>>,
    /// `runAsGroup` beside a `runAsUser`: the container's user is placed at the latter.
    pub run_as_group: Option<Place>,
    /// What the image's health check asks with the variables of this compose service. Empty when that is what it asks
    /// anyway, and when the service has a health check of its own.
    pub image_probes: Vec<Probe>,
    /// `shareProcessNamespace: true` of the pod: its pause process is PID 1 of every container.
    pub shared_processes: Option<Place>,
    /// Where variables come from that cannot be read here: `env_file`, `envFrom`.
    pub env_elsewhere: Option<Place>,
    /// Variables that a reference to another object gives (`valueFrom`): the name.
    pub env_references: Vec<Spanned<SmolStr>>,
    /// The resolved tree of the service or container, for what only one kind of file says.
    pub tree: Node,
}

/// The port of a Knative container that says none (knative/serving `pkg/networking/constants.go`, `DefaultUserPort`).
pub const KNATIVE_PORT: u16 = 8080;

/// What kind of container a workload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkloadKind {
    /// A service of a compose project.
    Compose,
    /// A container of a pod that a Kubernetes object makes.
    Pod,
    /// An init container of a pod; one with `restartPolicy: Always` is a sidecar.
    PodInit,
    /// A container of a Knative Service or Configuration.
    Knative,
}

impl WorkloadKind {
    /// Whether it runs in a pod.
    #[must_use]
    pub fn in_pod(self) -> bool {
        self != Self::Compose
    }
}

/// `build` of a compose service.
#[derive(Debug, Clone)]
pub struct WorkloadBuild {
    /// `build` or `build.context`: where the folder is said.
    pub place: Place,
    /// The build context as a display path; unknown for URLs and unset variables.
    pub context: Value,
    /// The Dockerfile as a display path, and where it is said (the context's place when nobody does). `None` when it is
    /// written inline.
    pub dockerfile: Option<Spanned<SmolStr>>,
    /// `build.target`.
    pub target: Option<Spanned<SmolStr>>,
    /// `build.args` in order.
    pub args: Vec<Spanned<(SmolStr, Value)>>,
    /// COPY sources that the context lacks, though another folder holds them.
    pub missing: Option<Arc<MissingSources>>,
}

/// A port of a workload. Its place is where the container's side is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadPort {
    /// The port inside the container; `Err`: it cannot be told.
    pub container: Result<u16, Unknown>,
    /// The port of the host: compose's `published`, a pod's `hostPort`. First and last of a range that Docker picks one
    /// of; equal for a single port. `None`: none, or one that the engine picks.
    pub host: Option<(u16, u16)>,
    /// Where the host's port is said; the item itself in short forms.
    pub host_place: Option<Place>,
    /// The address of the host: `127.0.0.1`. `None`: every interface.
    pub host_ip: Option<SmolStr>,
    /// `tcp` (the default), `udp` or `sctp`, in lower case.
    pub protocol: SmolStr,
    /// The port's name.
    pub name: Option<SmolStr>,
}

/// A probe of a pod's container.
#[derive(Debug, Clone)]
pub struct PodProbe {
    /// Which one.
    pub kind: ProbeKind,
    /// What it does.
    pub action: ProbeAction,
    /// `initialDelaySeconds`, `periodSeconds`, `timeoutSeconds`, with Kubernetes' defaults left out.
    pub initial_delay: Option<Spanned<Duration>>,
    /// `periodSeconds`; default 10.
    pub period: Option<Spanned<Duration>>,
    /// `timeoutSeconds`; default 1.
    pub timeout: Option<Spanned<Duration>>,
    /// `failureThreshold`; default 3.
    pub failure_threshold: Option<Spanned<u32>>,
}

/// Which probe of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// `livenessProbe`
    Liveness,
    /// `readinessProbe`
    Readiness,
    /// `startupProbe`
    Startup,
}

impl ProbeKind {
    /// The key that says it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Liveness => "livenessProbe",
            Self::Readiness => "readinessProbe",
            Self::Startup => "startupProbe",
        }
    }
}

/// What a probe does.
#[derive(Debug, Clone)]
pub enum ProbeAction {
    /// `httpGet`
    Http {
        /// The path; `/` when nobody says one.
        path: Option<Spanned<SmolStr>>,
        /// The port: a number or the name of one; `None`: the platform's own (Knative).
        port: Option<Spanned<SmolStr>>,
    },
    /// `tcpSocket`
    Tcp {
        /// The port: a number or a name.
        port: Option<Spanned<SmolStr>>,
    },
    /// `grpc`
    Grpc {
        /// The port.
        port: Option<Spanned<SmolStr>>,
    },
    /// `exec`
    Exec(CommandLine),
    /// None that is known.
    Unknown,
}

/// Limits and reservations of a workload.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    /// Processors at most, in thousandths: `deploy.resources.limits.cpus`, `cpus`, `limits.cpu`.
    pub cpu_limit: Option<Spanned<Quantity>>,
    /// Memory at most, in bytes: `deploy.resources.limits.memory`, `mem_limit`, `limits.memory`.
    pub memory_limit: Option<Spanned<Quantity>>,
    /// Processors kept free: `reservations.cpus`, `requests.cpu`.
    pub cpu_reserved: Option<Spanned<Quantity>>,
    /// Memory kept free: `reservations.memory`, `mem_reservation`, `requests.memory`.
    pub memory_reserved: Option<Spanned<Quantity>>,
}

/// A mount of a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadMount {
    /// What is mounted.
    pub kind: MountKind,
    /// The path on the host (as a display path when it is relative), or the name of the volume.
    pub source: Option<Value>,
    /// The path in the container.
    pub target: Value,
    /// Whether it is read only.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountKind {
    /// A path of the host.
    Bind,
    /// A volume.
    Volume,
    /// Memory.
    Tmpfs,
    /// Anything else (config, secret, claim, …).
    Other,
}

impl Workload {
    /// The port that Knative sends requests to: the declared one, else the default. `None` for a container that does
    /// not serve (another one of the pod has the port), and outside of Knative.
    #[must_use]
    pub fn knative_port(&self) -> Option<u16> {
        if self.kind != WorkloadKind::Knative {
            return None;
        }
        if let Some(port) = self.ports.first() {
            return port.value.container.as_ref().ok().copied();
        }
        // Knative puts PORT into the environment of the container that serves.
        let injected = |pair: &&Spanned<(SmolStr, Value)>| pair.value.0 == "PORT" && pair.place == self.place;
        self.overlay().env.iter().find(injected).map(|_| KNATIVE_PORT)
    }

    /// What the deployment itself says.
    #[must_use]
    pub fn overlay(&self) -> &Layer {
        &self.container.layers[0]
    }

    /// What the image makes of itself, without the words of the deployment.
    #[must_use]
    pub fn image_container(&self) -> Container {
        let mut layers: Vec<Arc<Layer>> = self.container.layers.iter().skip(1).cloned().collect();
        if layers.is_empty() {
            layers.push(Arc::default());
        }
        Container { layers, end: self.container.end.clone() }
    }

    /// Whether it is there to end: an init container, a Job, a run of a CronJob.
    #[must_use]
    pub fn runs_to_end(&self) -> bool {
        let of_job = || self.subject.starts_with("Job/") || self.subject.starts_with("CronJob/");
        self.kind == WorkloadKind::PodInit || of_job()
    }

    /// Where the image says what the deployment's first layer replaces; `None` when the image says nothing of it.
    pub fn replaced<'w>(&'w self, said: impl Fn(&'w Layer) -> Option<&'w Place>) -> Option<&'w Place> {
        self.container.layers.iter().skip(1).find_map(|layer| said(layer))
    }
}
