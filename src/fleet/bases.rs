//! Which Dockerfile of the fleet builds an image that another one is based on, and what that image's config is.
//!
//! A base is understood when somebody asks for it, once, and its bases before it: an explicit stack instead of recursion,
//! because a fleet may chain thousands of files. Only the effective config is kept, not the build.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smol_str::SmolStr;

use super::built::ImageRow;
use super::images::Builds;
use super::present::Contexts;
use crate::lower::{BaseAnswer, Bases, Files, Identity, Request, RequirementsCache, lower, references};
use crate::model::{BuildContext, Container, Present, Role, Unknown};
use crate::plan::{Plan, PlanIndex, normalise};
use crate::source::Source;
use crate::syntax::image_reference::ImageReference;

/// The images that the fleet's own Dockerfiles build, by name.
pub struct FleetBases<'a> {
    plan: &'a Plan,
    index: &'a PlanIndex,
    files: &'a dyn Files,
    requirements: RequirementsCache,
    contexts: Contexts,
    build_args: &'a [(SmolStr, SmolStr)],
    context: Option<&'a str>,
    root: &'a str,
    paths: Vec<SmolStr>,
    /// Hierarchy image → the best of its Dockerfiles: plain names first, then by path.
    by_image: HashMap<usize, usize>,
    /// Normalised folder or service name → the best of its Dockerfiles.
    by_name: HashMap<String, usize>,
    done: Mutex<HashMap<usize, Result<Container, Unknown>>>,
    builds: Mutex<Builds>,
    cycles: Mutex<Vec<Vec<usize>>>,
    /// Held while a chain is understood, so that two threads do not understand it twice.
    building: Mutex<()>,
}

impl<'a> FleetBases<'a> {
    /// Indexes the Dockerfiles of the call by what their paths say.
    #[must_use]
    pub fn new(
        paths: &[SmolStr],
        plan: &'a Plan,
        index: &'a PlanIndex,
        files: &'a dyn Files,
        build_args: &'a [(SmolStr, SmolStr)],
        context: Option<&'a str>,
        root: &'a str,
    ) -> Self {
        let mut by_image = HashMap::new();
        let mut by_name = HashMap::with_capacity(paths.len());
        let rank = |at: usize| (!is_plain(&paths[at]), &paths[at]);
        let better = |held: &mut usize, at: usize| {
            if rank(at) < rank(*held) {
                *held = at;
            }
        };
        for (at, path) in paths.iter().enumerate() {
            if let Some(image) = index.hierarchy_of(path) {
                better(by_image.entry(image).or_insert(at), at);
            }
            for name in own_names(path, plan, index) {
                better(by_name.entry(normalise(name)).or_insert(at), at);
            }
        }
        Self {
            plan,
            index,
            files,
            requirements: RequirementsCache::default(),
            contexts: Contexts::default(),
            build_args,
            context,
            root,
            paths: paths.to_vec(),
            by_image,
            by_name,
            done: Mutex::default(),
            builds: Mutex::default(),
            cycles: Mutex::default(),
            building: Mutex::default(),
        }
    }

    /// The Dockerfile that builds an image reference, and the name it was found by.
    #[must_use]
    pub fn path_of(&self, reference: &str, from_path: &str) -> Option<(usize, SmolStr)> {
        if let Some(image) = self.index.image_of_reference(reference)
            && let Some(at) = self.by_image.get(&image)
        {
            return Some((*at, self.plan.images.hierarchy[image].name.value.clone()));
        }
        let name = ImageReference::parse(reference).name();
        let at = *self.by_name.get(&normalise(name))?;
        if !self.may_be_own(reference) {
            return None;
        }
        // `web/Dockerfile` saying `FROM example/web` extends an older image of itself.
        (self.paths[at] != from_path).then(|| (at, name.into()))
    }

