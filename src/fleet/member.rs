//! What stays of one build when its own rules have run.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use crate::model::{Base, Build, ManifestFile, Port, Project, Role, Spanned, Unknown, Workflow, Workload};
use crate::source::{Place, Span};

/// All builds of one call.
#[derive(Debug, Default)]
pub struct Fleet {
    /// One per Dockerfile, in the order of their paths.
    pub members: Vec<Member>,
    /// The compose projects, in the order of their first files.
    pub projects: Vec<Project>,
    /// Files of Kubernetes objects, in the order of their paths.
    pub manifests: Vec<ManifestFile>,
    /// Paths of deployment files that are templates: what they would make is not known.
    pub templates: Vec<String>,
    /// Workflow files, in the order of their paths.
    pub workflows: Vec<Workflow>,
    /// Chains of bases that come back to themselves: each image with the FROM that names the next, smallest path first.
    pub cycles: Vec<Vec<(SmolStr, Place)>>,
    /// Whether the call looked at the whole fleet (a folder that holds the plan) and not at single files. Only then can
    /// a missing file be told.
    pub whole: bool,
}

/// One build, as far as rules across files ask.
#[derive(Debug)]
pub struct Member {
    /// Display path of the Dockerfile.
    pub path: String,
    /// What it is for.
    pub role: Role,
    /// The planned service, as an index into the plan's rows.
    pub service: Option<usize>,
    /// Names of the image that it builds, best first.
    pub image_names: Vec<SmolStr>,
    /// The final stage's FROM, or the start of the file when there is none.
    pub place: Place,
    /// What the final image is built on, behind stages of the same file.
    pub parent: Option<Parent>,
    /// FROMs that lead to other Dockerfiles of the fleet: the path and the place.
    pub bases: Vec<Spanned<SmolStr>>,
    /// Images with a certain reference that FROMs of needed stages name, those of the fleet included.
    pub froms: Vec<Spanned<SmolStr>>,
    /// Python packages that needed stages install in one exact version wherever they run, each package once.
    pub pins: Vec<Pin>,
    /// Ports that the final image exposes itself.
    pub ports: Vec<Spanned<Result<Port, Unknown>>>,
}

/// A Python package in one exact version.
#[derive(Debug, Clone)]
pub struct Pin {
    /// Its name as PEP 503 normalises it.
    pub name: SmolStr,
    /// The version.
    pub version: SmolStr,
    /// The requirement.
    pub place: Place,
}

/// What an image is built on.
#[derive(Debug, Clone)]
pub struct Parent {
    /// The reference as said, or the name of the fleet's image.
    pub name: SmolStr,
    /// Path of the Dockerfile of the fleet that builds it.
    pub path: Option<SmolStr>,
    /// The FROM.
    pub place: Place,
}

impl Fleet {
    /// The fleet of these members; `cycles` are the paths of Dockerfiles whose bases come back to themselves.
    #[must_use]
    pub fn link(mut members: Vec<Member>, cycles: Vec<Vec<SmolStr>>, whole: bool) -> Self {
        members.sort_by(|one, other| one.path.cmp(&other.path));
        let by_path: HashMap<&str, &Member> =
            members.iter().map(|member| (member.path.as_str(), member)).collect();
        let step = |from: &SmolStr, to: &SmolStr| {
            let member = by_path.get(from.as_str())?;
            let said = member.bases.iter().find(|base| base.value == *to);
            let name = member.image_names.first().unwrap_or(from).clone();
            Some((name, said.map_or(&member.place, |said| &said.place).clone()))
        };
        let cycles = cycles.iter().map(|cycle| {
            let next = cycle.iter().skip(1).chain(cycle.first());
            cycle.iter().zip(next).filter_map(|(from, to)| step(from, to)).collect()
        });
        let cycles = cycles.collect();
        Self { members, cycles, whole, ..Self::default() }
    }

    /// Every container that a deployment file starts: projects first, then manifests.
    pub fn workloads(&self) -> impl Iterator<Item = &Workload> {
        let of_projects = self.projects.iter().flat_map(|project| &project.services);
        let objects = self.manifests.iter().flat_map(|file| &file.objects);
        let of_pods = objects.filter_map(|object| object.pod.as_ref()).flat_map(|pod| &pod.containers);
        of_projects.chain(of_pods)
    }
}

impl Member {
    /// What stays of a build.
    #[must_use]
    pub fn of(build: &Build) -> Self {
        let start = Place::new(&build.source, Span::default());
        let last = build.final_stage();
        let ports = last.map(|stage| stage.layer().ports.clone()).unwrap_or_default();
        let bases = build.stages.iter().filter_map(|stage| match &stage.from.base {
            Base::Fleet { path, .. } => Some(Spanned::new(path.clone(), stage.from.place.clone())),
            _ => None,
        });
        let froms = build.needed_stages().map(|stage| &stage.from);
        let froms =
            froms.filter(|from| !matches!(from.base, Base::Stage(_) | Base::Scratch)).filter_map(|from| {
                Some(Spanned::new(SmolStr::new(from.reference.certain()?), from.reference_place.clone()))
            });
        Self {
            path: build.source.path().to_owned(),
            role: build.role,
            service: build.service,
            image_names: build.image_names.clone(),
            place: last.map_or(start, |stage| stage.from.place.clone()),
            parent: parent(build),
            bases: bases.collect(),
            froms: froms.collect(),
            pins: pins(build),
            ports,
        }
    }
}

/// The pins of a service's or tool's own requirements.
fn pins(build: &Build) -> Vec<Pin> {
    let mut seen = HashSet::new();
    let mut pins = Vec::new();
    for install in build.needed_stages().flat_map(|stage| &stage.pip_installs) {
        for requirement in install.reading().requirements() {
            // A marker says where the line counts, and there may be another one for elsewhere.
            let Some(version) = requirement.pinned.as_ref().filter(|_| requirement.marker.is_none()) else {
                continue;
            };
            if !requirement.name.is_empty() && seen.insert(requirement.name.clone()) {
                let (name, version) = (requirement.name.clone(), version.clone());
                pins.push(Pin { name, version, place: requirement.place.clone() });
            }
        }
    }
    pins
}

/// Walks the stages of the file from the last one down to the image that is no stage.
fn parent(build: &Build) -> Option<Parent> {
    let mut stage = build.final_stage()?;
    while let Base::Stage(index) = stage.from.base {
        stage = build.stages.get(index)?;
    }
    let (name, path) = match &stage.from.base {
        Base::Fleet { path, name } => (name.clone(), Some(path.clone())),
        Base::Scratch => ("scratch".into(), None),
        _ => (stage.from.reference.text.clone(), None),
    };
    Some(Parent { name, path, place: stage.from.place.clone() })
}
