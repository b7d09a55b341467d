//! Which files make each service: its Dockerfile and the containers that deployment files start of it.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::fleet::Fleet;
use crate::model::{ImageSet, Role, Workload};
use crate::plan::{Plan, normalise};
use crate::report::{Service, Subject, SubjectKind};

/// The services of a fleet that is deployed somewhere, planned rows first, then by name. Empty without deployments:
/// then the Dockerfiles are the report's files already.
pub(super) fn of(fleet: &Fleet, plan: &Plan) -> Vec<Service> {
    if fleet.workloads().next().is_none() {
        return Vec::new();
    }
    let all = Services::gather(fleet, plan);
    all.rows.into_values().chain(all.others.into_values()).collect()
}

/// Everything that findings of a call can be about: each row of the plan, with files or without, services that are
/// deployed without one, base images, and the Dockerfiles that are nothing of this.
pub(super) fn subjects(fleet: &Fleet, plan: &Plan) -> Vec<Subject> {
    let Services { mut rows, others, by_dockerfile, .. } = Services::gather(fleet, plan);
    let planned = plan.services.iter().enumerate().map(|(at, row)| {
        let none = || Service { name: row.name.value.clone(), planned: true, ..Service::default() };
        rows.remove(&at).unwrap_or_else(none)
    });
    let services = planned.chain(others.into_values());
    let mut all: Vec<Subject> =
        services.map(|service| Subject { kind: SubjectKind::Service, service }).collect();
    let rest = fleet.members.iter().filter(|member| match member.role {
        Role::Base => true,
        _ => member.service.is_none() && !by_dockerfile.contains_key(member.path.as_str()),
    });
    let mut bases: BTreeMap<SmolStr, usize> = BTreeMap::new();
    for member in rest {
        let path: SmolStr = member.path.as_str().into();
        let (kind, name) = match (member.role, member.image_names.first()) {
            (Role::Base, Some(name)) => (SubjectKind::Base, name.clone()),
            _ => (SubjectKind::Other, path.clone()),
        };
        // A second Dockerfile of one base is its file too.
        let known = bases.get(&name).and_then(|at| all.get_mut(*at));
        match known.filter(|_| kind == SubjectKind::Base) {
            Some(subject) => subject.service.add_file(path),
            None => {
                bases.insert(name.clone(), all.len());
                all.push(Subject {
                    kind,
                    service: Service { name, files: vec![path], ..Service::default() },
                });
            }
        }
    }
    all
}

/// The same of the images of a call: planned services first, then images of nobody.
pub(super) fn subjects_of_images(set: &ImageSet, plan: &Plan) -> Vec<Subject> {
    let services = of_images(set, plan).into_iter();
    let services = services.map(|service| Subject { kind: SubjectKind::Service, service });
    let others = set.images.iter().filter(|image| !image.is_candidate && image.service.is_none());
    let others = others.map(|image| {
        let service =
            Service { name: image.name.clone(), files: vec![image.name.clone()], ..Service::default() };
        Subject { kind: SubjectKind::Other, service }
    });
    services.chain(others).collect()
}

/// The planned services that the images of a call belong to, in the order of the plan, with the names of their images.
pub(super) fn of_images(set: &ImageSet, plan: &Plan) -> Vec<Service> {
    let mut rows: BTreeMap<usize, Service> = BTreeMap::new();
    for image in set.images.iter().filter(|image| !image.is_candidate) {
        let Some((at, row)) = image.service.and_then(|at| Some((at, plan.services.get(at)?))) else {
            continue;
        };
        let new = || Service { name: row.name.value.clone(), planned: true, ..Service::default() };
        rows.entry(at).or_insert_with(new).add_file(image.name.clone());
    }
    rows.into_values().collect()
}

struct Services<'p> {
    plan: &'p Plan,
    /// By index of the planned row.
    rows: BTreeMap<usize, Service>,
    /// By normalised name.
    others: BTreeMap<String, Service>,
    /// The unplanned service that a Dockerfile was met for.
    by_dockerfile: BTreeMap<SmolStr, String>,
}

impl<'p> Services<'p> {
    /// Every service that a Dockerfile or a deployment file of the fleet makes.
    fn gather(fleet: &Fleet, plan: &'p Plan) -> Self {
        let mut all =
            Self { plan, rows: BTreeMap::new(), others: BTreeMap::new(), by_dockerfile: BTreeMap::new() };
        for workload in fleet.workloads() {
            all.workload(workload);
        }
        for member in fleet.members.iter().filter(|member| member.role != Role::Base) {
            all.dockerfile(member.service, &member.path);
        }
        all
    }

    fn workload(&mut self, workload: &Workload) {
        let dockerfile = workload.dockerfile.clone();
        let known = dockerfile.as_ref().and_then(|path| self.by_dockerfile.get(path).cloned());
        let key = known.unwrap_or_else(|| normalise(&workload.name.value));
        if let (None, Some(path)) = (workload.service, &dockerfile) {
            self.by_dockerfile.entry(path.clone()).or_insert_with(|| key.clone());
        }
        let service = self.entry(workload.service, key, &workload.name.value);
        service.parts.push((workload.source.path().into(), workload.subject.clone()));
        if let Some(path) = dockerfile {
            service.add_file(path);
        }
        service.add_file(workload.source.path().into());
    }

    fn dockerfile(&mut self, row: Option<usize>, path: &str) {
        // A Dockerfile that nothing deploys is no service of its own unless the plan says so.
        let key = self.by_dockerfile.get(path).cloned();
        if row.is_none() && key.is_none() {
            return;
        }
        let service = self.entry(row, key.unwrap_or_default(), path);
        service.add_file(path.into());
    }

    fn entry(&mut self, row: Option<usize>, key: String, name: &str) -> &mut Service {
        match row.and_then(|row| Some((row, self.plan.services.get(row)?))) {
            Some((row, planned)) => self.rows.entry(row).or_insert_with(|| Service {
                name: planned.name.value.clone(),
                planned: true,
                ..Service::default()
            }),
            None => {
                self.others.entry(key).or_insert_with(|| Service { name: name.into(), ..Service::default() })
            }
        }
    }
}
