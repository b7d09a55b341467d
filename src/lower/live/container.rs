//! A container of a Docker Engine.

use serde_json::Value;
use smol_str::SmolStr;

use crate::model::{
    ChainEnd, Container, ContainerState, DockerHealth, Layer, Listener, LiveContainer, LiveFile, LiveImage,
    LiveNetwork, Process,
};
use crate::source::Place;

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

/// The facts of a container. `service` is its planned row, `place` where its findings stand.
#[must_use]
pub fn container(parts: ContainerParts, service: Option<usize>, place: &Place) -> LiveContainer {
    let text = |value: &Value| SmolStr::new(value.as_str().unwrap_or_default());
    let inspect = &parts.inspect;
    LiveContainer {
        id: text(&inspect["Id"]),
        name: SmolStr::new(text(&inspect["Name"]).trim_start_matches('/')),
        compose_service: inspect["Config"]["Labels"]["com.docker.compose.service"].as_str().map(SmolStr::new),
        service,
        place: place.clone(),
        state: ContainerState::Running,
        restarts: 0,
        oom_killed: false,
        health: DockerHealth::None,
        container: Container { layers: vec![Layer::default().into()], end: ChainEnd::Scratch },
        image: LiveImage::default(),
        init: false,
        network: LiveNetwork::None,
        published: Vec::new(),
        processes: parts.processes,
        listeners: parts.listeners,
        privileged: false,
        cap_add: Vec::new(),
        cap_drop: Vec::new(),
        read_only: false,
        restart_policy: SmolStr::default(),
        files: super::file::read(parts.files),
        expected: Vec::new(),
    }
}