    /// The Dockerfile that builds an image whose row or name is known: that of the planned service, of the image of the
    /// hierarchy, or the one named like the last part of the repository, whatever its registry.
    #[must_use]
    pub fn of_image(&self, row: ImageRow, reference: Option<&str>) -> Option<usize> {
        let is_of = |at: &usize, service| self.index.service_of(&self.paths[*at]) == Some(service);
        let of_service = row.service.and_then(|service| {
            let all = (0..self.paths.len()).filter(|at| is_of(at, service));
            all.min_by_key(|at| (!is_plain(&self.paths[*at]), &self.paths[*at]))
        });
        let of_hierarchy = || self.by_image.get(&row.hierarchy?).copied();
        let named = || self.by_name.get(&normalise(ImageReference::parse(reference?).name())).copied();
        of_service.or_else(of_hierarchy).or_else(named)
    }

    /// The display path of a Dockerfile.
    #[must_use]
    pub fn path(&self, at: usize) -> &SmolStr {
        &self.paths[at]
    }

    /// How many Dockerfiles there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.paths.len()
    }

    /// What the last stage of a Dockerfile makes.
    ///
    /// # Errors
    /// It cannot be read, has no stage, or its bases come back to itself.
    pub fn container(&self, at: usize) -> Result<Container, Unknown> {
        if !lock(&self.done).contains_key(&at) {
            self.build(at);
        }
        lock(&self.done).get(&at).cloned().unwrap_or(Err(Unknown::Cycle))
    }

    /// Whether a reference can name an image of the fleet that no hierarchy lists: it carries the plan's registry, or,
    /// when the plan has none, no public image is known by it.
    fn may_be_own(&self, reference: &str) -> bool {
        let carries_registry = match &self.plan.images.registry {
            Some(registry) => {
                let rest = reference.strip_prefix(registry.value.as_str());
                rest.is_some_and(|rest| rest.starts_with('/')) || is_bare(reference)
            }
            None => true,
        };
        carries_registry && !crate::lower::is_well_known(reference)
    }

    /// Chains that come back to themselves, each as paths, the smallest first.
    #[must_use]
    pub fn cycles(&self) -> Vec<Vec<SmolStr>> {
        let mut cycles: Vec<Vec<SmolStr>> = lock(&self.cycles)
            .iter()
            .map(|cycle| cycle.iter().map(|at| self.paths[*at].clone()).collect())
            .collect();
        cycles.sort();
        cycles.dedup();
        cycles
    }

    /// Builds that deployment files ask for.
    pub(super) fn builds(&self) -> &Mutex<Builds> {
        &self.builds
    }

    /// Files of the call.
    pub(super) fn files(&self) -> &dyn Files {
        self.files
    }

    /// `--build-arg` values.
    pub(super) fn build_args(&self) -> &[(SmolStr, SmolStr)] {
        self.build_args
    }

    /// The topmost folder in which build contexts are looked for.
    pub(super) fn root(&self) -> &str {
        self.root
    }

    /// Requirement files read so far.
    #[must_use]
    pub fn requirements(&self) -> &RequirementsCache {
        &self.requirements
    }

    /// What a build's context holds of what the plan wants left out.
    #[must_use]
    pub fn present(&self, context: &BuildContext) -> Arc<Vec<Present>> {
        self.contexts.present(context, self.plan, self.files)
    }

    /// What the plan and the path say of a Dockerfile.
    #[must_use]
    pub fn identity(&self, path: &str) -> Identity {
        identity(path, self.plan, self.index)
    }

    fn source(&self, at: usize) -> Option<Arc<Source>> {
        self.files.read(&self.paths[at])
    }

    /// Understands a file and everything it is built on.
    fn build(&self, target: usize) {
        let _turn = lock(&self.building);
        let mut stack = vec![target];
        let mut seen = vec![target];
        while let Some(at) = stack.last().copied() {
            if lock(&self.done).contains_key(&at) {
                stack.pop();
                continue;
            }
            let Some(source) = self.source(at) else {
                let why = Unknown::File(self.paths[at].clone());
                lock(&self.done).insert(at, Err(why));
                continue;
            };
            let next = references(&source, self.build_args)
                .iter()
                .filter_map(|reference| self.path_of(reference, &self.paths[at]))
                .map(|(next, _)| next)
                .find(|next| {
                    if lock(&self.done).contains_key(next) {
                        return false;
                    }
                    if stack.contains(next) {
                        self.note_cycle(&stack, *next);
                        return false;
                    }
                    !seen.contains(next)
                });
            if let Some(next) = next {
                stack.push(next);
                seen.push(next);
                continue;
            }
            let container = self.effective(at, &source);
            lock(&self.done).insert(at, container);
        }
    }

    fn note_cycle(&self, stack: &[usize], back_to: usize) {
        let start = stack.iter().position(|at| *at == back_to).unwrap_or(0);
        let mut cycle = stack[start..].to_vec();
        let smallest = (0..cycle.len()).min_by_key(|at| &self.paths[cycle[*at]]).unwrap_or(0);
        cycle.rotate_left(smallest);
        lock(&self.cycles).push(cycle);
    }

    fn effective(&self, at: usize, source: &Arc<Source>) -> Result<Container, Unknown> {
        let request = Request {
            source,
            files: self.files,
            bases: &Understood(self),
            requirements: &self.requirements,
            build_args: self.build_args,
            context: self.context,
            root: self.root,
        };
        let mut build = lower(request, self.identity(&self.paths[at]));
        match build.stages.pop() {
            Some(stage) => Ok(stage.container),
            None => Err(Unknown::Base(self.paths[at].clone())),
        }
    }
}

