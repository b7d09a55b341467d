//! One rule on a few files in memory.

use std::collections::BTreeMap;

use crate::finding::{Findings, Kind};
use crate::fleet::{Fleet, FleetBases, row_of_workload};
use crate::lower::compose::{ComposeRequest, load};
use crate::lower::{Files, MemoryFiles, kubernetes, lookups};
use crate::plan::PlanIndex;
use crate::rules::{Check, find};
use crate::syntax::yaml;

/// What a rule says, as `path:line severity` with `open` for what it cannot tell, in order. Each `compose.yaml` is a
/// project, each `pod.yaml` a manifest.
pub(in crate::rules) fn said(rule: &str, plan: &str, files: &[(&str, &str)]) -> Vec<String> {
    let plan = crate::plan::testing::load_text(plan).expect("the plan is read");
    let rule = find(rule).expect("the rule exists");
    let map: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let dockerfiles: Vec<_> =
        files.iter().map(|(name, _)| *name).filter(|name| name.ends_with("Dockerfile")).collect();
    let dockerfiles: Vec<smol_str::SmolStr> = dockerfiles.into_iter().map(Into::into).collect();
    let memory = MemoryFiles::new(map);
    let index = PlanIndex::new(&plan);
    let bases = FleetBases::new(&dockerfiles, &plan, &index, &memory, &[], None, ".");
    let mut fleet = Fleet::link(Vec::new(), Vec::new(), true);
    for (name, _) in files.iter().filter(|(name, _)| name.ends_with("compose.yaml")) {
        let source = memory.read(name).expect("the file is there");
        let request = ComposeRequest { sources: &[source], files: &memory, images: &bases, environment: &[] };
        let mut project = load(request);
        project.lookups = lookups::look_up(&project, &memory);
        for workload in &mut project.services {
            workload.service = row_of_workload(workload, None, &plan, &index);
        }
        fleet.projects.push(project);
    }
    for (name, _) in files.iter().filter(|(name, _)| name.ends_with("pod.yaml")) {
        let source = memory.read(name).expect("the file is there");
        let mut file = kubernetes::manifests(&source, yaml::parse(&source), &bases);
        for pod in file.objects.iter_mut().filter_map(|object| object.pod.as_mut()) {
            for workload in &mut pod.containers {
                workload.service = row_of_workload(workload, None, &plan, &index);
            }
        }
        fleet.manifests.push(file);
    }
    let mut out = Findings::new();
    out.speak_for(rule.id, rule.severity);
    for check in rule.check.each() {
        match check {
            Check::Project(check) => {
                fleet.projects.iter().for_each(|project| check(project, &plan, &mut out))
            }
            Check::Workload(check) => fleet.workloads().for_each(|workload| check(workload, &plan, &mut out)),
            Check::Fleet(check) => check(&fleet, &plan, &mut out),
            _ => {}
        }
    }
    let shown = out.into_vec().into_iter().map(|one| {
        let word = if one.kind == Kind::Open { "open" } else { one.severity.name() };
        format!("{}:{} {word}", one.place.source.path(), one.place.start().line)
    });
    let mut shown: Vec<String> = shown.collect();
    shown.sort();
    shown
}

/// What a rule says of one project, without a plan.
pub(in crate::rules) fn alone(rule: &str, text: &str) -> Vec<String> {
    said(rule, "", &[("compose.yaml", text)])
}
