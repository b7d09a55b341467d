//! Deployment files against the rows. `[deploy] required` asks for it or forbids it; without it a fleet that deploys most of
//! its rows is asked for the others, and a breach the other way round is a warning.

use std::collections::{HashMap, HashSet};

use crate::finding::{Findings, Severity};
use crate::fleet::Fleet;
use crate::model::{Project, Workload, WorkloadKind};
use crate::plan::{Plan, ServiceRow, normalise};
use crate::rules::common::{about, are_variants, is_fragment, machines_of};
use crate::rules::deployed::is_ours;
use crate::source::Place;

pub(super) fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let deployed: HashSet<usize> = fleet.workloads().filter_map(|workload| workload.service).collect();
    let is_asked = plan.deploy.required.as_ref().map(|wanted| wanted.value);
    if !is_asked.unwrap_or(!deployed.is_empty() && deployed.len() * 2 >= plan.services.len()) {
        return;
    }
    let projects: Vec<&Project> = fleet.projects.iter().filter(|project| !project.partial).collect();
    // Nothing that is deployed may be seen by a call of single Dockerfiles.
    if fleet.whole {
        rows(&deployed, plan, out);
        on_machines(&projects, plan, out);
    }
    twice(&projects, plan, out);
    strangers(fleet, &projects, plan, out);
}

/// Rows that no file deploys.
fn rows(deployed: &HashSet<usize>, plan: &Plan, out: &mut Findings) {
    for (_, row) in plan.services.iter().enumerate().filter(|(at, _)| !deployed.contains(at)) {
        let name = &row.name.value;
        out.add(&row.name.place, format!("no compose file and no manifest deploys `{name}`"))
            .help("deploy it, or take the row out of the plan")
            .service(name.clone());
    }
}

/// Rows that none of the projects of their machine starts, though another one does.
fn on_machines(projects: &[&Project], plan: &Plan, out: &mut Findings) {
    let started: Vec<(Vec<usize>, HashSet<usize>)> = projects
        .iter()
        .map(|project| {
            let rows = project.services.iter().filter_map(|workload| workload.service);
            (machines_of(project, plan), rows.collect())
        })
        .collect();
    for (at, row) in plan.services.iter().enumerate() {
        // Who is in no compose file at all runs in pods, or is reported already.
        if !started.iter().any(|(_, rows)| rows.contains(&at)) {
            continue;
        }
        for machine in machines_with_files(row, plan) {
            let is_started =
                started.iter().any(|(machines, rows)| machines.contains(&machine) && rows.contains(&at));
            if !is_started {
                let (name, machine) = (&row.name.value, &plan.machines[machine].name.value);
                out.add(row_place(row), format!("no compose file of `{machine}` starts `{name}`"))
                    .help(format!("add it to a file of `[machines.{machine}] compose`, or take the machine out of the row"))
                    .service(name.clone());
            }
        }
    }
}

/// The machines of a row that say which compose files they run.
fn machines_with_files(row: &ServiceRow, plan: &Plan) -> Vec<usize> {
    let on = row.on.as_ref().map(|on| on.value.as_slice()).unwrap_or_default();
    on.iter().copied().filter(|at| plan.machines.get(*at).is_some_and(|machine| !machine.compose.is_empty())).collect()
}

fn row_place(row: &ServiceRow) -> &Place {
    row.on.as_ref().map_or(&row.name.place, |on| &on.place)
}

/// Two projects of one machine that start one planned service under its name.
fn twice(projects: &[&Project], plan: &Plan, out: &mut Findings) {
    let mut first: HashMap<(usize, usize), (&Project, &Workload)> = HashMap::new();
    for project in projects {
        let machines = machines_of(project, plan);
        for workload in &project.services {
            let Some(row) = workload.service.filter(|row| *row < plan.services.len()) else { continue };
            let name = &plan.services[row].name.value;
            if normalise(&workload.name.value) != normalise(name) {
                continue;
            }
            for machine in &machines {
                let (origin, other) = *first.entry((row, *machine)).or_insert((project, workload));
                if !std::ptr::eq(origin, *project) && !are_variants(origin, project) {
                    let machine = &plan.machines[*machine].name.value;
                    let message = format!("starts `{name}` on `{machine}`, where another file starts it already");
                    about(out.add(&workload.place, message), workload, plan).related(&other.place, "the other entry");
                }
            }
        }
    }
}

/// What is built here or carries the plan's registry, and has no row; and what runs on a machine of no row of its.
fn strangers(fleet: &Fleet, projects: &[&Project], plan: &Plan, out: &mut Findings) {
    for project in projects {
        let machines = machines_of(project, plan);
        for workload in &project.services {
            stranger(workload, &workload.place, plan, out);
            let row = workload.service.and_then(|row| plan.services.get(row));
            let Some((row, on)) = row.and_then(|row| Some((row, row.on.as_ref()?))) else { continue };
            if !machines.is_empty() && !machines.iter().any(|machine| on.value.contains(machine)) {
                let machine = &plan.machines[machines[0]].name.value;
                let message = format!("runs on `{machine}`, where the plan has no `{}`", row.name.value);
                about(out.add(&workload.place, message), workload, plan).planned(on);
            }
        }
    }
    for object in fleet.manifests.iter().flat_map(|file| &file.objects) {
        let Some(pod) = &object.pod else { continue };
        // One finding for an object: its main containers are one service with its helpers.
        let mut main = pod.containers.iter().filter(|workload| workload.kind != WorkloadKind::PodInit);
        let is_known = main.clone().any(|workload| workload.service.is_some());
        if let Some(workload) = main.find(|workload| is_ours(workload, plan)).filter(|_| !is_known) {
            stranger(workload, &object.place, plan, out);
        }
    }
}

fn stranger(workload: &Workload, place: &Place, plan: &Plan, out: &mut Findings) {
    // What only a profile starts is a tool unless the plan asks for every deployment.
    let is_tool = || plan.deploy.required.is_none() && workload.tree.get("profiles").is_some();
    if workload.service.is_some() || is_fragment(workload) || !is_ours(workload, plan) || is_tool() {
        return;
    }
    let how = if workload.tree.get("build").is_some() { "is built and deployed here" } else { "is the fleet's own image" };
    let message = format!("`{}` {how}, and no row of the plan names it", workload.name.value);
    let finding = about(out.add(place, message), workload, plan);
    if plan.deploy.required.is_none() {
        finding.severity(Severity::Warning);
    }
    finding.help("add a row, or say to which one it belongs: `[services.rows.X] paths = [\"…\"]`");
}
