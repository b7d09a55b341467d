//! What is in a repository, by the program's own reading: Dockerfiles as the images that they make, deployment files as
//! what they start.
//!
//! No plan is needed for that: an image of the repository is known by the path of its Dockerfile.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::service::{Service, of_build};
use crate::collect::DiskFiles;
use crate::fleet::{FleetBases, Member};
use crate::model::{Base, Build, ProbeAction, Workload, WorkloadKind};
use crate::parallel::each;
use crate::plan::{Plan, PlanIndex};
use crate::run::deployments::{self, Deployments};
use crate::run::{CheckRequest, RunError, inputs, judge};
use crate::syntax::image_reference::ImageReference;

use super::count::Count;

/// Dockerfiles that are understood; a starter plan needs no more.
const MAX_DOCKERFILES: usize = 5_000;
/// Deployment files of each kind that are read.
const MAX_DEPLOYMENTS: usize = 2_000;
/// Threads at most.
const MAX_THREADS: usize = 8;

/// What is in a repository.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Dockerfiles there are.
    pub(super) dockerfiles: usize,
    /// Dockerfiles that were not looked at, because there are too many or they cannot be read.
    pub(super) left_out: usize,
    /// Files that may say what runs and were not looked at, because there are too many.
    pub(super) not_read: usize,
    /// What cannot be read, and why: the first of it.
    pub(super) unread: Option<String>,
    /// Images that nothing here builds on, by path.
    pub(super) services: Vec<Service>,
    /// Images that others build on, by path.
    pub(super) bases: Vec<BaseImage>,
    /// Compose projects: the paths of their files.
    pub(super) projects: Vec<Vec<String>>,
    /// Containers of pods.
    pub(super) pods: usize,
    /// Containers of Knative.
    pub(super) knative: usize,
    /// Workflows that build images.
    pub(super) workflows: usize,
    /// Paths that HTTP probes of pods ask.
    pub(super) probes: Count<SmolStr>,
    /// Prefixes under which the repository's own images are named.
    pub(super) registries: Count<String>,
}

/// An image that others of the repository build on.
#[derive(Debug, Clone)]
pub(super) struct BaseImage {
    /// Its name, as others say it.
    pub(super) name: SmolStr,
    /// Path of its Dockerfile.
    pub(super) path: String,
    /// What it is built on: the path of another base, or an external image. `None`: it cannot be told.
    pub(super) from: Option<Result<SmolStr, SmolStr>>,
    /// Images that build on it, each counted once.
    pub(super) children: usize,
}

/// What stays of one Dockerfile.
struct Read {
    service: Service,
    /// The bases of the repository that its stages name: path, name as it is said.
    bases: Vec<(SmolStr, SmolStr)>,
    /// What the final image is built on, as in [`BaseImage::from`].
    from: Option<Result<SmolStr, SmolStr>>,
    /// References of images of the repository.
    own: Vec<SmolStr>,
}

