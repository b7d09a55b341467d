//! What the probes of a pod's container ask.

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{PodProbe, ProbeAction, Spanned, Workload, WorkloadKind, WorkloadPort};
use crate::plan::{Contract, Plan};
use crate::rules::deployed::{row, serves};
use crate::source::Place;

/// Contracts that say what a probe may ask beside `[health] path`.
const CONTRACTS: &[&str] = &["health", "healthz", "live", "livez", "ready", "readyz"];
/// Where Knative sends requests when no port is named.
const KNATIVE_PORT: u16 = 8080;

/// What is wrong with one probe; the line of the plan is the port's when `by_port`.
struct Fault {
    place: Place,
    message: String,
    by_port: bool,
}

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    let Some(path) = &plan.health.path else { return };
    if !serves(workload) || workload.service.is_none() {
        return;
    }
    let row = row(workload, plan);
    let port = row.and_then(|row| row.health_port.as_ref());
    let contracts = row.map(|row| row.contracts.as_slice()).unwrap_or_default();
    let paths: Vec<&str> = contracts
        .iter()
        .chain(&plan.contracts)
        .filter_map(path_of)
        .chain([path.value.as_str()])
        .collect();
    let http = |probe: &&Spanned<PodProbe>| matches!(probe.value.action, ProbeAction::Http { .. });
    let any = workload.probes.iter().any(|probe| http(&probe));
    // Beside a request of the planned path a mere connection does no harm.
    let judged = workload.probes.iter().filter(|probe| !any || http(probe));
    for fault in judged.filter_map(|probe| verdict(probe, &paths, port, workload)) {
        let asked = port.map_or(String::new(), |port| format!(" on port `{}`", port.value));
        let finding = out.add(&fault.place, fault.message);
        match port.filter(|_| fault.by_port) {
            Some(port) => finding.planned(port),
            None => finding.planned(path),
        };
        finding.help(format!("ask `{}`{asked} with `httpGet`", path.value));
    }
}

/// The path of a contract about health.
fn path_of(contract: &Contract) -> Option<&str> {
    let named = CONTRACTS.contains(&contract.name.value.as_str());
    let path = contract.values.iter().find(|(key, _)| key == "path").filter(|_| named)?;
    Some(path.1.value.as_str())
}

/// What is wrong with a probe; `None` as well when it cannot be told.
fn verdict(
    probe: &Spanned<PodProbe>,
    paths: &[&str],
    port: Option<&Spanned<u16>>,
    workload: &Workload,
) -> Option<Fault> {
    let key = probe.value.kind.key();
    let only = |what: &str| Fault {
        place: probe.place.clone(),
        message: format!("`{key}` only {what}, planned a request of `{}`", paths.last().unwrap_or(&"/")),
        by_port: false,
    };
    match &probe.value.action {
        ProbeAction::Http { path, port: asked } => {
            let found = path.as_ref().map_or("/", |path| path.value.split(['?', '#']).next().unwrap_or("/"));
            if !paths.contains(&found) {
                let place = path.as_ref().map_or(&probe.place, |path| &path.place).clone();
                let planned = paths.last().unwrap_or(&"/");
                let message = format!("`{key}` asks `{found}`, planned `{planned}`");
                return Some(Fault { place, message, by_port: false });
            }
            // A probe that names no port follows the container's, which other rules judge.
            asked.as_ref()?;
            let (want, found) = (port?, number(asked.as_ref(), workload)?);
            // A port that the container does not declare is `probe-port`'s.
            let declares = |port: &Spanned<WorkloadPort>| port.value.container == Ok(found);
            if !workload.ports.is_empty() && !workload.ports.iter().any(declares) {
                return None;
            }
            let place = asked.as_ref().map_or(&probe.place, |asked| &asked.place).clone();
            let message = format!("`{key}` asks port `{found}`, planned `{}`", want.value);
            (found != want.value).then_some(Fault { place, message, by_port: true })
        }
        ProbeAction::Tcp { .. } => Some(only("connects")),
        ProbeAction::Grpc { .. } => Some(only("asks by gRPC")),
        // What a program asks cannot be told.
        ProbeAction::Exec(_) | ProbeAction::Unknown => None,
    }
}

/// The number of a probe's port; of a name, that of the port with this name.
fn number(asked: Option<&Spanned<SmolStr>>, workload: &Workload) -> Option<u16> {
    let number = |place: usize| workload.ports.get(place)?.value.container.as_ref().ok().copied();
    match asked {
        Some(asked) => asked.value.parse().ok().or_else(|| {
            let named = |port: &Spanned<WorkloadPort>| port.value.name.as_ref() == Some(&asked.value);
            number(workload.ports.iter().position(named)?)
        }),
        None if workload.kind == WorkloadKind::Knative => {
            if workload.ports.is_empty() { Some(KNATIVE_PORT) } else { number(0) }
        }
        None => None,
    }
}
