//! Endpoints that deployment files tell: published ports of compose services, addresses of Knative services.

use std::sync::Arc;

use smol_str::SmolStr;

use super::deployed::Deployed;
use super::hosts;
use super::planned::Replaced;
use super::scope::Scope;
use super::targets::{Found, Owner, port};
use crate::model::{
    ContractPort, EndpointContract, Manifest, Method, ProbeAction, Project, Spanned, Workload, WorkloadKind,
    WorkloadPort,
};
use crate::plan::{endpoint_contracts, join};
use crate::source::Place;

/// Adds what the files of the call start, and says which endpoints of rows they tell better than the plan.
pub(super) fn add(scope: &Scope<'_>, deployed: &Deployed, found: &mut Found) -> Replaced {
    let mut replaced = Replaced::new();
    for project in &deployed.files.projects {
        let path = project.files.first().map_or("a compose file", |file| file.source.path());
        if project.is_refused() {
            found.leave_out(path, "Compose refuses it, so nobody knows what it would start");
        } else if project.partial || project.variant {
            found.leave_out(path, "it is laid over another file; name both, or the one that runs");
        } else {
            let machine = machine_of(scope, project);
            if machine.is_some_and(|machine| !scope.is_about(machine)) {
                continue;
            }
            for workload in &project.services {
                compose_service(scope, workload, machine, found, &mut replaced);
            }
        }
    }
    for object in deployed.files.manifests.iter().flat_map(|file| &file.objects) {
        for workload in object.pod.iter().flat_map(|pod| &pod.containers).filter(|it| !it.runs_to_end()) {
            pod_container(scope, object, workload, found, &mut replaced);
        }
    }
    if !deployed.builds.is_empty() && deployed.files.projects.is_empty() && found.targets.is_empty() {
        found.leave_out(
            "Dockerfiles",
            "they are compared with containers, and no engine is asked: `--engine`",
        );
    }
    replaced
}

/// The machine that runs a project, as the plan says it.
fn machine_of(scope: &Scope<'_>, project: &Project) -> Option<usize> {
    let runs = |path: &str| {
        let is_it = |said: &Spanned<SmolStr>| join(&scope.plan.folder, &said.value) == join(".", path);
        scope.plan.machines.iter().position(|machine| machine.compose.iter().any(is_it))
    };
    project.files.iter().find_map(|file| runs(file.source.path()))
}

fn compose_service(
    scope: &Scope<'_>,
    workload: &Workload,
    machine: Option<usize>,
    found: &mut Found,
    replaced: &mut Replaced,
) {
    let Some(row) = workload.service else {
        // Who asks for services by name asks for nothing else.
        if scope.request.services.is_empty() {
            unplanned(scope, workload, machine, found);
        }
        return;
    };
    if !scope.rows.contains(&row) {
        return;
    }
    let planned = &scope.plan.services[row];
    let machines = match machine {
        Some(machine) => vec![Some(machine)],
        None => scope.machines_of(planned),
    };
    for contract in endpoint_contracts(scope.plan, Some(planned)) {
        let Some((port, _)) = port(planned, &contract.port) else { continue };
        // A service that does not publish the port is asked as the plan says.
        let Some(published) = published(workload, port) else { continue };
        for machine in &machines {
            replaced.insert((row, *machine, contract.name.clone()));
            let owner = Owner {
                service: Some(row),
                name: planned.name.value.clone(),
                machine: machine.map(|at| scope.plan.machines[at].name.value.clone()),
                container: None,
            };
            at_published(scope, &owner, published, *machine, &contract, found);
        }
    }
}

/// A published port: the container's, else the host's.
fn published(workload: &Workload, port: u16) -> Option<&Spanned<WorkloadPort>> {
    let tcp =
        || workload.ports.iter().filter(|said| said.value.protocol == "tcp" && said.value.host.is_some());
    let inside = tcp().find(|said| said.value.container.as_ref().is_ok_and(|inside| *inside == port));
    inside.or_else(|| tcp().find(|said| said.value.host == Some((port, port))))
}

/// Asks an endpoint at a port that a compose file publishes.
fn at_published(
    scope: &Scope<'_>,
    owner: &Owner,
    published: &Spanned<WorkloadPort>,
    machine: Option<usize>,
    contract: &Arc<EndpointContract>,
    found: &mut Found,
) {
    let port = match published.value.host {
        Some((first, last)) if first == last => first,
        _ => {
            return found.leave_out(owner.name.as_str(), "the engine picks the port that it is published at");
        }
    };
    let everywhere = match scope.host_of(machine) {
        Ok(host) => host,
        Err(why) => return found.leave_out(owner.name.as_str(), why),
    };
    let host = hosts::of_published(published.value.host_ip.as_deref().unwrap_or_default(), everywhere);
    if hosts::is_local(&host) && !hosts::is_local(everywhere) {
        let why = format!("it is published at {host} of {everywhere} only, which nobody reaches from here");
        return found.leave_out(owner.name.as_str(), why);
    }
    let place = published.value.host_place.as_ref().unwrap_or(&published.place);
    found.ask(scope, owner, place, contract, vec![super::targets::url(&host, port, contract)]);
}

