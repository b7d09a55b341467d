//! A fleet that is reached over the network, and an engine on a socket.

use std::path::PathBuf;

use super::{ContainerParts, FleetSource, Judge, ProbeOptions, Question};

/// What asks real endpoints and, when there is a socket, a real engine.
#[derive(Debug, Clone, Default)]
pub struct NetworkSource {
    /// How endpoints are asked.
    pub probe: ProbeOptions,
    /// The socket of the engine; `None`: none is asked.
    pub engine: Option<PathBuf>,
    /// Whether programs may be started in containers, for what nothing else tells.
    pub allow_exec: bool,
}

impl FleetSource for NetworkSource {
    fn ask(&self, questions: &[Question], judge: &mut dyn Judge) {
        super::probe::ask(questions, &self.probe, judge);
    }

    fn containers(&self) -> Result<Option<Vec<ContainerParts>>, (String, Option<String>)> {
        match &self.engine {
            Some(socket) => super::containers::read(socket, self).map(Some),
            None => Ok(None),
        }
    }
}
