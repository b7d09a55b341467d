//! The images that workloads run, understood from the fleet's own Dockerfiles.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::bases::{FleetBases, lock};
use crate::lower::{BaseAnswer, Bases, BuildQuestion, Image, Images, MissingSources, Request, lower};
use crate::model::{Build, Found, Stage, Unknown};

/// Text of Dockerfiles that is understood again for builds with other arguments, targets or contexts, in bytes.
const MAX_AGAIN: usize = 1 << 20;

/// Dockerfile, context, target and arguments of a build.
type Question = (SmolStr, SmolStr, Option<SmolStr>, Vec<(SmolStr, SmolStr)>);

/// The builds that were asked for: many services of many files build one image.
#[derive(Default)]
pub(super) struct Builds {
    known: HashMap<Question, Result<Image, Unknown>>,
    /// Dockerfiles that were understood.
    met: HashSet<SmolStr>,
    /// Bytes that were understood again.
    again: usize,
}

impl Builds {
    /// Whether one more build of a Dockerfile of some length can be understood.
    fn admits(&mut self, dockerfile: &str, length: usize) -> bool {
        if !self.met.insert(dockerfile.into()) {
            self.again = self.again.saturating_add(length);
        }
        self.again <= MAX_AGAIN
    }
}

impl Images for FleetBases<'_> {
    fn built(&self, question: &BuildQuestion<'_>) -> Result<Image, Unknown> {
        let target = question.target.map(SmolStr::from);
        let key = (question.dockerfile.into(), question.context.into(), target, question.args.to_vec());
        if let Some(known) = lock(self.builds()).known.get(&key) {
            return known.clone();
        }
        let built = self.build_of(question);
        lock(self.builds()).known.insert(key, built.clone());
        built
    }

    fn named(&self, reference: &str) -> Option<Image> {
        let BaseAnswer::Fleet { path, name, container } = self.find(reference, "") else { return None };
        Some(Image { name, dockerfile: path, container: container.ok()?, missing: None })
    }
}

impl FleetBases<'_> {
    fn build_of(&self, question: &BuildQuestion<'_>) -> Result<Image, Unknown> {
        let unread = || Unknown::File(question.dockerfile.into());
        let source = self.files().read(question.dockerfile).ok_or_else(unread)?;
        if !lock(self.builds()).admits(question.dockerfile, source.bytes().len()) {
            return Err(Unknown::TooLarge);
        }
        let mut args = self.build_args().to_vec();
        args.extend_from_slice(question.args);
        let request = Request {
            source: &source,
            files: self.files(),
            bases: self,
            requirements: self.requirements(),
            build_args: &args,
            context: Some(question.context),
            root: self.root(),
        };
        let identity = self.identity(question.dockerfile);
        let build = lower(request, identity.clone());
        let missing = self.missing(request, &build).map(Arc::new);
        let name = build.image_names.first().cloned();
        let stage = stage_of(build, question.target)?;
        Ok(Image {
            name: name.unwrap_or_else(|| question.dockerfile.into()),
            dockerfile: question.dockerfile.into(),
            container: stage.container,
            missing,
        })
    }

    /// What a given context lacks of the sources of a build, and the folder where they are.
    fn missing(&self, request: Request<'_>, build: &Build) -> Option<MissingSources> {
        let sources = missing_sources(build);
        if sources.is_empty() {
            return None;
        }
        let chosen = lower(Request { context: None, ..request }, self.identity(request.source.path()));
        let instead = missing_sources(&chosen).is_empty().then(|| chosen.context.folder.as_str().into());
        Some(MissingSources { sources, instead })
    }
}

/// COPY sources that are certain and not in the context.
fn missing_sources(build: &Build) -> Vec<(SmolStr, crate::source::Place)> {
    let needed = build.stages.iter().filter(|stage| stage.needed);
    let sources = needed.flat_map(|stage| &stage.copies).flat_map(|copy| &copy.sources);
    let missing = sources.filter(|source| matches!(source.found, Found::Missing { .. }));
    missing.map(|source| (source.path.text.clone(), source.place.clone())).collect()
}

/// The stage that a target names; the last one without a target.
fn stage_of(mut build: Build, target: Option<&str>) -> Result<Stage, Unknown> {
    let at = match target {
        None => build.stages.len().checked_sub(1),
        Some(target) => build.stages.iter().position(|stage| {
            stage.name.as_ref().is_some_and(|name| name.value.eq_ignore_ascii_case(target))
        }),
    };
    match at {
        Some(at) => Ok(build.stages.swap_remove(at)),
        None => Err(Unknown::File(target.unwrap_or(build.source.path()).into())),
    }
}