/// A service of a compose file that the plan has no row for: what its own health check asks.
fn unplanned(scope: &Scope<'_>, workload: &Workload, machine: Option<usize>, found: &mut Found) {
    let what = format!("compose service `{}`", workload.name.value);
    let health = workload.container.healthcheck();
    let probe = health.known().and_then(|health| {
        health.probes.iter().find_map(|probe| {
            let path = probe.path.certain()?;
            let port: u16 = probe.port.certain()?.parse().ok()?;
            path.starts_with('/').then(|| (path.to_owned(), port))
        })
    });
    let Some((path, port)) = probe else {
        return found
            .leave_out(what, "no planned service, and no health check over HTTP that says what to ask");
    };
    let Some(published) = published(workload, port) else {
        return found.leave_out(what, format!("no planned service, and port {port} is not published"));
    };
    let owner = Owner { service: None, name: workload.name.value.clone(), machine: None, container: None };
    let contract = contract_of_path(scope, &path, &workload.place, port);
    at_published(scope, &owner, published, machine, &contract, found);
}

/// The plan's contract of health when it is about this path, else one of the path that wants status 200.
fn contract_of_path(scope: &Scope<'_>, path: &str, place: &Place, port: u16) -> Arc<EndpointContract> {
    let planned = endpoint_contracts(scope.plan, None).into_iter().find(|contract| {
        contract.rule() == "health-contract" && contract.method == Method::Get && contract.path.value == path
    });
    planned.unwrap_or_else(|| {
        let path = Spanned::new(path.into(), place.clone());
        let port = ContractPort::Number(Spanned::new(port, place.clone()));
        Arc::new(EndpointContract { port, ..EndpointContract::get("health".into(), path) })
    })
}

/// A container of a pod: at the address that Knative gave it, or at `--host`.
fn pod_container(
    scope: &Scope<'_>,
    object: &Manifest,
    workload: &Workload,
    found: &mut Found,
    replaced: &mut Replaced,
) {
    let row = workload.service;
    let is_meant = row.map_or(scope.request.services.is_empty(), |row| scope.rows.contains(&row));
    if !is_meant {
        return;
    }
    let (address, place) = match address(scope, object, workload) {
        Ok(found) => found,
        Err(why) => return found.leave_out(workload.subject.as_str(), why),
    };
    let planned = row.map(|row| &scope.plan.services[row]);
    let owner = Owner {
        service: row,
        name: planned.map_or_else(|| workload.subject.clone(), |row| row.name.value.clone()),
        machine: None,
        container: None,
    };
    let probed = workload.probes.iter().find_map(|probe| match &probe.value.action {
        ProbeAction::Http { path: Some(path), .. } if path.value.starts_with('/') => Some(path),
        _ => None,
    });
    let contracts = match (planned, probed) {
        (None, Some(path)) => vec![contract_of_path(scope, &path.value, &path.place, 0)],
        _ => endpoint_contracts(scope.plan, planned),
    };
    for contract in contracts {
        if let Some(row) = row {
            for machine in scope.machines_of(&scope.plan.services[row]) {
                replaced.insert((row, machine, contract.name.clone()));
            }
        }
        let url = SmolStr::new(format!("{address}{}", contract.path.value));
        found.ask(scope, &owner, &place, &contract, vec![url]);
    }
}

/// Where a pod's container is asked, without a path, and the line that says it; `Err`: why nobody knows.
fn address(
    scope: &Scope<'_>,
    object: &Manifest,
    workload: &Workload,
) -> Result<(String, Place), &'static str> {
    if let Some(host) = &scope.host {
        let declared = workload.ports.iter().find_map(|port| {
            let number = port.value.container.as_ref().ok()?;
            (port.value.protocol == "tcp").then(|| (*number, port.place.clone()))
        });
        let usual = || workload.knative_port().map(|port| (port, workload.place.clone()));
        let (port, place) = declared.or_else(usual).ok_or("it declares no port that could be asked")?;
        return Ok((format!("http://{host}:{port}"), place));
    }
    if workload.kind != WorkloadKind::Knative {
        return Err("nothing says where a pod is reached from here; `--host` does");
    }
    let said = object.tree.at(&["status", "url"]).and_then(|node| Some((node, node.text()?)));
    let (node, text) = said.ok_or(
        "the manifest does not say where it is reached; `kubectl get ksvc -o json` does, or give `--host`",
    )?;
    let (scheme, rest) = text.split_once("://").ok_or("`status.url` is no URL")?;
    let rest = rest.trim_end_matches('/');
    let (name, port) = match rest.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => (name, format!(":{port}")),
        _ => (rest, String::new()),
    };
    match hosts::host(name) {
        Ok(host) if matches!(scheme, "http" | "https") => {
            Ok((format!("{scheme}://{host}{port}"), node.place.clone()))
        }
        _ => Err("`status.url` is no address of a service"),
    }
}
