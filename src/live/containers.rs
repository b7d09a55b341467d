//! The containers of a Docker Engine, without starting anything in them unless that is allowed.
//!
//! The engine tells what a container is and which processes it has; `/proc` of this machine tells more of a process, where
//! that process is provably one of the container. Raw facts come out, ordered by name; what they mean is not known here.

mod files;
mod inside;
mod proc;
mod processes;
mod sockets;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use smol_str::SmolStr;

use self::proc::Proc;
use super::{ContainerParts, NetworkSource};
use crate::engine::{Engine, EngineError, Times};
use crate::model::Listener;
use crate::parallel::each;

/// Containers of one engine at most.
const MAX_CONTAINERS: usize = 10_000;
/// Containers at once: what an engine on two cores can work on.
const THREADS: usize = 16;
/// What to do when nobody answers.
const HELP: &str =
    "check that the engine runs and that you may use its socket; --engine unix:///PATH names another one";
/// Why nothing is known of what a container runs.
const ENDED: &str = "the container does not run";

/// Reads every container of the engine on a socket.
pub(super) fn read(
    socket: &Path,
    source: &NetworkSource,
) -> Result<Vec<ContainerParts>, (String, Option<String>)> {
    let times = Times { timeout: source.probe.timeout, deadline: source.probe.deadline };
    let engine = Engine::at(socket, times).with_help(HELP);
    let reader = Reader { engine: &engine, proc: Proc::of_this_machine(), allow_exec: source.allow_exec };
    reader.all().map_err(|error| (error.message, error.help))
}

/// What one call asks with.
struct Reader<'a> {
    engine: &'a Engine,
    proc: Proc,
    /// Whether programs may be started in containers.
    allow_exec: bool,
}

/// One container as the engine inspects it.
struct Inspected {
    /// 64 hexadecimal digits, or whatever the engine says.
    id: String,
    value: Value,
}

impl Inspected {
    /// The number of PID 1 on the engine's host; `None`: it does not run.
    fn pid(&self) -> Option<u32> {
        let pid = self.value["State"]["Pid"].as_u64().filter(|pid| *pid > 0)?;
        u32::try_from(pid).ok()
    }

    fn image(&self) -> Option<&str> {
        self.value["Image"].as_str().filter(|id| !id.is_empty())
    }

    fn has_network_of_host(&self) -> bool {
        self.value["HostConfig"]["NetworkMode"].as_str() == Some("host")
    }
}

impl Reader<'_> {
    fn all(&self) -> Result<Vec<ContainerParts>, EngineError> {
        let ids = self.ids()?;
        let inspected = each(&ids, THREADS, |id| self.engine.container(id));
        let mut containers = Vec::with_capacity(ids.len());
        for (id, value) in ids.into_iter().zip(inspected) {
            // What ended and was removed since it was listed is no container any more.
            if let Some(value) = value? {
                containers.push(Inspected { id, value });
            }
        }
        containers.sort_by(|one, other| name(&one.value).cmp(name(&other.value)).then(one.id.cmp(&other.id)));
        let images = self.images(&containers)?;
        let parts = each(&containers, THREADS, |container| self.parts(container));
        let whole = containers.into_iter().zip(parts).map(|(container, parts)| {
            let image = container.image().and_then(|id| images.get(id)).cloned().unwrap_or_default();
            ContainerParts { image, inspect: container.value, ..parts }
        });
        Ok(whole.collect())
    }

    fn ids(&self) -> Result<Vec<String>, EngineError> {
        let listed = self.engine.containers()?;
        if listed.len() > MAX_CONTAINERS {
            return Err(self.engine.error(&format!("it lists more than {MAX_CONTAINERS} containers")));
        }
        let id = |item: &Value| item["Id"].as_str().map(str::to_owned);
        let ids: Option<Vec<String>> = listed.iter().map(id).collect();
        ids.ok_or_else(|| self.engine.error("it lists containers without an id"))
    }

    /// The images of containers by id, each asked for once.
    fn images(&self, containers: &[Inspected]) -> Result<BTreeMap<String, Value>, EngineError> {
        let ids: BTreeSet<String> =
            containers.iter().filter_map(|container| container.image().map(str::to_owned)).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let values = each(&ids, THREADS, |id| self.engine.find_image(id));
        let mut images = BTreeMap::new();
        for (id, value) in ids.into_iter().zip(values) {
            images.insert(id, value?.unwrap_or_default());
        }
        Ok(images)
    }

    /// Everything of one container but its two inspections.
    fn parts(&self, container: &Inspected) -> ContainerParts {
        let (processes, listeners) = match container.pid() {
            None => (Err(ENDED.into()), Err(ENDED.into())),
            Some(pid) => {
                let processes = self.processes(&container.id, pid);
                let known = processes.as_deref().unwrap_or_default();
                let pids: Vec<u32> = known.iter().map(|process| process.pid).collect();
                (processes, self.listeners(container, pid, &pids))
            }
        };
        let files = self.files(container);
        ContainerParts {
            inspect: Value::Null,
            image: Value::Null,
            processes,
            listeners,
            files,
            registry: None,
        }
    }

    fn listeners(&self, container: &Inspected, pid: u32, pids: &[u32]) -> Result<Vec<Listener>, SmolStr> {
        let read = match container.has_network_of_host() {
            true => self.proc.own_listeners(&container.id, pid, pids),
            false => self.proc.listeners(&container.id, pid),
        };
        match read {
            Err(_) if self.allow_exec && !container.has_network_of_host() => {
                inside::listeners(self.engine, &container.id)
            }
            read => read,
        }
    }
}

/// The name of a container, with its `/`.
fn name(inspect: &Value) -> &str {
    inspect["Name"].as_str().unwrap_or_default()
}
