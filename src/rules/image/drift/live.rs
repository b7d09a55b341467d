//! A running container beside the compose service that starts it, else beside its image; and its image beside its
//! Dockerfile.
//!
//! What another rule finds anyway is left to it: a user that is not the planned one, an init that is not there, a health
//! check that is switched off.

use super::{Drift, Held, Wanted, commands, health, pairs, user};
use crate::finding::Findings;
use crate::model::{Container, DockerHealth, ExpectedContainer, Fact, LiveContainer, MediaKind, User};
use crate::plan::Plan;
use crate::rules::health::healthcheck_planned;
use crate::rules::init::pid1::{Who, who as pid1_of_config};
use crate::rules::live::common::{is_ours, who};
use crate::rules::user::{Verdict, user_planned, user_verdict};

const ANEW: &str = "make the container anew, or change the file to what it should be";

pub(super) fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    let image = container.image.config.as_ref();
    let started = || container.expected.iter().filter(|expected| expected.starts);
    let built = || container.expected.iter().filter(|expected| !expected.starts);
    let is_started = started().next().is_some();
    if !is_started && image.is_none() || !is_ours(container, plan) {
        return false;
    }
    let beside = Beside { live: container, plan };
    let name = who(container, plan);
    if is_started {
        beside.nearest(&container.container, &name, started(), out);
        return true;
    }
    let Some(image) = image else { return false };
    // What Compose started it says in its file, which the call does not name.
    if container.compose_service.is_none() {
        let wanted = Wanted {
            container: image,
            place: &container.place,
            name: format!("its image `{}`", container.image.reference),
            has_lines: false,
            help: "leave out what is given at its start, or change the image",
        };
        beside.compare(&container.container, &name, wanted, out);
    }
    beside.nearest(image, &format!("the image of {name}"), built(), out);
    true
}

struct Beside<'a> {
    live: &'a LiveContainer,
    plan: &'a Plan,
}

impl Beside<'_> {
    /// Compares with the file that it differs from least: several may start or build it in several ways.
    fn nearest<'e>(
        &self,
        held: &Container,
        name: &str,
        all: impl Iterator<Item = &'e ExpectedContainer>,
        out: &mut Findings,
    ) {
        let wanted = |expected: &'e ExpectedContainer| Wanted {
            container: &expected.container,
            place: &expected.place,
            name: expected.by.to_string(),
            has_lines: true,
            help: ANEW,
        };
        let differing = |expected: &'e ExpectedContainer| {
            let mut scratch = Findings::new();
            self.compare(held, name, wanted(expected), &mut scratch);
            scratch.len()
        };
        // Every file costs a comparison, so a call with thousands of them looks at some.
        if let Some(expected) = all.take(MAX_FILES).min_by_key(|expected| differing(expected)) {
            self.compare(held, name, wanted(expected), out);
        }
    }

    fn compare(&self, held: &Container, name: &str, wanted: Wanted<'_>, out: &mut Findings) {
        let held = Held {
            container: held,
            place: &self.live.place,
            media: MediaKind::Docker,
            tree: None,
            name: name.to_owned(),
        };
        let has_lines = wanted.has_lines;
        let (is_user, is_command, is_health) =
            (!self.has_wrong_user(held.container), !self.has_wrong_init(held.container), !self.lacks_health());
        let mut drift = Drift::between(held, wanted, out);
        if is_user {
            user::compare(&mut drift);
        }
        if is_command {
            commands::compare(&mut drift);
        }
        if is_health {
            health::compare(&mut drift);
        }
        // What a container is given over its image is how one image serves many.
        if has_lines {
            pairs::compare_said(&mut drift, |name| self.is_planned_env(name), |name| !self.is_judged_label(name));
        }
    }

    /// `live-user` says it.
    fn has_wrong_user(&self, held: &Container) -> bool {
        let user = match held.user() {
            Fact::Known { value, .. } => value,
            Fact::Absent => User::root(),
            Fact::Unknown { .. } => return false,
        };
        user_planned(self.plan) && matches!(user_verdict(&user, &self.plan.user), Verdict::Wrong)
    }

    /// `live-init` says it.
    fn has_wrong_init(&self, held: &Container) -> bool {
        let init = &self.plan.init;
        let inits: Vec<&str> = init.process.iter().chain(&init.accept).map(|said| said.value.as_str()).collect();
        init.process.is_some()
            && !self.live.init
            && matches!(pid1_of_config(held, &inits), Who::Program(_) | Who::Nothing)
    }

    /// `live-health` says it.
    fn lacks_health(&self) -> bool {
        healthcheck_planned(self.plan) && matches!(self.live.health, DockerHealth::None | DockerHealth::Disabled)
    }

    fn is_planned_env(&self, name: &str) -> bool {
        let of_machine = || self.plan.machines.iter().flat_map(|machine| &machine.values);
        self.plan.env.iter().any(|(known, _)| known == name) || of_machine().any(|(known, _)| known == name)
    }

    /// `health-label` and `labels` judge what the plan says of a label; engines and Compose write their own.
    fn is_judged_label(&self, name: &str) -> bool {
        let labels = &self.plan.labels;
        self.plan.health.label.as_ref().is_some_and(|said| said.value == name)
            || labels.required.iter().any(|said| said.value == name)
            || labels.values.iter().any(|(said, _)| said == name)
            || name.starts_with("com.docker.")
    }
}

/// Files that one container is compared with at most.
const MAX_FILES: usize = 16;
