//! The variables that a project's values may name: those of the call and of `.env`, never those of the process.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::dotenv::{self, DotenvError, Variables};
use super::problems::Problems;
use crate::model::ProjectProblemKind;
use crate::source::{Place, Source, Span};

/// Variables with values.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    values: HashMap<SmolStr, SmolStr>,
}

impl Environment {
    /// The given variables.
    pub(super) fn new(given: &[(SmolStr, SmolStr)]) -> Self {
        Self { values: given.iter().cloned().collect() }
    }

    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(SmolStr::as_str)
    }

    /// Sets a name that has no value yet.
    pub(super) fn default(&mut self, name: &str, value: &str) {
        self.values.entry(name.into()).or_insert_with(|| value.into());
    }

    /// Adds what an env file says; what is known already stays.
    pub(super) fn load(&mut self, source: &Arc<Source>, problems: &mut Problems, budget: &mut usize) {
        if let Some(found) = read(source, self, problems, budget) {
            for variable in found.iter() {
                self.values.entry(variable.name.clone()).or_insert_with(|| variable.value.clone());
            }
        }
    }
}

/// The variables of an env file; what is wrong with it is a problem.
pub(super) fn read(
    source: &Arc<Source>,
    surroundings: &Environment,
    problems: &mut Problems,
    budget: &mut usize,
) -> Option<Variables> {
    let outside = |name: &str| surroundings.get(name).map(SmolStr::new);
    let text = String::from_utf8_lossy(source.bytes());
    told(source, dotenv::parse(&text, &outside, budget), problems)
}

/// The variables of an env file whose values stand as they are.
pub(super) fn read_raw(
    source: &Arc<Source>,
    surroundings: &Environment,
    problems: &mut Problems,
) -> Option<Variables> {
    let outside = |name: &str| surroundings.get(name).map(SmolStr::new);
    let text = String::from_utf8_lossy(source.bytes());
    told(source, dotenv::parse_raw(&text, &outside), problems)
}

fn told(
    source: &Arc<Source>,
    read: Result<Variables, DotenvError>,
    problems: &mut Problems,
) -> Option<Variables> {
    match read {
        Ok(found) => Some(found),
        Err(error) => {
            let place = line(source, error.line as u32);
            problems.add(ProjectProblemKind::Interpolation, &place, error.message, None);
            None
        }
    }
}

/// A line of a file, without blanks at its end.
pub(super) fn line(source: &Arc<Source>, line: u32) -> Place {
    let span = source.lines().span_of(line, source.bytes());
    let length = source.slice(span).trim_ascii_end().len() as u32;
    Place::new(source, Span::new(span.start, span.start + length))
}
