//! Calls of `validate-fleet` in process: what is asked, and what is left out.

use std::path::PathBuf;
use std::sync::Mutex;

use plimsoll::live::{ContainerParts, FleetSource, Judge, Question};
use plimsoll::run::{CheckRequest, FleetRequest, Outcome, PlanChoice, RunError, validate_fleet};

use super::played_fleet::Played;
use super::{folder, write};

/// Plays, and remembers what it was asked.
pub(crate) struct Asked {
    played: Played,
    questions: Mutex<Vec<Vec<String>>>,
}

impl Asked {
    /// Of answers and containers by name.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let files: Vec<(String, String)> =
            files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self { played: Played::of(&files), questions: Mutex::default() }
    }

    /// The addresses of every question.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.questions.lock().unwrap().iter().map(|urls| urls.join(" | ")).collect()
    }
}

impl FleetSource for Asked {
    fn ask(&self, questions: &[Question], judge: &mut dyn Judge) {
        let urls = questions.iter().map(|it| it.urls.iter().map(ToString::to_string).collect());
        self.questions.lock().unwrap().extend(urls);
        self.played.ask(questions, judge);
    }

    fn containers(&self) -> Result<Option<Vec<ContainerParts>>, (String, Option<String>)> {
        self.played.containers()
    }
}

/// A call against a plan in a folder of its own.
pub(crate) struct Call {
    folder: PathBuf,
    pub(crate) request: FleetRequest,
}

impl Call {
    /// A plan in a folder of this name.
    pub(crate) fn new(name: &str, plan: &str) -> Self {
        let folder = folder(&format!("live-targets-{name}"));
        write(&folder.join("plimsoll.toml"), plan);
        let choice = PlanChoice { file: Some(folder.join("plimsoll.toml")), pack: None };
        let check = CheckRequest { plan: choice, ..CheckRequest::default() };
        Self { folder, request: FleetRequest { check, ..FleetRequest::default() } }
    }

    /// With a file of the repository.
    pub(crate) fn file(mut self, name: &str, text: &str) -> Self {
        write(&self.folder.join(name), text);
        self.request.paths.push(self.folder.join(name));
        self
    }

    /// With another request.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut FleetRequest)) -> Self {
        change(&mut self.request);
        self
    }

    /// Asks a fleet.
    pub(crate) fn run(&self, source: &dyn FleetSource) -> Result<Outcome, RunError> {
        validate_fleet(&self.request, source, &|_| {})
    }

    /// The addresses that are asked, and what is left out.
    pub(crate) fn asked(&self, files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let source = Asked::new(files);
        let outcome = self.run(&source).unwrap_or_else(|error| panic!("{error:?}"));
        let left_out =
            outcome.checked.not_checked.iter().map(|(what, why)| format!("{}: {why}", short(what)));
        (source.urls(), left_out.collect())
    }

    /// Why there is nothing to report.
    pub(crate) fn error(&self) -> RunError {
        self.run(&Asked::new(&[])).unwrap_err()
    }
}

/// The last part of a path.
pub(crate) fn short(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A container as [`Played`] takes it.
pub(crate) fn of_engine(name: &str, value: &serde_json::Value) -> (String, String) {
    (format!("{name}.container.json"), value.to_string())
}
