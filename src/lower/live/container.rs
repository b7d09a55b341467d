//! A container of a Docker Engine: what `docker inspect` prints, field by field, so that one odd field is not the end.
//!
//! Docker since 20.10 and the API that podman offers in Docker's place are read. A field of another type than it should have is
//! read as if it were missing.

mod config;
mod network;
mod state;

use serde_json::Value;
use smol_str::SmolStr;

use crate::model::{ContainerState, Listener, LiveContainer, LiveFile, LiveImage, Process};
use crate::source::Place;

/// Names and ids are cut behind this many characters.
const MAX_NAME: usize = 300;

/// The label that Compose puts on what it starts.
const COMPOSE_SERVICE: &str = "com.docker.compose.service";

/// What an engine and its host say of one container, as it comes.
#[derive(Debug, Clone)]
pub struct ContainerParts {
    /// `GET /containers/ID/json`.
    pub inspect: Value,
    /// `GET /images/ID/json`; null when the engine has the image no longer.
    pub image: Value,
    /// Its processes, PID 1 first; `Err`: why they are not known.
    pub processes: Result<Vec<Process>, SmolStr>,
    /// TCP sockets that listen inside it; `Err`: why they are not known.
    pub listeners: Result<Vec<Listener>, SmolStr>,
    /// Files that were asked for, by path.
    pub files: Vec<(SmolStr, LiveFile)>,
    /// What the registry says of its image: see [`LiveImage::registry`].
    pub registry: Option<Result<SmolStr, SmolStr>>,
}

impl ContainerParts {
    /// Its name, without the leading `/`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.inspect["Name"].as_str().unwrap_or_default().trim_start_matches('/')
    }

    /// The compose service that it was started for.
    #[must_use]
    pub fn compose_service(&self) -> Option<&str> {
        self.inspect["Config"]["Labels"][COMPOSE_SERVICE].as_str()
    }

    /// The image as the container was told, mostly a reference; empty when nobody says.
    #[must_use]
    pub fn image_reference(&self) -> &str {
        self.inspect["Config"]["Image"].as_str().unwrap_or_default()
    }

    /// Whether it runs, and its health check, when it has one, has said something.
    #[must_use]
    pub fn has_started(&self) -> bool {
        let state = &self.inspect["State"];
        state::state(state) == ContainerState::Running
            && state["Health"]["Status"].as_str() != Some("starting")
    }
}

/// The facts of a container. `service` is its planned row, `place` where its findings stand.
#[must_use]
pub fn container(parts: ContainerParts, service: Option<usize>, place: &Place) -> LiveContainer {
    let inspect = &parts.inspect;
    let (host, labels) = (&inspect["HostConfig"], &inspect["Config"]["Labels"]);
    let restart_policy = text(&host["RestartPolicy"]["Name"]);
    LiveContainer {
        id: text(&inspect["Id"]),
        name: text(&inspect["Name"]).trim_start_matches('/').into(),
        compose_service: Some(text(&labels[COMPOSE_SERVICE])).filter(|name| !name.is_empty()),
        service,
        place: place.clone(),
        state: state::state(&inspect["State"]),
        restarts: inspect["RestartCount"].as_u64().unwrap_or_default().try_into().unwrap_or(u32::MAX),
        oom_killed: is_true(&inspect["State"]["OOMKilled"]),
        health: state::health(inspect),
        container: config::container(&inspect["Config"], place),
        image: image(inspect, &parts.image, parts.registry, place),
        init: is_true(&host["Init"]),
        network: network::network(inspect),
        published: network::published(&inspect["NetworkSettings"]["Ports"]),
        processes: parts.processes,
        listeners: parts.listeners,
        privileged: is_true(&host["Privileged"]),
        cap_add: capabilities(&host["CapAdd"]),
        cap_drop: capabilities(&host["CapDrop"]),
        read_only: is_true(&host["ReadonlyRootfs"]),
        restart_policy,
        files: super::file::read(parts.files),
        expected: Vec::new(),
    }
}

fn image(
    inspect: &Value,
    image: &Value,
    registry: Option<Result<SmolStr, SmolStr>>,
    place: &Place,
) -> LiveImage {
    let id = text(&inspect["Image"]);
    let is_bare = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    LiveImage {
        reference: text(&inspect["Config"]["Image"]),
        // Podman leaves the name of the hash out.
        id: if is_bare { format!("sha256:{id}").into() } else { id },
        digests: texts(&image["RepoDigests"]).collect(),
        tags: texts(&image["RepoTags"]).collect(),
        config: image["Config"].is_object().then(|| config::container(&image["Config"], place)),
        registry,
    }
}

/// `NET_ADMIN` for `CAP_NET_ADMIN` and `net_admin`.
fn capabilities(list: &Value) -> Vec<SmolStr> {
    let name = |name: SmolStr| {
        let name = name.to_ascii_uppercase();
        SmolStr::new(name.strip_prefix("CAP_").unwrap_or(&name))
    };
    texts(list).map(name).collect()
}

/// A text, cut; empty when it is none.
fn text(value: &Value) -> SmolStr {
    let text = value.as_str().unwrap_or_default();
    match text.char_indices().nth(MAX_NAME) {
        Some((at, _)) => text[..at].into(),
        None => text.into(),
    }
}

/// The texts of a list.
fn texts(list: &Value) -> impl Iterator<Item = SmolStr> {
    list.as_array().into_iter().flatten().filter(|item| item.is_string()).map(text)
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_default()
}

#[cfg(test)]
mod tests;
