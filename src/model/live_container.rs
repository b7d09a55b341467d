//! A container of a Docker Engine, as it was when the engine was asked.

use std::net::IpAddr;

use smol_str::SmolStr;

use super::container::Container;
use crate::source::Place;

/// One container.
#[derive(Debug)]
pub struct LiveContainer {
    /// Its id, 64 hexadecimal digits.
    pub id: SmolStr,
    /// Its name, without the leading `/`. Reports name it as `container:NAME`.
    pub name: SmolStr,
    /// `com.docker.compose.service`.
    pub compose_service: Option<SmolStr>,
    /// The planned row, as an index into [`crate::plan::Plan::services`].
    pub service: Option<usize>,
    /// Where findings about it stand: its row; without one the plan's first line.
    pub place: Place,
    /// What it is doing.
    pub state: ContainerState,
    /// Times that the engine started it again.
    pub restarts: u32,
    /// Whether the kernel ended it for its memory.
    pub oom_killed: bool,
    /// What Docker's health check says.
    pub health: DockerHealth,
    /// The config it was started with, image and command line put together; every place is [`LiveContainer::place`].
    pub container: Container,
    /// The image it was made of.
    pub image: LiveImage,
    /// `HostConfig.Init`: the engine's own init runs in front.
    pub init: bool,
    /// Where it is reached.
    pub network: LiveNetwork,
    /// Ports that it publishes on its host.
    pub published: Vec<LivePort>,
    /// Its processes, PID 1 first; `Err`: why they are not known.
    pub processes: Result<Vec<Process>, SmolStr>,
    /// TCP sockets that listen inside it; `Err`: why they are not known.
    pub listeners: Result<Vec<Listener>, SmolStr>,
    /// `HostConfig.Privileged`.
    pub privileged: bool,
    /// `HostConfig.CapAdd` without `CAP_`, in upper case.
    pub cap_add: Vec<SmolStr>,
    /// `HostConfig.CapDrop`, the same.
    pub cap_drop: Vec<SmolStr>,
    /// `HostConfig.ReadonlyRootfs`.
    pub read_only: bool,
    /// `HostConfig.RestartPolicy.Name`: `unless-stopped`; empty or `no`: never.
    pub restart_policy: SmolStr,
    /// Files that rules ask for, by path.
    pub files: Vec<(SmolStr, LiveFile)>,
    /// What a compose file or a Dockerfile of the call says it should be.
    pub expected: Vec<ExpectedContainer>,
}

/// What a container is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContainerState {
    /// Running.
    Running,
    /// Frozen: its health is what it was before.
    Paused,
    /// Ended and about to be started again.
    Restarting,
    /// Ended with this code.
    Exited(i64),
    /// Never started, or another state of the engine in its own word.
    Other(SmolStr),
}

/// What Docker's health check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DockerHealth {
    /// Neither the image nor the command line has one.
    None,
    /// `NONE`: it is switched off.
    Disabled,
    /// Not yet.
    Starting,
    /// Healthy.
    Healthy,
    /// Unhealthy.
    Unhealthy {
        /// Failures in a row.
        streak: u32,
        /// The last exit code, when the log has one.
        exit_code: Option<i64>,
        /// What the last check printed, without white space at the ends, at most 200 characters.
        output: SmolStr,
    },
}

/// The image of a container.
#[derive(Debug, Default)]
pub struct LiveImage {
    /// As the container was told: `ghcr.io/example/web:20250812-abcdef0`.
    pub reference: SmolStr,
    /// Its id: the digest of its config.
    pub id: SmolStr,
    /// `RepoDigests` of the engine: `ghcr.io/example/web@sha256:…`.
    pub digests: Vec<SmolStr>,
    /// `RepoTags` of the engine.
    pub tags: Vec<SmolStr>,
    /// What the image itself says, without the container's command line; `None`: the engine has it no longer.
    pub config: Option<Container>,
    /// Digest that the registry has for the reference now; `None`: nobody asked. `Err`: why it does not tell.
    pub registry: Option<Result<SmolStr, SmolStr>>,
}

/// Where a container is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveNetwork {
    /// `none`: nowhere.
    None,
    /// `host`: on its host's addresses.
    Host,
    /// In another container's network (`container:ID`).
    Container(SmolStr),
    /// In these networks, by name, with its address in each.
    Networks(Vec<(SmolStr, IpAddr)>),
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePort {
    /// The port inside.
    pub container: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: SmolStr,
    /// The address of the host; `0.0.0.0` and `::` are all of them.
    pub host_ip: SmolStr,
    /// The port of the host.
    pub host: u16,
}

/// A process of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number as the host counts.
    pub pid: u32,
    /// Its parent's.
    pub parent: u32,
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
    /// Further groups; `None`: `/proc` could not be read.
    pub groups: Option<Vec<u32>>,
    /// The program's name, cut to 15 characters by the kernel.
    pub name: SmolStr,
    /// The command line; empty when it is not known.
    pub command: Vec<SmolStr>,
    /// Effective capabilities as a bit set (`CapEff`); `None`: `/proc` could not be read.
    pub capabilities: Option<u64>,
    /// Whether it can gain no privileges (`NoNewPrivs`); `None`: `/proc` could not be read.
    pub no_new_privileges: Option<bool>,
}

/// A TCP socket that listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Listener {
    /// Its address; unspecified: all.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
}

impl Listener {
    /// Whether only processes of the same container reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.address {
            IpAddr::V4(address) => address.is_loopback(),
            IpAddr::V6(address) => {
                address.is_loopback() || address.to_ipv4_mapped().is_some_and(|inner| inner.is_loopback())
            }
        }
    }
}

/// A file of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveFile {
    /// Its text.
    Text(SmolStr),
    /// Its value, when its name ends in `.json`.
    Json(serde_json::Value),
    /// There is none.
    Absent,
    /// It cannot be told; why, as a phrase.
    Unknown(SmolStr),
}

/// What a file of the repository says a container should be.
#[derive(Debug)]
pub struct ExpectedContainer {
    /// As reports name it: ``compose service `web` ``.
    pub by: SmolStr,
    /// The line that starts or builds it.
    pub place: Place,
    /// The config it would have.
    pub container: Container,
    /// Whether the file starts a container (compose) and so says everything that overrides the image.
    pub starts: bool,
}
