//! The health check in force, and which containers the plan wants one of.

use smol_str::SmolStr;

use crate::model::{
    Build, BuiltImage, Container, Entry, Fact, Healthcheck, Origin, Probe, Role, Stage, Workload,
};
use crate::plan::Plan;
use crate::rules::common::{narrow, started};
use crate::rules::deployed::is_compose;
use crate::rules::images::is_started;
use crate::source::Place;

/// A health check that is in force and runs something.
pub(super) struct Watch<'b> {
    /// What it watches.
    pub(super) container: &'b Container,
    /// How reports name that: the final stage, the service of a compose file.
    pub(super) label: SmolStr,
    /// What is said.
    pub(super) health: &'b Healthcheck,
    /// What the command asks, with the variables that the container has in the end.
    pub(super) probes: &'b [Probe],
    /// Who says it.
    pub(super) origin: Origin,
    /// Its instruction, when this file holds it.
    pub(super) entry: Option<&'b Entry>,
    /// Its command in a compose file or in the config of an image.
    pub(super) test: Option<Place>,
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
    let (container, label, probes) = (&stage.container, stage.label(), stage.probes.as_slice());
    Some(Watch { container, label, health, probes, origin, entry, test: None })
}

/// The health check that a compose service gives its container; what the image says is judged at its Dockerfile.
pub(super) fn watch_service(workload: &Workload) -> Option<Watch<'_>> {
    let said = workload.overlay().healthcheck.as_ref().filter(|_| is_compose(workload))?;
    let health = &said.value;
    health.command.as_ref()?;
    let test = workload.tree.at(&["healthcheck", "test"]).map_or(&said.place, |test| &test.place);
    Some(Watch {
        container: &workload.container,
        label: workload.subject.clone(),
        health,
        probes: &health.probes,
        origin: Origin::here(&said.place, "set here"),
        entry: None,
        test: Some(test.clone()),
    })
}

/// The health check of a built image, unless it is missing or switched off.
pub(super) fn watch_image(image: &BuiltImage) -> Option<Watch<'_>> {
    let Fact::Known { value: health, origin } = image.container.healthcheck() else { return None };
    health.command.as_ref()?;
    let test = image.tree.at(&["image", "config", "Healthcheck", "Test"]).map(|test| test.place.clone());
    let (container, label, probes) = (&image.container, image.subject.clone(), health.probes.as_slice());
    is_started(image).then_some(Watch { container, label, health, probes, origin, entry: None, test })
}

impl Watch<'_> {
    /// Where a text of the command stands; of an inherited health check, the way to it.
    pub(super) fn in_command(&self, text: &str) -> Origin {
        let command = self.entry.map(|entry| &entry.argument).or(self.test.as_ref());
        match command {
            Some(place) => Origin::here(&narrow(place, text), "set here"),
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

    /// The command as it is written in this file.
    pub(super) fn written(&self) -> String {
        let command = self.entry.map(|entry| &entry.argument).or(self.test.as_ref());
        command.map(|place| place.text().into_owned()).unwrap_or_default()
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