impl Bases for FleetBases<'_> {
    fn find(&self, reference: &str, from_path: &str) -> BaseAnswer {
        let Some((at, name)) = self.path_of(reference, from_path) else { return BaseAnswer::Elsewhere };
        if !lock(&self.done).contains_key(&at) {
            self.build(at);
        }
        Understood(self).answer(at, name)
    }
}

/// The bases that are understood already; what is not is part of a cycle.
struct Understood<'b>(&'b FleetBases<'b>);

impl Understood<'_> {
    fn answer(&self, at: usize, name: SmolStr) -> BaseAnswer {
        let container = lock(&self.0.done).get(&at).cloned().unwrap_or(Err(Unknown::Cycle));
        BaseAnswer::Fleet { path: self.0.paths[at].clone(), name, container }
    }
}

impl Bases for Understood<'_> {
    fn find(&self, reference: &str, from_path: &str) -> BaseAnswer {
        match self.0.path_of(reference, from_path) {
            Some((at, name)) => self.answer(at, name),
            None => BaseAnswer::Elsewhere,
        }
    }
}

/// A poisoned lock means that another thread panicked; its data are still whole, because every insert is one step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the plan and the path say of a Dockerfile.
#[must_use]
pub fn identity(path: &str, plan: &Plan, index: &PlanIndex) -> Identity {
    let image = index.hierarchy_of(path);
    let service = index.service_of(path);
    let role = match (image, service) {
        (Some(_), _) => Role::Base,
        (None, Some(_)) => Role::Service,
        (None, None) => Role::Other,
    };
    let mut image_names: Vec<SmolStr> =
        image.map(|image| plan.images.hierarchy[image].name.value.clone()).into_iter().collect();
    image_names.extend(own_names(path, plan, index).map(SmolStr::new));
    image_names.dedup();
    Identity { role, image_names, service }
}

/// Names of the image that a Dockerfile builds, beside the hierarchy's: its service, its folder, its suffix or prefix.
fn own_names<'a>(path: &'a str, plan: &'a Plan, index: &PlanIndex) -> impl Iterator<Item = &'a str> {
    let service = index.service_of(path).map(|service| plan.services[service].name.value.as_str());
    let said = said_by_path(path).filter(|said| Some(*said) != service);
    service.into_iter().chain(said)
}

/// The folder of a plain Dockerfile; of any other its suffix or prefix.
fn said_by_path(path: &str) -> Option<&str> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    if is_dockerfile(file) {
        return folder.rsplit('/').next().filter(|folder| !folder.is_empty());
    }
    let (first, last) = file.split_once('.')?;
    match (is_dockerfile(first), is_dockerfile(last)) {
        (true, _) => Some(last),
        (false, true) => Some(first),
        (false, false) => None,
    }
}

fn is_dockerfile(name: &str) -> bool {
    name.eq_ignore_ascii_case("dockerfile") || name.eq_ignore_ascii_case("containerfile")
}

fn is_plain(path: &str) -> bool {
    is_dockerfile(path.rsplit('/').next().unwrap_or(path))
}

fn is_bare(reference: &str) -> bool {
    !reference.contains('/')
}
