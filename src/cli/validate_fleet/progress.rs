//! What a terminal shows while a fleet is asked: one line, or with `--watch` a line for each service. Nothing elsewhere.

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::output::visible;
use crate::run::FleetStep;

/// Time between two pictures: faster ones flicker and cost more than the questions.
const PAUSE: Duration = Duration::from_millis(100);
/// Services that are shown at once, so that the picture fits on a terminal.
const MAX_LINES: usize = 18;
/// Characters of a service's name.
const MAX_NAME: usize = 40;

/// Hears steps and shows them.
pub(super) struct Progress {
    watch: bool,
    is_terminal: bool,
    state: Mutex<State>,
}

/// What was heard so far.
#[derive(Default)]
struct State {
    head: String,
    services: Vec<Service>,
    index: HashMap<String, usize>,
    /// Lines of the last picture.
    drawn: usize,
    at: Option<Instant>,
}

/// What one service answered so far: of each address the last answer.
struct Service {
    name: String,
    answers: HashMap<String, bool>,
    good: usize,
}

impl Progress {
    /// Nothing is shown yet.
    pub(super) fn new(watch: bool) -> Self {
        Self { watch, is_terminal: io::stderr().is_terminal(), state: Mutex::default() }
    }

    /// Shows a step, when the last one is long enough ago.
    pub(super) fn hear(&self, step: FleetStep<'_>) {
        if !self.is_terminal {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = state.hear(step, self.watch);
        if !is_last && state.at.is_some_and(|at| at.elapsed() < PAUSE) {
            return;
        }
        state.at = Some(Instant::now());
        let lines = state.picture();
        let above = std::mem::replace(&mut state.drawn, lines.len().saturating_sub(1));
        let up = if above > 0 { format!("\x1b[{above}A") } else { String::new() };
        let mut out = io::stderr().lock();
        // A terminal that went away misses nothing.
        let _ = write!(out, "{up}\r\x1b[J{}", lines.join("\n"));
        let _ = out.flush();
    }

    /// Takes everything away.
    pub(super) fn clear(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_terminal && state.at.is_some() {
            let up = if state.drawn > 0 { format!("\x1b[{}A", state.drawn) } else { String::new() };
            let mut out = io::stderr().lock();
            let _ = write!(out, "{up}\r\x1b[J");
            let _ = out.flush();
        }
    }
}

impl State {
    /// Takes a step in; says whether it is the last one of its kind.
    fn hear(&mut self, step: FleetStep<'_>, watch: bool) -> bool {
        match step {
            FleetStep::Containers { ready, all } => {
                self.head = format!("waiting for containers: {ready} of {all} services have started");
                ready == all
            }
            FleetStep::Answer { done, all, service, url, good, last } => {
                self.head = format!("asked {done} of {all} endpoints: {}", short(service));
                if watch {
                    self.answer(service, url, good);
                }
                last && done == all
            }
        }
    }

    fn answer(&mut self, name: &str, url: &str, good: bool) {
        let at = *self.index.entry(name.to_owned()).or_insert(self.services.len());
        if at == self.services.len() {
            self.services.push(Service { name: name.to_owned(), answers: HashMap::new(), good: 0 });
        }
        let service = &mut self.services[at];
        let before = service.answers.insert(url.to_owned(), good);
        service.good -= usize::from(before == Some(true));
        service.good += usize::from(good);
    }

    /// The lines to show: services that are not good first.
    fn picture(&self) -> Vec<String> {
        let mut lines = vec![self.head.clone()];
        let is_good = |service: &&Service| service.good == service.answers.len();
        let bad = self.services.iter().filter(|service| !is_good(service));
        let shown = bad.chain(self.services.iter().filter(is_good)).take(MAX_LINES);
        let width = self.services.iter().map(|it| short(&it.name).chars().count()).max().unwrap_or(0);
        lines.extend(shown.map(|service| {
            let word = if is_good(&service) { "ok  " } else { "wait" };
            format!("  {word}  {:width$}  {}/{}", short(&service.name), service.good, service.answers.len())
        }));
        let more = self.services.len().saturating_sub(MAX_LINES);
        if more > 0 {
            lines.push(format!("  … and {more} more services"));
        }
        lines
    }
}

fn short(name: &str) -> String {
    visible(name).chars().take(MAX_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer<'a>(done: usize, service: &'a str, url: &'a str, good: bool) -> FleetStep<'a> {
        FleetStep::Answer { done, all: 2, service, url, good, last: true }
    }

    #[test]
    fn services_that_are_not_good_come_first_and_the_last_answer_counts() {
        let mut state = State::default();
        state.hear(answer(1, "web", "http://a/health", true), true);
        state.hear(answer(1, "a\u{1b}[31mb", "http://b/health", false), true);
        assert_eq!(
            state.picture(),
            [
                "asked 1 of 2 endpoints: a\\u{1b}[31mb",
                "  wait  a\\u{1b}[31mb  0/1",
                "  ok    web           1/1"
            ]
        );
        assert!(state.hear(answer(2, "a\u{1b}[31mb", "http://b/health", true), true));
        assert_eq!(state.picture()[1], "  ok    web           1/1");
    }

    #[test]
    fn a_picture_fits_on_a_terminal() {
        let mut state = State::default();
        for at in 0..100 {
            state.answer(&format!("service-{at}"), "http://x/", at > 50);
        }
        let lines = state.picture();
        assert_eq!(lines.len(), MAX_LINES + 2);
        assert_eq!(lines.last().unwrap(), "  … and 82 more services");
        state.hear(FleetStep::Containers { ready: 1, all: 3 }, false);
        assert_eq!(state.picture()[0], "waiting for containers: 1 of 3 services have started");
    }
}