/// Looks at a folder; `files` is the view of the disk for what the caller reads besides.
pub(super) fn look(folder: &Path) -> Result<(Seen, DiskFiles), RunError> {
    let plan = Plan { folder: ".".to_owned(), ..Plan::default() };
    let call = CheckRequest {
        paths: vec![PathBuf::from(".")],
        base: Some(folder.to_owned()),
        ..CheckRequest::default()
    };
    let mut inputs = match inputs::gather(&call, &plan) {
        Ok(inputs) => inputs,
        // A folder without any of it is none that cannot be read: then there are no faults.
        Err(error) => {
            let unread = error.faults.into_iter().next().map(|(_, why)| why);
            return Ok((Seen { unread, ..Seen::default() }, DiskFiles::new(folder, &[])));
        }
    };
    let mut seen = Seen { dockerfiles: inputs.dockerfiles.len(), ..Seen::default() };
    seen.unread = inputs.unread.first().map(|(path, why)| format!("{path} {why}"));
    inputs.dockerfiles.truncate(MAX_DOCKERFILES);
    let deployed = &mut inputs.deployments;
    for list in [&mut deployed.compose, &mut deployed.yaml, &mut deployed.workflows] {
        seen.not_read += list.len().saturating_sub(MAX_DEPLOYMENTS);
        list.truncate(MAX_DEPLOYMENTS);
    }
    let index = PlanIndex::new(&plan);
    let paths = inputs.dockerfile_paths();
    let bases = FleetBases::new(&paths, &plan, &index, &inputs.files, &[], None, ".");
    let scope = judge::Scope {
        plan: &plan,
        rules: &[],
        bases: &bases,
        files: &inputs.files,
        build_args: &[],
        context: None,
        root: ".",
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    let read: Vec<Option<Read>> = each(&inputs.dockerfiles, threads, |file| {
        let source = file.source().ok()?;
        Some(read_build(&judge::understand(&scope, &source, bases.identity(source.path()))))
    });
    let deployed = deployments::all(&scope, &inputs.deployments, &index);
    seen.take_builds(read);
    seen.left_out = seen.dockerfiles - seen.services.len() - seen.bases.len();
    seen.take_deployments(&deployed);
    Ok((seen, inputs.files))
}

fn read_build(build: &Build) -> Read {
    let fleet_base = |base: &Base| match base {
        Base::Fleet { path, name } => Some((path.clone(), name.clone())),
        _ => None,
    };
    let outermost = build.own_stages().last().map(|stage| &stage.from);
    let from = outermost.and_then(|from| match &from.base {
        Base::Fleet { path, .. } => Some(Ok(path.clone())),
        Base::Scratch => Some(Err("scratch".into())),
        _ => from.reference.certain().map(|reference| Err(SmolStr::new(reference))),
    });
    let own = build.stages.iter().filter(|stage| matches!(stage.from.base, Base::Fleet { .. }));
    Read {
        service: of_build(build, &Member::of(build)),
        bases: build.stages.iter().filter_map(|stage| fleet_base(&stage.from.base)).collect(),
        from,
        own: own.filter_map(|stage| stage.from.reference.certain().map(SmolStr::new)).collect(),
    }
}

impl Seen {
    /// Parts what others build on from what nothing builds on.
    fn take_builds(&mut self, read: Vec<Option<Read>>) {
        let read: Vec<Read> = read.into_iter().flatten().collect();
        // How often a base is said by which name, and by how many files.
        let mut names: HashMap<&str, (BTreeMap<&str, usize>, usize)> = HashMap::new();
        for one in &read {
            let mut counted = BTreeSet::new();
            for (path, name) in one.bases.iter().filter(|(path, _)| path.as_str() != one.service.path) {
                let held = names.entry(path).or_default();
                *held.0.entry(name).or_default() += 1;
                held.1 += usize::from(counted.insert(path));
            }
        }
        let mut bases = Vec::new();
        for one in &read {
            let Some((said, children)) = names.get(one.service.path.as_str()) else { continue };
            let most = said.iter().max_by(|one, other| one.1.cmp(other.1).then_with(|| other.0.cmp(one.0)));
            let Some((name, _)) = most else { continue };
            let (path, from) = (one.service.path.clone(), one.from.clone());
            bases.push(BaseImage { name: SmolStr::new(name), path, from, children: *children });
        }
        for one in read {
            one.own.iter().for_each(|reference| self.count_registry(reference));
            if !bases.iter().any(|base| base.path == one.service.path) {
                let base = match one.from {
                    Some(Ok(path)) => Some(path),
                    _ => None,
                };
                self.services.push(Service { base, ..one.service });
            }
        }
        self.bases = bases;
    }

    fn take_deployments(&mut self, deployed: &Deployments) {
        for project in deployed.projects.iter().filter(|project| !project.services.is_empty()) {
            let files = project.files.iter().map(|file| file.source.path().to_owned());
            self.projects.push(files.collect());
        }
        let of_projects = deployed.projects.iter().flat_map(|project| &project.services);
        let objects = deployed.manifests.iter().flat_map(|file| &file.objects);
        let of_pods = objects.filter_map(|object| object.pod.as_ref()).flat_map(|pod| &pod.containers);
        let mut names: HashMap<SmolStr, SmolStr> = HashMap::new();
        for workload in of_projects.chain(of_pods) {
            self.take_workload(workload);
            if let (Some(path), WorkloadKind::Compose) = (&workload.dockerfile, workload.kind) {
                names.entry(path.clone()).or_insert_with(|| workload.name.value.clone());
            }
        }
        for service in &mut self.services {
            if let Some(name) = names.get(service.path.as_str()) {
                service.deployed_as = Some(name.clone());
            }
        }
        for workflow in deployed.workflows.iter().filter(|workflow| !workflow.builds.is_empty()) {
            self.workflows += 1;
            let images = workflow.builds.iter().filter(|build| build.pushes).flat_map(|build| &build.images);
            images.filter_map(|image| image.certain()).for_each(|reference| self.count_registry(reference));
        }
    }

    fn take_workload(&mut self, workload: &Workload) {
        match workload.kind {
            WorkloadKind::Compose => {}
            WorkloadKind::Knative => self.knative += 1,
            WorkloadKind::Pod | WorkloadKind::PodInit => self.pods += 1,
        }
        if workload.dockerfile.is_some() {
            let image = workload.image.as_ref().and_then(|image| image.value.certain());
            image.into_iter().for_each(|reference| self.count_registry(reference));
        }
        let asked = workload.probes.iter().find_map(|probe| match &probe.value.action {
            ProbeAction::Http { path: Some(path), .. } => Some(path.value.clone()),
            _ => None,
        });
        self.probes.add(asked);
    }

    /// The part of a reference before its last name; images of no registry and no folder say nothing.
    fn count_registry(&mut self, reference: &str) {
        let parsed = ImageReference::parse(reference);
        let folder = parsed.repository.rsplit_once('/').map(|(folder, _)| folder);
        let prefix = match (parsed.registry, folder) {
            (Some(registry), Some(folder)) => format!("{registry}/{folder}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => return,
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte);
        if prefix.bytes().all(plain) {
            self.registries.add(Some(prefix));
        }
    }
}
