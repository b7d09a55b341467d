//! The health check in force, and which containers the plan wants one of.

use crate::model::{Build, Entry, Fact, Healthcheck, Origin, Role, Stage};
use crate::plan::Plan;
use crate::rules::common::{narrow, started};

/// A health check that is in force and runs something.
pub(super) struct Watch<'b> {
    /// The final stage.
    pub(super) stage: &'b Stage,
    /// What is said.
    pub(super) health: &'b Healthcheck,
    /// Who says it.
    pub(super) origin: Origin,
    /// Its instruction, when this file holds it.
    pub(super) entry: Option<&'b Entry>,
}

/// The health check of the container that a build makes, unless it is missing or switched off.
pub(super) fn watch(build: &Build) -> Option<Watch<'_>> {
    // Most images have none, and that is quickly seen.
    let Fact::Known { value: health, origin } = build.final_stage()?.container.healthcheck() else {
        return None;
    };
    health.command.as_ref()?;
    let stage = started(build)?;
    let mut entries = build.stages.iter().flat_map(|stage| &stage.entries);
    let entry = entries.find(|entry| entry.keyword == "HEALTHCHECK" && entry.place == *origin.place());
    Some(Watch { stage, health, origin, entry })
}

impl Watch<'_> {
    /// Where a text of the command stands; of an inherited health check, the way to it.
    pub(super) fn in_command(&self, text: &str) -> Origin {
        match self.entry {
            Some(entry) => Origin::here(&narrow(&entry.argument, text), "set here"),
            None => self.origin.clone(),
        }
    }

    /// Where a text of the whole instruction stands.
    pub(super) fn in_instruction(&self, text: &str) -> Origin {
        match self.entry {
            Some(entry) => Origin::here(&narrow(&entry.place, text), "set here"),
            None => self.origin.clone(),
        }
    }

    /// The command as one line, for messages.
    pub(super) fn command(&self) -> String {
        let words = self.health.command.as_ref().map(|command| command.words.join(" ")).unwrap_or_default();
        match words.char_indices().nth(60) {
            Some((at, _)) => format!("{}…", &words[..at]),
            None => words,
        }
    }
}

/// The final stage, when the plan wants its container watched: every planned service, and of the other images those that
/// listen on a port (or all of them, when the plan names no service).
pub(super) fn watched<'b>(build: &'b Build, plan: &Plan) -> Option<&'b Stage> {
    let stage = started(build)?;
    let listens = || stage.container.ports().next().is_some();
    (build.role == Role::Service || plan.services.is_empty() || listens()).then_some(stage)
}
