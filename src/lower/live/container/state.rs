//! What a container is doing, and what its health check says.

use serde_json::Value;
use smol_str::SmolStr;

use super::{is_true, text};
use crate::model::{ContainerState, DockerHealth};

/// What is kept of a check's output, in characters.
const MAX_OUTPUT: usize = 200;

/// `State`.
pub(super) fn state(state: &Value) -> ContainerState {
    let word = text(&state["Status"]);
    match word.as_str() {
        // Docker's word for it stands beside `Running`, which stays true.
        "paused" => ContainerState::Paused,
        "restarting" => ContainerState::Restarting,
        "running" if is_true(&state["Paused"]) => ContainerState::Paused,
        "running" => ContainerState::Running,
        // The second one is podman's.
        "exited" | "stopped" => ContainerState::Exited(state["ExitCode"].as_i64().unwrap_or_default()),
        "" if is_true(&state["Running"]) => ContainerState::Running,
        "" => ContainerState::Other("unknown".into()),
        _ => ContainerState::Other(word),
    }
}

/// `State.Health`, which podman calls `Healthcheck` or leaves out.
pub(super) fn health(inspect: &Value) -> DockerHealth {
    let state = &inspect["State"];
    let health = ["Health", "Healthcheck"].map(|key| &state[key]).into_iter().find(|said| said.is_object());
    let health = health.unwrap_or(&Value::Null);
    match text(&health["Status"]).as_str() {
        "healthy" => DockerHealth::Healthy,
        "unhealthy" => unhealthy(health),
        "starting" => DockerHealth::Starting,
        _ => match inspect["Config"]["Healthcheck"]["Test"].as_array().and_then(|words| words.first()) {
            None => DockerHealth::None,
            Some(word) if word == "NONE" => DockerHealth::Disabled,
            // It has one, and nobody says how it ended.
            Some(_) => DockerHealth::Starting,
        },
    }
}

fn unhealthy(health: &Value) -> DockerHealth {
    let last = health["Log"].as_array().and_then(|log| log.last()).unwrap_or(&Value::Null);
    let output = last["Output"].as_str().unwrap_or_default().trim();
    DockerHealth::Unhealthy {
        streak: health["FailingStreak"].as_u64().unwrap_or_default().try_into().unwrap_or(u32::MAX),
        exit_code: last["ExitCode"].as_i64(),
        output: output.chars().take(MAX_OUTPUT).collect::<SmolStr>().trim_end().into(),
    }
}
