//! The images of a call are read at once, and each finds its row in the plan.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use smol_str::SmolStr;

use super::turns::Turns;
use crate::fleet::{ImageRow, row_of_image, row_of_reference};
use crate::image::{ImageError, ImageName, LayerMemory, ReadOptions, read};
use crate::model::BuiltImage;
use crate::plan::{Plan, PlanIndex};
use crate::run::{ImageSources, Progress, RunError};

/// An image that a call names.
pub(in crate::run) struct Wanted {
    pub(super) name: ImageName,
    /// The planned service that it belongs to; else its name tells.
    pub(super) service: Option<usize>,
    pub(super) is_candidate: bool,
}

/// A name of the command line.
///
/// # Errors
/// When it is no name of an image.
pub(super) fn named(text: &str) -> Result<ImageName, RunError> {
    ImageName::parse(text).map_err(|error| RunError {
        help: error.help,
        ..RunError::new(format!("`{text}`: {}", error.message))
    })
}

/// How the images of one call are read.
pub(super) struct Reading<'a> {
    sources: &'a ImageSources,
    pub(super) plan: &'a Plan,
    index: &'a PlanIndex,
    pub(super) progress: Progress<'a>,
    /// One for all requests of the call, whose time begins with it.
    #[cfg(feature = "registry")]
    pub(super) client: Option<crate::registry::Client>,
}

/// The images of one name.
type OfName = Result<Vec<BuiltImage>, ImageError>;
/// Images that were read and found their rows, and what could not be read, with the reason.
type All = (Vec<BuiltImage>, Vec<(String, String)>);

impl<'a> Reading<'a> {
    /// Nothing is read or asked yet.
    pub(super) fn new(
        sources: &'a ImageSources,
        plan: &'a Plan,
        index: &'a PlanIndex,
        progress: Progress<'a>,
    ) -> Self {
        Self {
            sources,
            plan,
            index,
            progress,
            #[cfg(feature = "registry")]
            client: sources.registry.clone().map(crate::registry::Client::new),
        }
    }

    /// Reads the images; both lists are in the order of the names.
    pub(super) fn read(&self, wanted: &[Wanted]) -> All {
        let (mut images, mut unread) = (Vec::new(), Vec::new());
        for (wanted, result) in wanted.iter().zip(self.each(wanted)) {
            match result {
                Ok(found) => images.extend(found.into_iter().map(|image| self.identified(image, wanted))),
                Err(error) => unread.push((wanted.name.text().to_owned(), explained(error))),
            }
        }
        (images, unread)
    }

    /// Says which row or image of the hierarchy an image is.
    fn identified(&self, mut image: BuiltImage, wanted: &Wanted) -> BuiltImage {
        let mut row = row_of_image(&image, self.index);
        if row == ImageRow::default()
            && let Some(stem) = wanted.name.stem()
        {
            row = row_of_reference(stem, self.index);
        }
        image.hierarchy = row.hierarchy.filter(|_| wanted.service.is_none());
        image.service = wanted.service.or(row.service);
        image.is_candidate = wanted.is_candidate;
        image
    }

    fn each(&self, wanted: &[Wanted]) -> Vec<OfName> {
        let paths = wanted_paths(self.plan);
        let options = ReadOptions {
            platform: self.sources.platform.clone(),
            layers: self.sources.layers,
            wanted: &paths,
            memory: LayerMemory::default(),
            #[cfg(feature = "registry")]
            registry: self.client.as_ref(),
        };
        let done: Mutex<Vec<(usize, OfName)>> = Mutex::default();
        let hosts = wanted.iter().map(|wanted| wanted.name.host());
        let turns = Turns::new(hosts, self.sources.jobs.map(NonZeroUsize::get));
        let work = || {
            while let Some(turn) = turns.next() {
                let name = &wanted[turn.at].name;
                let result = read(name, &options);
                let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                done.push((turn.at, result));
                (self.progress)(done.len(), wanted.len(), name.text());
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..turns.threads() {
                scope.spawn(work);
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

fn explained(error: ImageError) -> String {
    match error.help {
        Some(help) => format!("{}. {help}", error.message),
        None => error.message,
    }
}

/// Paths that rules ask images for, from the plan.
fn wanted_paths(plan: &Plan) -> Vec<SmolStr> {
    let init = plan.init.process.iter().chain(&plan.init.accept).map(|said| said.value.clone());
    init.filter(|path| path.starts_with('/')).collect()
}
